//! Dynamic versions of Python packages, by each backend's own rule: read and rewritten where they are, or refused.

use model::{LACKS, Package, Pins, UNREADABLE};

use crate::tree::{Tree, discover};

const SETUPTOOLS: &str =
    "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n";
const HATCH: &str = "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";
const PDM: &str = "[build-system]\nrequires = [\"pdm-backend\"]\nbuild-backend = \"pdm.backend\"\n";
const MATURIN: &str = "[build-system]\nrequires = [\"maturin\"]\nbuild-backend = \"maturin\"\n";
const POETRY: &str =
    "[build-system]\nrequires = [\"poetry-core>=2\"]\nbuild-backend = \"poetry.core.masonry.api\"\n";
const MODULE: &str = "src/za/__init__.py";

/// A manifest, the other files, and where the version stands: the file, and the line with `@` for the version.
type Case<'a> = (String, Vec<(&'a str, String)>, &'a str, &'a str);

fn project(backend: &str, rest: &str) -> String {
    format!("[project]\nname = \"za\"\ndynamic = [\"version\"]\n{backend}{rest}")
}

fn hatch(rest: &str) -> String {
    project(
        HATCH,
        &format!("[tool.hatch.version]\npath = \"{MODULE}\"\n{rest}"),
    )
}

fn pdm(rest: &str) -> String {
    project(
        PDM,
        &format!("[tool.pdm.version]\nsource = \"file\"\npath = \"{MODULE}\"\n{rest}"),
    )
}

fn hatch_and_pdm() -> Vec<Case<'static>> {
    let module = |text: &str| vec![(MODULE, text.to_owned())];
    let inner = "def f():\n    version = \"9.9.9\"\n__version__ = \"1.0.0\"\n";
    let upper = "VERSION = \"9.9.9\"\nRELEASE = \"1.0.0\"\n";
    let lower = "version = \"8.8.8\"\n__version__ = \"1.0.0\"\n";
    let own = ("hatch.toml", format!("[version]\npath = \"{MODULE}\"\n"));
    let elsewhere = "[tool.hatch.version]\nsource = \"vcs\"\n";
    vec![
        (hatch(""), module(inner), MODULE, "\n__version__ = \"@\"\n"),
        (
            hatch("pattern = 'RELEASE = \"(?P<version>.*)\"'\n"),
            module(upper),
            MODULE,
            "RELEASE = \"@\"",
        ),
        (
            hatch("source = \"code\"\n"),
            module(inner),
            MODULE,
            "\n__version__ = \"@\"\n",
        ),
        (
            project(HATCH, ""),
            [module(inner), vec![own.clone()]].concat(),
            MODULE,
            "\n__version__ = \"@\"\n",
        ),
        (
            project(HATCH, elsewhere),
            [module(inner), vec![own]].concat(),
            MODULE,
            "\n__version__ = \"@\"\n",
        ),
        (pdm(""), module(lower), MODULE, "\n__version__ = \"@\"\n"),
        (
            pdm("pattern = '^RELEASE = \"(.*)\"$'\n"),
            module(upper),
            MODULE,
            "RELEASE = \"@\"",
        ),
    ]
}

