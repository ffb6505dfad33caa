//! Packages of one repository and one another: what is built with whom, what is required of whom, and what repeats it.

use model::{LACKS, MentionKind, PinStrategy, Pins};

use crate::scratch::{Bench, has};
use crate::tools::Table;
use crate::tree::{Tree, discover, try_discover};

/// A build backend that makes just what is asked for.
const BACKEND: &str = r#"import tarfile, zipfile
import bbq_base

NAME = "bbq_app-1.1.0"

def build_sdist(folder, settings=None):
    with tarfile.open(f"{folder}/{NAME}.tar.gz", "w:gz") as archive:
        archive.add("pyproject.toml", f"{NAME}/pyproject.toml")
    return f"{NAME}.tar.gz"

def build_wheel(folder, settings=None, metadata=None):
    with zipfile.ZipFile(f"{folder}/{NAME}-py3-none-any.whl", "w") as archive:
        info = f"{NAME}.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: bbq-app\nVersion: 1.1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{NAME}-py3-none-any.whl"
"#;

const PLUGGED: Table<'_> = &[
    (
        "pyproject.toml",
        "[tool.uv.workspace]\nmembers = [\"app\", \"base\", \"plug\"]\n",
    ),
    (
        "app/pyproject.toml",
        "[project]\nname = \"bbq-app\"\nversion = \"1.0.0\"\n[build-system]\nrequires = [\"bbq.plug\"]\nbuild-backend = \"bbq_plug\"\n",
    ),
    ("app/src/bbq_app/__init__.py", ""),
    (
        "plug/pyproject.toml",
        "[project]\nname = \"bbq-plug\"\nversion = \"1.0.0\"\ndependencies = [\"bbq-base\"]\n[build-system]\nrequires = [\"uv_build>=0.5,<99\"]\nbuild-backend = \"uv_build\"\n",
    ),
    ("plug/src/bbq_plug/__init__.py", BACKEND),
    (
        "base/pyproject.toml",
        "[project]\nname = \"bbq-base\"\nversion = \"1.0.0\"\n[build-system]\nrequires = [\"uv_build>=0.5,<99\"]\nbuild-backend = \"uv_build\"\n",
    ),
    ("base/src/bbq_base/__init__.py", ""),
];

#[test]
fn uv_builds_with_the_wheels_of_siblings_and_never_with_strangers() {
    let found = discover("uv", PLUGGED);
    let all: Vec<&model::Package> = found.iter().collect();
    let app = found
        .iter()
        .find(|package| package.name() == "bbq-app")
        .expect("there");
    let recipe = adapters::ecosystem::standard()["uv"].recipe(app, &app.version, &all);
    let laid: Vec<(&str, &str)> = recipe
        .artifacts
        .iter()
        .map(|(folder, id)| (folder.as_str(), id.name.as_str()))
        .collect();
    assert_eq!(
        laid,
        [
            (".siblings/bbq-base", "bbq-base"),
            (".siblings/bbq-plug", "bbq-plug")
        ]
    );
    if !has("uv") {
        return;
    }
    let mut bench = Bench::new("uv", PLUGGED);
    bench.build("bbq-base", "1.1.0", PinStrategy::Exact, &[]);
    bench.build("bbq-plug", "1.1.0", PinStrategy::Exact, &[("bbq-base", "1.1.0")]);
    let needs = [("bbq-plug", "1.1.0")];
    let made = bench.build("bbq-app", "1.1.0", PinStrategy::Exact, &needs);
    assert_eq!(
        made.keys().map(String::as_str).collect::<Vec<_>>(),
        ["bbq_app-1.1.0-py3-none-any.whl", "bbq_app-1.1.0.tar.gz"]
    );
}

