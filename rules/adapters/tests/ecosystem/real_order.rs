//! Python's `packaging` and npm's `semver` themselves agree on the order of versions, and on what satisfies what; each
//! difference there is stands in a table here, with its reason.

use std::cmp::Ordering;
use std::path::Path;

use model::Version;

use crate::scratch::{has, output};
use crate::tools::json;

/// Versions of every shape that both notations can say, in no order.
fn versions() -> Vec<String> {
    let mut found = Vec::new();
    for release in [
        "0.0.1", "0.1.0", "0.10.0", "0.2.0", "1.0.0", "1.2.0", "1.2.10", "1.2.3", "2.0.0", "10.0.0",
    ] {
        found.push(release.to_owned());
        for pre in [
            "alpha.1", "alpha.10", "alpha.2", "beta.1", "rc.1", "rc.11", "rc.2", "dev.1",
        ] {
            found.push(format!("{release}-{pre}"));
        }
    }
    found
}

fn version(text: &str) -> Version {
    text.parse().expect("a version written in this test")
}

/// Asks a program of another language about every line, and gets a line for each.
fn ask(argv: &[&str], lines: &[String]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("asked.json");
    let text = serde_json::to_string(lines).expect("texts");
    std::fs::write(&file, text).expect("a file");
    let file = file.to_str().expect("a name").to_owned();
    let said = output(Path::new("/"), &[argv, &[&file]].concat());
    let said = json(&said);
    let said = said.as_array().expect("a list").iter();
    let said: Vec<String> = said.map(ToString::to_string).collect();
    assert_eq!(said.len(), lines.len());
    said
}

/// Whether Python can be asked: its `pip` brings `packaging`.
fn has_packaging() -> bool {
    has("python3")
}

const PACKAGING: &str = "
import json, sys
try:
    from packaging.version import Version
    from packaging.specifiers import SpecifierSet
except ImportError:
    from pip._vendor.packaging.version import Version
    from pip._vendor.packaging.specifiers import SpecifierSet
asked = json.load(open(sys.argv[1]))
def answer(line):
    what, a, b = line.split('\\t')
    if what == 'order':
        a, b = Version(a), Version(b)
        return (a > b) - (a < b)
    specifiers = SpecifierSet(a)
    # Before 24.1, a pre-release after < or > did not count as asking for pre-releases.
    asks = any(one.operator in '<>' and Version(one.version).is_prerelease for one in specifiers)
    return specifiers.contains(b, prereleases=True if asks else None)
print(json.dumps([answer(line) for line in asked]))
";

