//! A workspace of small Python packages: real ones, and quick to build.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use harness::{Sandbox, search_path};

/// A package: its name, and the packages it needs.
pub(super) type Needs<'a> = (&'a str, &'a [&'a str]);

/// A committed workspace with these packages, each in a folder of its name.
pub(super) fn workspace(packages: &[Needs<'_>]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, needs) in packages {
        let needs: Vec<String> = needs.iter().map(|need| format!("\"{need}>=0.1.0\"")).collect();
        let sources: String = needs.iter().fold(String::new(), |mut text, need| {
            let name = need.trim_matches('"').trim_end_matches(">=0.1.0");
            let _ = writeln!(text, "{name} = {{ workspace = true }}");
            text
        });
        let manifest = format!(
            "[project]\nname = \"{name}\"\nversion = \"0.1.0\"\nrequires-python = \">=3.9\"\ndependencies = [{}]\n\n\
             [tool.uv.sources]\n{sources}\n\
             [build-system]\nrequires = [\"uv_build>=0.8,<1\"]\nbuild-backend = \"uv_build\"\n",
            needs.join(", ")
        );
        sandbox.write(&format!("{name}/pyproject.toml"), manifest);
        sandbox.write(
            &module(name),
            format!("\"\"\"What {name} is.\"\"\"\n\nNAME = \"{name}\"\n"),
        );
    }
    let names: Vec<String> = packages.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let names = names.join(", ");
    sandbox.write(
        "pyproject.toml",
        format!("[tool.uv.workspace]\nmembers = [{names}]\n"),
    );
    sandbox.write(".gitignore", "/.releasekit/\n");
    sandbox.write(
        "RELEASE.star",
        format!(
            "load(\"@releasekit//rules/train.star\", \"release_group\", \"release_train\")\n\
             load(\"@releasekit//rules/uv.star\", \"uv_package\", \"uv_workspace\")\n\n\
             uv_workspace(name = \"all\", root = \".\")\n\n\
             NAMES = [{names}]\n\n\
             [uv_package(name = name, group = \"all\") for name in NAMES]\n\n\
             release_group(name = \"all\", packages = NAMES)\n\
             release_train(name = \"default\", groups = [\"all\"], jobs = 2, tag_format = \"{{name}}/v{{version}}\")\n",
        ),
    );
    sandbox.begin();
    sandbox
}

/// Where a package's only module is.
pub(super) fn module(name: &str) -> String {
    format!("{name}/src/{}/__init__.py", name.replace('-', "_"))
}

/// Puts a `uv` in front of the real one that counts builds: it writes a line to the returned file when one begins and
/// another when it has ended well.
pub(super) fn count_builds(sandbox: &Sandbox) -> PathBuf {
    let log = sandbox.outside("builds.log");
    let real = search_path()
        .iter()
        .map(|folder| folder.join("uv"))
        .find(|uv| uv.is_file())
        .expect("uv is there");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = build ] || exec {real} \"$@\"\n\
         echo begun >>{log}\n{real} \"$@\" || exit\necho ended >>{log}\n",
        real = real.display(),
        log = log.display()
    );
    sandbox.program("uv", &script);
    log
}

/// How many builds of a log have begun, and how many have ended well.
pub(super) fn counted(log: &Path) -> (usize, usize) {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let count = |word| text.lines().filter(|line| *line == word).count();
    (count("begun"), count("ended"))
}
