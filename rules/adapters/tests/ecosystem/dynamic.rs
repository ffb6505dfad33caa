//! Python versions that build backends compute: read where they stand, told where they are asked for.

use model::SourceTree as _;

use crate::tree::{Tree, discover};

const SETUPTOOLS: &str =
    "[build-system]\nrequires = [\"setuptools>=70\"]\nbuild-backend = \"setuptools.build_meta\"\n";
const FLIT: &str =
    "[build-system]\nrequires = [\"flit_core>=3.8,<4\"]\nbuild-backend = \"flit_core.buildapi\"\n";

fn project(name: &str, rest: &str) -> String {
    format!("[project]\nname = \"{name}\"\ndynamic = [\"version\"]\n{rest}")
}

fn attr(attribute: &str, rest: &str) -> String {
    project(
        "za",
        &format!("{SETUPTOOLS}[tool.setuptools.dynamic]\nversion = {{attr = \"{attribute}\"}}\n{rest}"),
    )
}

#[test]
fn versions_that_stand_in_a_module_are_read_there() {
    let flit = project("z-b", FLIT);
    let named = project("z-b", &format!("{FLIT}[tool.flit.module]\nname = \"ns.zb\"\n"));
    let literal = "\"\"\"A thing.\"\"\"\n__version__ = \"0.3.0\"\n";
    let table = [
        (attr("za.__version__", ""), "za/__init__.py"),
        (attr("za.__version__", ""), "src/za/__init__.py"),
        (attr("za.about.__version__", ""), "src/za/about.py"),
        (
            attr(
                "za.__version__",
                "[tool.setuptools.package-dir]\n\"\" = \"lib\"\n",
            ),
            "lib/za/__init__.py",
        ),
        (
            attr(
                "za.about.__version__",
                "[tool.setuptools.package-dir]\nza = \"here\"\n",
            ),
            "here/about.py",
        ),
        (
            attr(
                "za.__version__",
                "[tool.setuptools.packages.find]\nwhere = [\"py\"]\n",
            ),
            "py/za.py",
        ),
        (flit.clone(), "z_b.py"),
        (flit, "src/z_b/__init__.py"),
        (named, "ns/zb.py"),
    ];
    for (manifest, module) in table {
        let files = [("pyproject.toml", manifest.as_str()), (module, literal)];
        let found = &discover("uv", &files)[0];
        assert_eq!(
            (
                found.written_version.as_str(),
                found.notes["version-file"].as_str()
            ),
            ("0.3.0", module),
            "{manifest}"
        );
        let versions = adapters::ecosystem::version_files();
        let (tree, next) = (Tree::new(&files), "0.4.0".parse().expect("a version"));
        let new = versions["uv"]
            .rewritten(&tree, &[found], &[(found.id.clone(), next)].into())
            .expect("sound");
        assert_eq!(new[module], literal.replace("0.3.0", "0.4.0"));
        assert_eq!(new.len(), 1);
        assert_eq!(tree.read("pyproject.toml").expect("there"), manifest);
    }
}

#[test]
fn what_cannot_be_written_is_refused_with_its_place() {
    let scm = "[tool.versioningit]\n";
    let table = [
        (
            attr("za.__version__", ""),
            "X = 1\n__version__ = make()\n",
            "za/__init__.py:2: ",
        ),
        (
            project("za", FLIT),
            "from .about import __version__\n",
            "za/__init__.py:1: ",
        ),
        (
            project("za", &format!("{SETUPTOOLS}{scm}")),
            "",
            "`versioningit` ",
        ),
    ];
    for (manifest, module, expected) in table {
        let files = [("pyproject.toml", manifest.as_str()), ("za/__init__.py", module)];
        let found = &discover("uv", &files)[0];
        let texts = [(files[0].0.to_owned(), manifest.clone())].into();
        let pins = model::Pins::default();
        let wrong = adapters::ecosystem::standard()["uv"]
            .pin(found, &texts, &pins)
            .expect_err("refused");
        assert!(
            wrong.message.starts_with(expected) && wrong.hint.is_some(),
            "{wrong:?}"
        );
    }
}

#[test]
fn tools_that_ask_the_history_are_told() {
    let hatch = |source: &str| {
        format!("[build-system]\nbuild-backend = \"hatchling.build\"\n[tool.hatch.version]\n{source}\n")
    };
    let scm: &[&str] = &[
        "SETUPTOOLS_SCM_PRETEND_VERSION",
        "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_Z_A",
    ];
    let table: [(String, &[&str]); 8] = [
        (format!("{SETUPTOOLS}[tool.setuptools_scm]\n"), scm),
        (SETUPTOOLS.replace("]\nbuild", ", \"setuptools_scm[toml]>=8\"]\nbuild"), scm),
        (hatch("source = \"vcs\""), scm),
        ("[build-system]\nbuild-backend = \"flit_scm:buildapi\"\n".to_owned(), scm),
        (hatch("source = \"uv-dynamic-versioning\""), &["UV_DYNAMIC_VERSIONING_BYPASS"]),
        (hatch("source = \"env\"\nvariable = \"ZA\""), &["ZA"]),
        (
            "[build-system]\nbuild-backend = \"pdm.backend\"\n[tool.pdm.version]\nsource = \"scm\"\nwrite_to = \"a.py\"\n".to_owned(),
            &["PDM_BUILD_SCM_VERSION"],
        ),
        (
            "[build-system]\nbuild-backend = \"poetry_dynamic_versioning.backend\"\n".to_owned(),
            &["POETRY_DYNAMIC_VERSIONING_BYPASS"],
        ),
    ];
    for (rest, variables) in table {
        let manifest = project("z.a", &rest);
        let found = &discover("uv", &[("pyproject.toml", manifest.as_str())])[0];
        let uv = &adapters::ecosystem::standard()["uv"];
        let version = "1.2.0-rc.1".parse().expect("a version");
        let command = uv.recipe(found, &version, &[found]).command;
        for variable in variables {
            assert_eq!(
                command.env.get(*variable).map(String::as_str),
                Some("1.2.0rc1"),
                "{manifest}"
            );
        }
        let pins = model::Pins {
            version: Some(version),
            ..model::Pins::default()
        };
        let texts = [("pyproject.toml".to_owned(), manifest.clone())].into();
        let pinned = uv.pin(found, &texts, &pins).expect("sound");
        assert_eq!(pinned["pyproject.toml"], manifest, "it stays dynamic");
    }
}
