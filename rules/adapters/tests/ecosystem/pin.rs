//! What is written, byte for byte.

use std::collections::BTreeMap;

use adapters::ecosystem;
use model::{Package, PinStrategy, Pins, Version};
use proptest::prelude::{ProptestConfig, prop, proptest};

use crate::tree::discover;

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn pins(own: &str, strategy: PinStrategy, needs: &[(&str, &str)]) -> Pins {
    let needs = needs
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (version(text), strategy)));
    Pins {
        version: Some(version(own)),
        dependencies: needs.collect(),
    }
}

/// The manifests of `package` (and its workspace's root) with `pins` written in.
fn pinned(package: &Package, files: &[(&str, &str)], pins: &Pins) -> BTreeMap<String, String> {
    let ecosystem = &ecosystem::standard()[&*package.id.ecosystem];
    let wanted = ecosystem
        .recipe(package, &Version::new(1, 0, 0), &[package])
        .pinned;
    let manifests = files
        .iter()
        .filter(|(path, _)| wanted.iter().any(|wanted| wanted == path));
    let manifests = manifests
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    ecosystem
        .pin(package, &manifests, pins)
        .expect("manifests with places for versions")
}

/// Each line of `new` that is not the same line of `old`.
fn changed(old: &str, new: &str) -> Vec<String> {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let differs = new.split_inclusive('\n').filter(|line| !old.contains(line));
    differs.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn uv_writes_versions_and_nothing_else() {
    let text = "\u{feff}# top\r\n[project] # here\r\nname = 'app'\r\nversion   = '''0.1.0'''  # now\r\ndependencies = [\r\n  'Core[x,y] >= 0.1, <2 ; python_version < \"3.9\"', # keep\r\n  \"core_lib\",\r\n  \"other @ https://x.invalid/o.whl ; os_name == 'nt'\",\r\n  \"requests>=2\",\r\n]\r\n[project.optional-dependencies]\r\nall = [\"core (>=0.1)\", \"app[x]\"]\r\n[dependency-groups]\r\ndev = [{ include-group = \"x\" }, \"core~=0.1\"]\r\n[build-system]\r\nrequires = [\"tool\", \"core;python_version=='3'\"]\r\n[tool.uv.sources]\r\ncore = { workspace = true }";
    let files = [("pyproject.toml", text)];
    let package = &discover("uv", &files)[0];
    let needs = [
        ("core", "1.2.3-rc.1"),
        ("core-lib", "0.4.0"),
        ("other", "2.0.0"),
        ("tool", "3.0.0"),
    ];
    let new = &pinned(package, &files, &pins("0.2.0-rc.1", PinStrategy::Exact, &needs))["pyproject.toml"];
    assert_eq!(
        changed(text, new),
        [
            "version   = '''0.2.0rc1'''  # now",
            "  'Core[x,y] ==1.2.3rc1 ; python_version < \"3.9\"', # keep",
            "  \"core_lib==0.4.0\",",
            "  \"other ==2.0.0 ; os_name == 'nt'\",",
            "all = [\"core ==1.2.3rc1\", \"app[x]\"]",
            "dev = [{ include-group = \"x\" }, \"core==1.2.3rc1\"]",
            "requires = [\"tool==3.0.0\", \"core==1.2.3rc1;python_version=='3'\"]",
        ]
    );
    assert_eq!(new.matches("\r\n").count(), text.matches("\r\n").count());
    assert!(new.starts_with('\u{feff}') && new.ends_with("{ workspace = true }"));
    for (strategy, written) in [
        (PinStrategy::Compatible, "core>=1.2.3,<2"),
        (PinStrategy::Minimum, "core>=1.2.3"),
        (PinStrategy::Range, "core>=1.2.3,<2.0.0"),
        (PinStrategy::None, "core~=0.1"),
    ] {
        let new = &pinned(package, &files, &pins("0.1.0", strategy, &[("core", "1.2.3")]))["pyproject.toml"];
        assert!(new.contains(&format!("\"{written}\"]")), "{strategy:?}: {new}");
    }
}

#[test]
fn uv_writes_a_computed_version_where_it_is_computed_from() {
    let files = [
        (
            "pyproject.toml",
            "[project]\nname = \"a\"\ndynamic = [\"version\"]\n[build-system]\nbuild-backend = \"hatchling.build\"\n[tool.hatch.version]\npath = \"a.py\"\n",
        ),
        ("a.py", "import x\n\n__version__: str = \"1.0\"\n"),
    ];
    let new = pinned(
        &discover("uv", &files)[0],
        &files,
        &pins("1.1.0-alpha.1", PinStrategy::Exact, &[]),
    );
    assert_eq!(new["pyproject.toml"], files[0].1);
    assert_eq!(new["a.py"], "import x\n\n__version__: str = \"1.1.0a1\"\n");
    let files = [(
        "pyproject.toml",
        "[project]\nname = \"a\"\ndynamic = [\"version\", 'readme']\n[build-system]\nbuild-backend = \"hatchling.build\"\n",
    )];
    let new = &pinned(
        &discover("uv", &files)[0],
        &files,
        &pins("1.1.0", PinStrategy::Exact, &[]),
    )["pyproject.toml"];
    assert_eq!(
        changed(files[0].1, new),
        ["version = \"1.1.0\"", "dynamic = ['readme']"]
    );
}

#[test]
fn uv_takes_the_version_out_of_what_is_computed_and_leaves_the_rest() {
    let table = [
        ("[\"version\"]", "[]"),
        ("['readme', 'version']", "['readme']"),
        ("[ \"version\" , \"readme\" ]", "[ \"readme\" ]"),
        (
            "[\r\n  \"version\", # by scm\r\n  \"readme\",\r\n]",
            "[\r\n  # by scm\r\n  \"readme\",\r\n]",
        ),
        (
            "[\n  \"readme\",\n  \"version\" # by scm\n]",
            "[\n  \"readme\",\n   # by scm\n]",
        ),
    ];
    for (before, after) in table {
        let text = format!(
            "[project]\nname = \"a\"\ndynamic = {before} # which\n[build-system]\nbuild-backend = \"hatchling.build\""
        );
        let files = [("pyproject.toml", &*text)];
        let package = &discover("uv", &files)[0];
        let new = &pinned(package, &files, &pins("1.1.0", PinStrategy::Exact, &[]))["pyproject.toml"];
        let newline = if before.contains('\r') { "\r\n" } else { "\n" };
        let expected = text.replace("dynamic", &format!("version = \"1.1.0\"{newline}dynamic"));
        assert_eq!(*new, expected.replace(before, after));
        let command = ecosystem::standard()["uv"]
            .recipe(package, &version("1.1.0"), &[package])
            .command;
        assert_eq!(
            command.env["SETUPTOOLS_SCM_PRETEND_VERSION"], "1.1.0",
            "for those who ask all the same"
        );
        let again = [("pyproject.toml", &**new)];
        assert_eq!(discover("uv", &again)[0].version, version("1.1.0"));
    }
}

#[test]
fn placeholders_are_filled_in_while_building() {
    let table = [
        (
            "uv",
            "pyproject.toml",
            "[project]\nname = \"a\"\nversion = \"0.0.0-dev\"\n",
            "1.1.0rc1",
        ),
        (
            "cargo",
            "Cargo.toml",
            "[package]\nname = \"a\"\nversion = \"0.0.0-dev\"\n",
            "1.1.0-rc.1",
        ),
        (
            "npm",
            "package.json",
            "{\"name\": \"a\", \"version\": \"0.0.0-dev\"}",
            "1.1.0-rc.1",
        ),
        (
            "pnpm",
            "package.json",
            "{\"name\": \"a\", \"version\": \"0.0.0-dev\"}",
            "1.1.0-rc.1",
        ),
    ];
    for (kind, file, text, written) in table {
        let files = [(file, text)];
        let package = &discover(kind, &files)[0];
        let new = &pinned(package, &files, &pins("1.1.0-rc.1", PinStrategy::Exact, &[]))[file];
        assert_eq!(*new, text.replace("0.0.0-dev", written), "{kind}");
    }
}

const ROOT: &str = "# root\r\n[workspace]\r\nmembers = [\"app\", \"core\"]\r\n[workspace.package]\r\nversion = \"0.1.0\" # all\r\n[workspace.dependencies]\r\ncore = { path = 'core', version = '0.1' }\r\nserde = \"1\"";
const APP: &str = "[package]\nname = \"app\"\nversion.workspace = true\n\n[dependencies]\ncore.workspace = true\nserde = \"1\"\nrenamed = { path = \"../other\", package = \"other\" } # path only\ndotted.path = \"../dotted\"\n[dependencies.long]\npath = \"../long\"\n[target.'cfg(unix)'.build-dependencies]\nother = { version = \"0.1\", path = \"../other\", features = [\"x\"] }\n[dev-dependencies]\nlong = { path = \"../long\" }\ncore2 = { package = \"core\", path = \"../core\", version = \"0\" }\n[dependencies.from-registry]\nversion = \"1\"\n";

#[test]
fn cargo_writes_versions_and_nothing_else() {
    let files = [
        ("Cargo.toml", ROOT),
        ("app/Cargo.toml", APP),
        ("core/Cargo.toml", "[package]\nname = \"core\"\n"),
    ];
    let package = &discover("cargo", &files)[0];
    let needs = [
        ("core", "1.2.3"),
        ("other", "2.0.0-rc.1"),
        ("long", "3.0.0"),
        ("dotted", "4.0.0"),
        ("serde", "9.0.0"),
        ("from-registry", "9.0.0"),
    ];
    let new = pinned(package, &files, &pins("0.2.0", PinStrategy::Exact, &needs));
    assert_eq!(
        changed(ROOT, &new["Cargo.toml"]),
        [
            "version = \"0.2.0\" # all",
            "core = { path = 'core', version = '=1.2.3' }"
        ]
    );
    assert_eq!(
        changed(APP, &new["app/Cargo.toml"]),
        [
            "renamed = { version = \"=2.0.0-rc.1\", path = \"../other\", package = \"other\" } # path only",
            "dotted.version = \"=4.0.0\"",
            "version = \"=3.0.0\"",
            "other = { version = \"=2.0.0-rc.1\", path = \"../other\", features = [\"x\"] }",
            "core2 = { package = \"core\", path = \"../core\", version = \"=1.2.3\" }",
        ]
    );
    let again: Vec<String> = discover(
        "cargo",
        &[
            ("Cargo.toml", &new["Cargo.toml"]),
            ("app/Cargo.toml", &new["app/Cargo.toml"]),
            files[2],
        ],
    )
    .iter()
    .map(crate::tree::line)
    .collect();
    assert_eq!(again[0], "app 0.2.0 \"app\"");
}

#[test]
fn cargo_writes_an_inherited_version_out_if_the_root_is_not_at_hand() {
    let files = [
        ("Cargo.toml", ROOT),
        ("app/Cargo.toml", APP),
        ("core/Cargo.toml", "[package]\nname = \"core\"\n"),
    ];
    let package = &discover("cargo", &files)[0];
    for (written, expected) in [
        ("version.workspace = true # w\n", "version = \"0.2.0\" # w\n"),
        ("version = { workspace = true }\n", "version = \"0.2.0\"\n"),
    ] {
        let text = format!("[package]\nname = \"app\"\n{written}");
        let manifests = BTreeMap::from([("app/Cargo.toml".to_owned(), text)]);
        let pins = pins("0.2.0", PinStrategy::Exact, &[]);
        let new = ecosystem::standard()["cargo"]
            .pin(package, &manifests, &pins)
            .expect("a place for the version");
        assert_eq!(
            new["app/Cargo.toml"],
            format!("[package]\nname = \"app\"\n{expected}")
        );
    }
}

#[test]
fn node_writes_versions_and_nothing_else() {
    let text = "\u{feff}{\r\n\t\"name\" : \"app\",\r\n\t\"version\": \"0.1.0\",\r\n\t\"dependencies\": { \"core\": \"workspace:*\", \"x\": \"npm:@s/x@^1\", \"react\":\"catalog:\" },\r\n\t\"peerDependencies\": {\"@s/x\": \"workspace:^\"},\r\n\t\"optionalDependencies\": {\"core\": \"file:../core\"},\r\n\t\"devDependencies\": {\"core\": \"~0\", \"left\": \"1\"}\r\n}";
    let files = [("package.json", text)];
    let package = &discover("npm", &files)[0];
    let needs = [("core", "1.2.3"), ("@s/x", "2.0.0-rc.1")];
    let new = &pinned(
        package,
        &files,
        &pins("0.2.0-rc.1", PinStrategy::Compatible, &needs),
    )["package.json"];
    assert_eq!(
        changed(text, new),
        [
            "\t\"version\": \"0.2.0-rc.1\",",
            "\t\"dependencies\": { \"core\": \"^1.2.3\", \"x\": \"npm:@s/x@^1\", \"react\":\"catalog:\" },",
            "\t\"peerDependencies\": {\"@s/x\": \"^2.0.0-rc.1\"},",
            "\t\"optionalDependencies\": {\"core\": \"^1.2.3\"},",
            "\t\"devDependencies\": {\"core\": \"^1.2.3\", \"left\": \"1\"}",
        ]
    );
    let refused = ecosystem::standard()["npm"].pin(
        package,
        &BTreeMap::from([("package.json".to_owned(), "{\"name\": \"app\"}".to_owned())]),
        &pins("1.0.0", PinStrategy::Exact, &[]),
    );
    assert!(refused.expect_err("no place").hint.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What stands around a version survives, whatever it is; and pinning what is written changes nothing.
    #[test]
    fn surroundings_survive(comment in "[ -~éß]{0,20}", spaces in " {0,4}", crlf in prop::bool::ANY, last in prop::bool::ANY) {
        let end = if crlf { "\r\n" } else { "\n" };
        let close = if last { end } else { "" };
        let head = format!("# {comment}{end}[package]{end}name = \"a\"{spaces}# {comment}{end}version{spaces}= ");
        let tail = format!("{spaces}# {comment}{end}[dependencies]{end}b = {{ path = \"b\", version{spaces}=\"");
        let foot = format!("\" }} # {comment}{close}");
        let text = format!("{head}\"1.0.0\"{tail}1{foot}");
        let files = [("Cargo.toml", &*text)];
        let package = &discover("cargo", &files)[0];
        let new = pinned(package, &files, &pins("2.0.0", PinStrategy::Exact, &[("b", "3.0.0")]));
        assert_eq!(new["Cargo.toml"], format!("{head}\"2.0.0\"{tail}=3.0.0{foot}"));
        let same = pinned(package, &files, &Pins::default());
        assert_eq!(same["Cargo.toml"], text);

        let head = format!("# {comment}{end}[project]{end}name = 'a'{end}version{spaces}= ");
        let tail = format!("{spaces}# {comment}{end}dependencies = [{end}  # {comment}{end}{spaces}\"B[x]{spaces}");
        let foot = format!("{spaces}; python_version > '3'\",{spaces}# {comment}{end}]{close}");
        let text = format!("{head}'1.0.0'{tail}>=1{foot}");
        let files = [("pyproject.toml", &*text)];
        let package = &discover("uv", &files)[0];
        let new = pinned(package, &files, &pins("2.0.0", PinStrategy::Minimum, &[("b", "3.0.0")]));
        assert_eq!(new["pyproject.toml"], format!("{head}'2.0.0'{tail}>=3.0.0{foot}"));
        let same = pinned(package, &files, &Pins::default());
        assert_eq!(same["pyproject.toml"], text);

        let comment = comment.replace(['\\', '"'], "");
        let head = format!("{{{end}{spaces}\"x\"{spaces}: \"{comment}\",{end}\t\"name\":\"a\",{spaces}\"version\"{spaces}:{spaces}");
        let tail = format!(",{end}\"peerDependencies\":{{\"b\":{spaces}\"");
        let foot = format!("\",{spaces}\"c\": \"{comment}\"}},{end}\"peerDependenciesMeta\": {{\"b\": {{}}}}{end}}}{close}");
        let text = format!("{head}\"1.0.0\"{tail}^1{foot}");
        let files = [("package.json", &*text)];
        let package = &discover("npm", &files)[0];
        let new = pinned(package, &files, &pins("2.0.0", PinStrategy::Range, &[("b", "3.0.0")]));
        assert_eq!(new["package.json"], format!("{head}\"2.0.0\"{tail}>=3.0.0 <4.0.0{foot}"));
        let same = pinned(package, &files, &Pins::default());
        assert_eq!(same["package.json"], text);
    }
}
