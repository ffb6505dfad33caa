//! Carrying out recipes and trials the way the engine does: a folder with what was declared, an environment with
//! what was named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process;

use adapters::{directories, ecosystem};
use bytes::Bytes;
use cas::Digest;
use engine::{Command, Slot};
use model::{Artifact, Package, PackageId, PinStrategy, Pins, Version};

use crate::tree::Tree;

/// What one package's build made, by file name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The search path: this repository's own tools come first.
fn search_path() -> String {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/bin");
    format!(
        "{}:{}",
        own.display(),
        std::env::var("PATH").expect("a search path")
    )
}

/// Whether a tool is here; without it a test is skipped, but not in CI.
pub(crate) fn has(program: &str) -> bool {
    let found = process::Command::new(program)
        .arg("--version")
        .env("PATH", search_path())
        .output();
    let is_here = found.is_ok_and(|output| output.status.success());
    assert!(
        is_here || std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "`{program}` is not installed"
    );
    if !is_here {
        skipped(program);
    }
    is_here
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn skipped(program: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static SKIPPED: AtomicU32 = AtomicU32::new(0);
    let count = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    eprintln!("SKIPPED ({count}): `{program}` is not installed");
}

/// Runs a tool for its standard output.
pub(crate) fn output(folder: &Path, argv: &[&str]) -> String {
    let run = process::Command::new(argv[0])
        .args(&argv[1..])
        .current_dir(folder)
        .env("PATH", search_path())
        .env("npm_config_manage_package_manager_versions", "false")
        .env("pnpm_config_pm_on_fail", "ignore")
        .output();
    let run = run.expect("the tool starts");
    assert!(
        run.status.success(),
        "{argv:?}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    String::from_utf8(run.stdout).expect("text")
}

/// A repository, and where its packages are published.
pub(crate) struct Bench {
    tree: Tree,
    packages: Vec<Package>,
    kind: &'static str,
    made: BTreeMap<PackageId, Files>,
    registry: tempfile::TempDir,
    home: tempfile::TempDir,
}

impl Bench {
    /// The packages of one ecosystem in a repository.
    pub(crate) fn new(kind: &'static str, files: &[(&str, &str)]) -> Self {
        Self::at(kind, files, "")
    }

    /// The packages of one root in a repository.
    pub(crate) fn at(kind: &'static str, files: &[(&str, &str)], root: &str) -> Self {
        Self {
            tree: Tree::new(files),
            packages: crate::tree::try_discover(kind, files, root).expect("sound manifests"),
            kind,
            made: BTreeMap::new(),
            registry: tempfile::tempdir().expect("a folder"),
            home: tempfile::tempdir().expect("a folder"),
        }
    }

    pub(crate) fn package(&self, name: &str) -> &Package {
        self.packages
            .iter()
            .find(|package| package.id.name == name)
            .expect("a package of this repository")
    }

    /// The paths that are laid out for a package.
    pub(crate) fn sources(&self, name: &str) -> Vec<String> {
        let package = self.package(name);
        let all: Vec<&Package> = self.packages.iter().collect();
        let recipe = ecosystem::standard()[self.kind].recipe(package, &package.version, &all);
        let is_within = |path: &str, folder: &str| {
            folder.is_empty() || path == folder || path.starts_with(&format!("{folder}/"))
        };
        let wanted = |path: &&String| {
            recipe.sources.iter().any(|source| {
                is_within(path, &source.path)
                    && !source.exclude.iter().any(|excluded| is_within(path, excluded))
            })
        };
        self.tree.texts.keys().filter(wanted).cloned().collect()
    }

    /// Builds one package at `version` with `needs` pinned.
    pub(crate) fn build(
        &mut self,
        name: &str,
        version: &str,
        strategy: PinStrategy,
        needs: &[(&str, &str)],
    ) -> Files {
        let files = self
            .try_build(name, version, strategy, needs)
            .expect("the build succeeds");
        self.made.insert(self.package(name).id.clone(), files.clone());
        files
    }

    fn try_build(
        &self,
        name: &str,
        version: &str,
        strategy: PinStrategy,
        needs: &[(&str, &str)],
    ) -> Result<Files, String> {
        let ecosystem = &ecosystem::standard()[self.kind];
        let all: Vec<&Package> = self.packages.iter().collect();
        let package = self.package(name);
        let version: Version = version.parse().expect("a version");
        let recipe = ecosystem.recipe(package, &version, &all);
        let scratch = tempfile::tempdir().expect("a folder");
        let write = |path: &str, bytes: &[u8]| {
            let path = scratch.path().join(path);
            std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
            std::fs::write(path, bytes).expect("a file");
        };
        for path in self.sources(name) {
            write(&path, self.tree.texts[&path].as_bytes());
        }
        let dependencies = needs.iter().map(|(name, version)| {
            (
                (*name).to_owned(),
                (version.parse().expect("a version"), strategy),
            )
        });
        let pins = Pins {
            version: Some(version),
            dependencies: dependencies.collect(),
        };
        let manifests = recipe
            .pinned
            .iter()
            .map(|path| (path.clone(), self.tree.texts[path].clone()))
            .collect();
        for (path, text) in ecosystem
            .pin(package, &manifests, &pins)
            .expect("sound manifests")
        {
            write(&path, text.as_bytes());
        }
        for (folder, id) in &recipe.artifacts {
            for (name, bytes) in &self.made[id] {
                write(&format!("{folder}/{name}"), bytes);
            }
        }
        self.run(&recipe.command, scratch.path())?;
        let made = std::fs::read_dir(scratch.path().join(&recipe.output)).expect("the folder of artifacts");
        let made = made.map(|entry| {
            let entry = entry.expect("an artifact");
            (
                entry.file_name().into_string().expect("a name"),
                std::fs::read(entry.path()).expect("a file"),
            )
        });
        Ok(made.collect())
    }

    /// Runs a command with nothing but the environment it declares; tools keep their things in an empty home.
    fn run(&self, command: &Command, folder: &Path) -> Result<(), String> {
        let mut run = process::Command::new(&command.argv[0]);
        run.args(&command.argv[1..])
            .env_clear()
            .current_dir(folder.join(&command.workdir));
        let outside = |name: &str| match name {
            "PATH" => Some(search_path()),
            "HOME" => Some(self.home.path().display().to_string()),
            "RUSTUP_HOME" | "PYENV_ROOT" => std::env::var(name).ok().or_else(|| {
                let folder = if name == "RUSTUP_HOME" {
                    ".rustup"
                } else {
                    ".pyenv"
                };
                Some(format!("{}/{folder}", std::env::var("HOME").expect("a home")))
            }),
            "UV_CACHE_DIR" | "CARGO_HOME" => Some(self.home.path().join(name).display().to_string()),
            _ => None,
        };
        run.envs(
            command
                .pass_env
                .iter()
                .filter_map(|name| Some((name, outside(name)?))),
        );
        // Tests reach no network: whoever tries is sent to a closed door.
        run.envs(
            ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"]
                .map(|name| (name, "http://127.0.0.1:9")),
        );
        run.envs(&command.env);
        let run = run.output().expect("the tool starts");
        if run.status.success() {
            return Ok(());
        }
        let (out, err) = (
            String::from_utf8_lossy(&run.stdout),
            String::from_utf8_lossy(&run.stderr),
        );
        Err(format!("{:?}: {}\n{out}\n{err}", command.argv, run.status))
    }

    fn location(&self) -> PathBuf {
        self.registry.path().join(self.kind)
    }

    /// Publishes what was built of a package to the directory registry.
    pub(crate) fn publish(&self, name: &str, version: &str) {
        let registry = directories()[self.kind](&self.location());
        let package = self.package(name).id.clone();
        for (filename, bytes) in &self.made[&package] {
            let artifact = Artifact {
                package: package.clone(),
                version: version.to_owned(),
                filename: filename.clone(),
                digest: Digest::of(bytes),
                channel: String::new(),
            };
            let slot = Slot {
                target: registry.identity(),
                coordinate: registry.coordinate(&artifact),
            };
            registry
                .send(&artifact, &Bytes::from(bytes.clone()))
                .unwrap_or_else(|error| panic!("{slot:?}: {error}"));
        }
    }

    /// Tries out a published package.
    pub(crate) fn try_out(&self, name: &str, version: &str) -> Result<(), String> {
        let package = self.package(name);
        let version = version.parse().expect("a version");
        let location = self.location();
        let command =
            ecosystem::standard()[self.kind].try_out(package, &version, location.to_str().expect("a name"));
        self.run(&command, tempfile::tempdir().expect("a folder").path())
    }
}

/// The text of one file in a gzipped tar archive.
pub(crate) fn in_tarball(archive: &[u8], path: &str) -> String {
    use std::io::Read as _;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    for entry in archive.entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        if entry.path().expect("a path").to_str() == Some(path) {
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            return text;
        }
    }
    panic!("there is no {path} in the archive");
}

/// The names in a gzipped tar archive, sorted.
pub(crate) fn names_in(archive: &[u8]) -> Vec<String> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    let entries = archive.entries().expect("an archive");
    let path = |entry: std::io::Result<tar::Entry<'_, _>>| {
        entry
            .expect("an entry")
            .path()
            .expect("a path")
            .display()
            .to_string()
    };
    let mut names: Vec<String> = entries.map(path).collect();
    names.sort();
    names
}