fn setuptools_and_others() -> Vec<Case<'static>> {
    let cfg = |version: &str| {
        (
            "setup.cfg",
            format!("[metadata]\nname = za\nversion = {version}\n[options]\npackage_dir =\n    = lib\n"),
        )
    };
    let module = ("lib/za/__init__.py", "__version__ = \"1.0.0\"\n".to_owned());
    let file = ("VERSION", "1.0.0\n".to_owned());
    let list = "[tool.setuptools.dynamic]\nversion = {file = [\"VERSION\"]}\n";
    let script = (
        "setup.py",
        "from setuptools import setup\nsetup()  # version = 1\n".to_owned(),
    );
    let crate_of = |version: &str| format!("[package]\nname = \"za\"\n{version}\n");
    let root = "[workspace]\nmembers = []\n[workspace.package]\nversion = \"1.0.0\"\n";
    let inheriting = format!("{root}[package]\nname = \"za\"\nversion.workspace = true\n");
    vec![
        (project(SETUPTOOLS, list), vec![file.clone()], "VERSION", "@\n"),
        (
            project(SETUPTOOLS, ""),
            vec![cfg("file: VERSION"), file],
            "VERSION",
            "@\n",
        ),
        (
            project(SETUPTOOLS, ""),
            vec![cfg("attr: za.__version__"), module, script],
            "lib/za/__init__.py",
            "__version__ = \"@\"",
        ),
        (
            project(SETUPTOOLS, ""),
            vec![cfg("1.0.0")],
            "setup.cfg",
            "\nversion = @\n",
        ),
        (
            project(MATURIN, ""),
            vec![("Cargo.toml", crate_of("version = \"1.0.0\""))],
            "Cargo.toml",
            "version = \"@\"",
        ),
        (
            project(MATURIN, ""),
            vec![("Cargo.toml", inheriting)],
            "Cargo.toml",
            "[workspace.package]\nversion = \"@\"",
        ),
        (
            project(MATURIN, "[tool.maturin]\nmanifest-path = \"rust/Cargo.toml\"\n"),
            vec![
                ("rust/Cargo.toml", crate_of("version = { workspace = true }")),
                ("Cargo.toml", root.to_owned()),
            ],
            "Cargo.toml",
            "version = \"@\"",
        ),
        (
            project(POETRY, "[tool.poetry]\nversion = \"1.0.0\"\n"),
            vec![],
            "pyproject.toml",
            "[tool.poetry]\nversion = \"@\"",
        ),
    ]
}

#[test]
fn versions_are_read_and_written_by_the_rule_of_the_backend() {
    for (manifest, others, file, line) in hatch_and_pdm().into_iter().chain(setuptools_and_others()) {
        let mut files = vec![("pyproject.toml", manifest.as_str())];
        files.extend(others.iter().map(|(file, text)| (*file, text.as_str())));
        let found = &discover("uv", &files)[0];
        assert_eq!(
            (found.written_version.as_str(), found.private),
            ("1.0.0", false),
            "{manifest}"
        );
        let old = files.iter().find(|(name, _)| *name == file).expect("there").1;
        let (before, after) = (line.replace('@', "1.0.0"), line.replace('@', "1.1.0"));
        let expected = old.replace(&before, &after);
        assert_ne!(expected, old, "{manifest}");
        let next: model::Version = "1.1.0".parse().expect("a version");
        let new = adapters::ecosystem::version_files()["uv"]
            .rewritten(
                &Tree::new(&files),
                &[found],
                &[(found.id.clone(), next.clone())].into(),
            )
            .expect("sound");
        assert_eq!(new, [(file.to_owned(), expected.clone())].into(), "{manifest}");
        assert_eq!(pinned(found, &files, &next)[file], expected, "{manifest}");
    }
}

/// What a build of the package at a version is given.
fn pinned(
    package: &Package,
    files: &[(&str, &str)],
    next: &model::Version,
) -> std::collections::BTreeMap<String, String> {
    let uv = &adapters::ecosystem::standard()["uv"];
    let wanted = uv.recipe(package, next, &[package]).pinned;
    let given = files
        .iter()
        .filter(|(file, _)| wanted.iter().any(|one| one == file));
    let texts = given
        .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
        .collect();
    let pins = Pins {
        version: Some(next.clone()),
        ..Pins::default()
    };
    uv.pin(package, &texts, &pins).expect("sound")
}