#[test]
fn a_peers_range_stays_while_it_holds() {
    let manifest = |range: &str| {
        format!("{{\"name\":\"b\",\"version\":\"1.0.0\",\"peerDependencies\":{{\"a\":\"{range}\"}}}}")
    };
    let table = [
        (">=1", "1.5.0", ">=1"),
        ("^1.0.0 || ^2.0.0", "1.5.0", "^1.0.0 || ^2.0.0"),
        ("workspace:>=1", "1.5.0", ">=1"),
        (">=1 <2", "2.0.0", "^2.0.0"),
        ("workspace:^", "1.5.0", "^1.5.0"),
    ];
    for (before, version, after) in table {
        let text = manifest(before);
        let found = &discover("npm", &[("package.json", text.as_str())])[0];
        let version = version.parse().expect("a version");
        let pins = Pins {
            version: None,
            dependencies: [("a".to_owned(), (version, PinStrategy::Compatible))].into(),
        };
        let npm = &adapters::ecosystem::standard()["npm"];
        let pinned = npm.pin(found, &[("package.json".to_owned(), text.clone())].into(), &pins);
        assert_eq!(pinned.expect("sound")["package.json"], manifest(after));
    }
}

#[test]
fn what_is_lacking_is_not_called_private_and_what_is_there_twice_is_refused() {
    let table = [
        ("npm", "package.json", "{\"name\":\"a\"}", Some("`version`")),
        ("npm", "package.json", "{\"name\":\"a\",\"private\":true}", None),
        (
            "cargo",
            "Cargo.toml",
            "[package]\nname = \"a\"\n",
            Some("`version` in [package]"),
        ),
        (
            "cargo",
            "Cargo.toml",
            "[package]\nname = \"a\"\npublish = false\n",
            None,
        ),
        (
            "uv",
            "pyproject.toml",
            "[project]\nname = \"a\"\nversion = \"1\"\n",
            Some("[build-system]"),
        ),
        (
            "uv",
            "pyproject.toml",
            "[project]\nname = \"a\"\nversion = \"1\"\n[tool.uv]\npackage = false\n",
            None,
        ),
    ];
    for (kind, file, text, lacks) in table {
        let found = &discover(kind, &[(file, text)])[0];
        assert!(found.private, "{text}");
        assert_eq!(found.notes.get(LACKS).map(String::as_str), lacks, "{text}");
    }
    let twice = "{\n  \"name\": \"a\",\n  \"version\": \"1.0.0\",\n  \"version\": \"2.0.0\"\n}\n";
    let wrong = try_discover("npm", &[("package.json", twice)], "").expect_err("refused");
    assert_eq!(wrong[0].message, "`version` stands in this manifest twice");
    assert_eq!(wrong[0].location.as_ref().map(|at| at.line), Some(4));
}

#[test]
fn a_stale_lock_file_of_pnpm_is_seen() {
    let lock = |specifier: &str| {
        format!(
            "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {{}}\n\n  b:\n    dependencies:\n      '@x/a':\n        specifier: {specifier}\n        version: link:../a\n      left-pad:\n        specifier: ^1.0.0\n        version: 1.3.0\n"
        )
    };
    let mentions = |lock: &str| {
        let files = [
            ("pnpm-workspace.yaml", "packages: [a, b]\n"),
            ("pnpm-lock.yaml", lock),
            ("package.json", "{\"name\":\"r\",\"private\":true}"),
            ("a/package.json", "{\"name\":\"@x/a\",\"version\":\"1.0.0\"}"),
            (
                "b/package.json",
                "{\"name\":\"b\",\"version\":\"1.0.0\",\"dependencies\":{\"@x/a\":\"workspace:^1.0.0\"}}",
            ),
        ];
        let found = discover("pnpm", &files);
        let all: Vec<&model::Package> = found.iter().collect();
        let versions = adapters::ecosystem::version_files();
        versions["pnpm"].mentions(&Tree::new(&files), &all)
    };
    let of_lock = |lock: &str| -> Vec<(String, u32, String)> {
        let mentions = mentions(lock).expect("sound").into_iter();
        let locked = mentions.filter(|mention| mention.kind == MentionKind::Lock);
        locked
            .map(|mention| (mention.place, mention.line, mention.text))
            .collect()
    };
    assert_eq!(of_lock(&lock("workspace:^1.0.0")), []);
    let place = "importers.b.dependencies.@x/a.specifier".to_owned();
    assert_eq!(
        of_lock(&lock("workspace:^0.9.0")),
        [(place, 10, "workspace:^0.9.0".to_owned())]
    );
    assert!(mentions("importers: [").is_err());
}