const SEMVER: &str = "
const fs = require('fs');
const root = require('child_process').execSync('npm root -g', { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
const semver = require(root + '/npm/node_modules/semver');
const asked = JSON.parse(fs.readFileSync(process.argv[1], 'utf8'));
console.log(JSON.stringify(asked.map((line) => {
    const [what, a, b] = line.split('\\t');
    return what === 'order' ? semver.compare(a, b) : semver.satisfies(b, a);
})));
";

fn number(order: Ordering) -> String {
    (order as i8).to_string()
}

/// Every pair that is ordered otherwise than by us, without those that `is_known`.
fn misordered(
    argv: &[&str],
    shown: &[(Version, String)],
    is_known: impl Fn(&Version, &Version) -> bool,
) -> Vec<String> {
    let pairs: Vec<_> = shown
        .iter()
        .flat_map(|a| shown.iter().map(move |b| (a, b)))
        .filter(|(a, b)| a.1 < b.1)
        .collect();
    let asked: Vec<String> = pairs
        .iter()
        .map(|(a, b)| format!("order\t{}\t{}", a.1, b.1))
        .collect();
    let said = ask(argv, &asked);
    let (mut wrong, mut known) = (Vec::new(), 0);
    for ((a, b), said) in pairs.into_iter().zip(said) {
        let ours = number(a.0.cmp(&b.0));
        match (ours == said, is_known(&a.0, &b.0)) {
            (true, false) => {}
            (false, true) => known += 1,
            (true, true) => wrong.push(format!("{} and {}: no longer a difference", a.0, b.0)),
            (false, false) => wrong.push(format!("{} and {}: we say {ours}, they say {said}", a.0, b.0)),
        }
    }
    assert!(
        asked.len() > 3_000 && known < asked.len() / 20,
        "{known} of {}",
        asked.len()
    );
    wrong
}

#[test]
fn packaging_orders_versions_as_we_do() {
    if !has_packaging() {
        return;
    }
    let shown: Vec<(Version, String)> = versions()
        .iter()
        .map(|text| {
            let version = version(text);
            let written = Version::from_pep440(&pep440(text)).expect("a version");
            assert_eq!(written, version, "there and back");
            (version, pep440(text))
        })
        .collect();
    // SemVer compares words by their letters (clause 11.4.2), so that alpha < beta < dev < rc; to Python a development
    // release comes before all others. Only packages that mix both words for one release ever see it.
    let is_known = |a: &Version, b: &Version| {
        let word = |version: &Version| {
            version
                .semver()
                .pre
                .as_str()
                .split('.')
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let core = |version: &Version| {
            (
                version.semver().major,
                version.semver().minor,
                version.semver().patch,
            )
        };
        let words = [word(a), word(b)];
        core(a) == core(b)
            && words.contains(&"dev".to_owned())
            && words.iter().any(|word| word == "alpha" || word == "beta")
    };
    let wrong = misordered(&["python3", "-c", PACKAGING], &shown, is_known);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What PEP 440 calls a version of this list, written by hand so that the test is not our own mapping twice.
fn pep440(semver: &str) -> String {
    semver
        .replace("-alpha.", "a")
        .replace("-beta.", "b")
        .replace("-rc.", "rc")
        .replace("-dev.", ".dev")
}

#[test]
fn npm_orders_versions_as_we_do() {
    if !has("npm") {
        return;
    }
    let shown: Vec<(Version, String)> = versions()
        .iter()
        .map(|text| (version(text), text.clone()))
        .collect();
    let wrong = misordered(&["node", "-e", SEMVER], &shown, |_, _| false);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every requirement and version of which they say something else than we do.
fn disputed(argv: &[&str], kind: &str, requirements: &[&str], spell: impl Fn(&str) -> String) -> Vec<String> {
    let pairs: Vec<(&str, String)> = requirements
        .iter()
        .flat_map(|requirement| versions().into_iter().map(move |version| (*requirement, version)))
        .collect();
    let asked: Vec<String> = pairs
        .iter()
        .map(|(requirement, version)| format!("fits\t{requirement}\t{}", spell(version)))
        .collect();
    let said = ask(argv, &asked);
    assert!(asked.len() > 1_500, "only {}", asked.len());
    let judged = pairs.iter().zip(said).filter_map(|((requirement, text), said)| {
        let ours = adapters::fits(kind, requirement, &version(text)).to_string();
        (ours != said).then(|| format!("{requirement} with {text}: we say {ours}, they say {said}"))
    });
    judged.collect()
}

#[test]
fn packaging_agrees_on_what_satisfies_a_specifier() {
    if !has_packaging() {
        return;
    }
    let specifiers = [
        ">=1.2",
        ">=1.2,<2",
        ">=1.2.3rc1",
        ">=1.2.3rc1,<2",
        "<2",
        "<2.0.0rc1",
        "<=1.2.3",
        ">1.2",
        ">1.2.3rc1",
        "==1.2.3",
        "==1.2.3rc1",
        "==1.2.*",
        "!=1.2.*",
        "!=1.2.3",
        "~=1.2",
        "~=1.2.3",
        "~=1.2.3rc1",
        "~=0.1.0",
        "==1.2",
        "==1.2.0",
        ">=0",
        ">=1.0.dev1",
        "<1.0.dev1",
        ">= 1.2 , < 2",
    ];
    let wrong = disputed(&["python3", "-c", PACKAGING], "uv", &specifiers, pep440);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn npm_agrees_on_what_satisfies_a_range() {
    if !has("npm") {
        return;
    }
    let ranges = [
        "^1.2.0",
        "^0.1.0",
        "^0.0.1",
        "^1",
        "^1.x",
        "~1.2",
        "~1.2.3",
        "~0",
        "1.x",
        "1.2.x",
        "1",
        "*",
        "",
        "x",
        "1.2.3",
        "=1.2.3",
        "v1.2.3",
        ">=1.2",
        ">1.2",
        "<2",
        "<=1.2",
        ">=1.2 <2",
        ">=1.2.0 <2.0.0-0",
        "1.2.0 - 2",
        "1.0.0 - 1.2.3",
        "^1.0.0 || ^2.0.0",
        "^1.2.3-rc.1",
        "~1.2.3-beta.1",
        ">=1.2.3-rc.2",
        ">1.2.3-rc.2 <2",
        "1.2.3-rc.1",
        "<1.2.3-rc.2",
        "^0.1.0-alpha.1",
        "0.x || 10",
        ">= 1.2.3",
        "~> 1.2",
    ];
    // `semver` lets `*` and nothing at all mean releases only. To npm as an installer, and to pnpm, either means whatever
    // is there, a pre-release too; what counts is whether it installs.
    let known = ["*", ""];
    let wrong = disputed(&["node", "-e", SEMVER], "npm", &ranges, str::to_owned);
    let is_known = |line: &&String| {
        known.iter().any(|range| {
            let rest = line
                .strip_prefix(range)
                .and_then(|rest| rest.strip_prefix(" with "));
            rest.is_some_and(|rest| rest.contains('-') && rest.ends_with("we say true, they say false"))
        })
    };
    let (known, wrong): (Vec<&String>, Vec<&String>) = wrong.iter().partition(|line| is_known(line));
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(known.len(), 2 * 80, "the difference is no longer one");
}