#[test]
fn what_is_there_and_cannot_be_read_is_no_version_to_make_up() {
    let module = |text: &'static str| vec![(MODULE, text)];
    let call = "[tool.pdm.version]\nsource = \"call\"\ngetter = \"a:b\"\n";
    let meson = "[build-system]\nrequires = [\"meson-python\"]\nbuild-backend = \"mesonpy\"\n";
    let several = "[tool.setuptools.dynamic]\nversion = {file = [\"A\", \"B\"]}\n";
    let attr = "[tool.setuptools.dynamic]\nversion = {attr = \"zb.__version__\"}\n";
    let dynamic = "from setuptools import setup\nsetup(\n    version=\"1.2.0\")\n";
    let table = [
        (project(PDM, call), vec![], "pyproject.toml:8: "),
        (
            project(SETUPTOOLS, ""),
            vec![("setup.py", dynamic)],
            "setup.py:3: ",
        ),
        (
            project(SETUPTOOLS, several),
            vec![("A", "1")],
            "pyproject.toml: several",
        ),
        (project(SETUPTOOLS, attr), vec![], "pyproject.toml: the module"),
        (project(meson, ""), vec![], "pyproject.toml:6: "),
        (
            hatch("source = \"code\"\nexpression = \"get()\"\n"),
            module("def get(): pass\n"),
            "pyproject.toml:10: ",
        ),
        (
            hatch("source = \"own\"\n"),
            module("__version__ = \"1\"\n"),
            "pyproject.toml:9: how `own`",
        ),
        (hatch(""), module("    version = \"9\"\n"), "src/za/__init__.py: "),
        (
            hatch(""),
            module("__version__ = \"today\"\n"),
            "src/za/__init__.py: the version",
        ),
        (
            hatch("pattern = '(?<=a)(?P<version>.)'\n"),
            module("a1"),
            "src/za/__init__.py: ",
        ),
        (hatch(""), vec![], "src/za/__init__.py: it is to"),
        (pdm(""), module("version = \"1.0\"\n"), "src/za/__init__.py: "),
        (
            project(MATURIN, ""),
            vec![("Cargo.toml", "[package]\nversion.workspace = true\n")],
            "Cargo.toml",
        ),
    ];
    for (manifest, others, place) in table {
        let mut files = vec![("pyproject.toml", manifest.as_str())];
        files.extend(others);
        let found = &discover("uv", &files)[0];
        let noted = found.notes.get(UNREADABLE).map_or("", String::as_str);
        assert!(noted.starts_with(place), "{noted}: {manifest}");
        assert!(found.private && found.notes[LACKS].contains(place), "{manifest}");
        let wrong = adapters::ecosystem::standard()["uv"].pin(found, &[].into(), &Pins::default());
        assert!(wrong.expect_err("refused").message.starts_with(place));
    }
}

#[test]
fn extras_that_take_in_others_of_the_same_package_follow_it() {
    let manifest = "[project]\nname = \"h.h\"\nversion = \"0.4.0\"\n[project.optional-dependencies]\n\
                    y = []\nz = [\"h-h[y]==0.4.0\", \"h-h[y]>=0.1\", \"h_h[y]\"]\n[build-system]\n";
    let files = [("pyproject.toml", manifest)];
    let found = &discover("uv", &files)[0];
    assert!(found.dependencies.is_empty());
    let versions = &adapters::ecosystem::version_files()["uv"];
    let mentions = versions.mentions(&Tree::new(&files), &[found]).expect("sound");
    let said: Vec<(&str, bool)> = mentions.iter().map(|one| (one.text.as_str(), one.fits)).collect();
    assert_eq!(said, [("0.4.0", true), ("==0.4.0", true), (">=0.1", true)]);
    let next: model::Version = "0.5.0".parse().expect("a version");
    let expected = manifest.replace("0.4.0", "0.5.0");
    let new = versions
        .rewritten(
            &Tree::new(&files),
            &[found],
            &[(found.id.clone(), next.clone())].into(),
        )
        .expect("sound");
    assert_eq!(new["pyproject.toml"], expected);
    assert_eq!(pinned(found, &files, &next)["pyproject.toml"], expected);
}

#[test]
fn what_speaks_to_poetry_alone_is_told_of() {
    let manifest = "[tool.poetry]\nname = \"po\"\nversion = \"1.2.0\"\n";
    let files = [("pyproject.toml", manifest)];
    assert_eq!(crate::tree::roots("uv", &files), [""]);
    let found = &discover("uv", &files)[0];
    assert!(found.private && found.notes.contains_key(model::OTHER_FORM));
    assert_eq!(found.notes[LACKS], "[project]");
    let unnamed = [("pyproject.toml", "[tool.poetry]\npackage-mode = false\n")];
    assert!(crate::tree::roots("uv", &unnamed).is_empty());
}
