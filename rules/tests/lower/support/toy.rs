//! A working tree and an ecosystem in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cas::Digest;
use engine::{Command, StepError};
use model::{
    Dependency, DependencyKind, Diagnostic, Ecosystem, Location, Package, PackageId, Pins, Recipe, Selection,
    SourceDir, SourceTree, Tool, Version,
};

/// Files by path; those that end in `.sh` may be executed.
#[derive(Default)]
pub(crate) struct Tree {
    names: BTreeSet<String>,
    texts: BTreeMap<String, String>,
}

impl Tree {
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        files.iter().for_each(|(path, text)| tree.add(path, text));
        tree
    }

    pub(crate) fn add(&mut self, path: &str, text: &str) {
        self.names.insert(path.to_owned());
        self.texts.insert(path.to_owned(), text.to_owned());
    }
}

impl SourceTree for Tree {
    fn files(&self) -> &BTreeSet<String> {
        &self.names
    }

    fn read(&self, path: &str) -> Result<String, String> {
        self.texts
            .get(path)
            .cloned()
            .ok_or_else(|| format!("`{path}` is not there"))
    }

    fn digest(&self, path: &str) -> Result<(Digest, bool), String> {
        Ok((Digest::of(self.read(path)?.as_bytes()), path.ends_with(".sh")))
    }

    fn locate(&self, path: &str) -> PathBuf {
        PathBuf::from("/repo").join(path)
    }
}

/// Packages with a manifest called `<kind>.toy`: lines of `name`, `version`, `needs NAME`.
pub(crate) struct Toy(pub(crate) &'static str);

impl Toy {
    fn manifest(&self) -> String {
        format!("{}.toy", self.0)
    }

    fn package(&self, tree: &dyn SourceTree, manifest: &str, root: &str) -> Result<Package, Diagnostic> {
        let text = tree
            .read(manifest)
            .map_err(|reason| Diagnostic::error(reason, Location::file(manifest)))?;
        let field = |name: &'static str| {
            text.lines()
                .filter_map(move |line| line.strip_prefix(name))
                .map(str::trim)
        };
        let name = field("name ")
            .next()
            .ok_or_else(|| Diagnostic::error("there is no name", None))?;
        let version: Version = field("version ")
            .next()
            .unwrap_or("0.1.0")
            .parse()
            .expect("a version");
        let id = |name: &str| PackageId {
            ecosystem: self.0.to_owned(),
            name: name.to_owned(),
        };
        let need = |kind| {
            move |on: &str| Dependency {
                on: PackageId {
                    ecosystem: self.0.to_owned(),
                    name: on.to_owned(),
                },
                kind,
                requirement: String::new(),
            }
        };
        Ok(Package {
            id: id(name),
            written_version: version.to_string(),
            version,
            path: manifest
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .to_owned(),
            manifest: manifest.to_owned(),
            workspace: root.to_owned(),
            private: field("private").next().is_some(),
            dependencies: field("needs ")
                .map(need(DependencyKind::Normal))
                .chain(field("dev-needs ").map(need(DependencyKind::Dev)))
                .collect(),
            registry: None,
            notes: field("artifacts-of ")
                .map(|name| ("artifacts-of".to_owned(), name.to_owned()))
                .collect(),
        })
    }
}

impl Ecosystem for Toy {
    fn name(&self) -> &'static str {
        self.0
    }

    fn tool(&self) -> Tool {
        Tool {
            program: "toymaker",
            version_args: &["--version"],
            hint: "make one",
        }
    }

    fn roots(&self, tree: &dyn SourceTree) -> Vec<String> {
        let name = self.manifest();
        let is_root = |path: &&String| **path == name || path.ends_with(&format!("/{name}"));
        let folder = |path: &String| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        tree.files().iter().filter(is_root).map(folder).collect()
    }

    fn discover(
        &self,
        tree: &dyn SourceTree,
        selection: &Selection,
    ) -> Result<Vec<Package>, Vec<Diagnostic>> {
        let join = |a: &str, b: &str| {
            if a.is_empty() {
                b.to_owned()
            } else {
                format!("{a}/{b}")
            }
        };
        let folders: Vec<String> = if selection.members.is_empty() {
            vec![selection.root.clone()]
        } else {
            selection
                .members
                .iter()
                .map(|member| join(&selection.root, member))
                .collect()
        };
        let folders = folders
            .iter()
            .filter(|folder| !selection.exclude.contains(folder));
        let manifests = folders.map(|folder| join(folder, &self.manifest()));
        manifests
            .map(|manifest| {
                self.package(tree, &manifest, &selection.root)
                    .map_err(|wrong| vec![wrong])
            })
            .collect()
    }

    fn pin(
        &self,
        package: &Package,
        manifests: &BTreeMap<String, String>,
        pins: &Pins,
    ) -> Result<BTreeMap<String, String>, StepError> {
        if package.name() == "broken" {
            return Err(StepError::new("it is broken"));
        }
        let pinned = |text: &String| {
            let mut text = text.clone();
            if let Some(version) = &pins.version {
                text.push_str(&format!("pinned {version}\n"));
            }
            for (name, (version, strategy)) in &pins.dependencies {
                text.push_str(&format!("pinned {name} {version} {strategy:?}\n"));
            }
            text
        };
        Ok(manifests
            .iter()
            .map(|(path, text)| (path.clone(), pinned(text)))
            .collect())
    }

    fn recipe(&self, package: &Package, version: &Version, all: &[&Package]) -> Recipe {
        // Only a package in the root has others inside it here.
        let inside = all
            .iter()
            .filter(|other| package.path.is_empty() && other.id.ecosystem == self.0);
        let nested = inside
            .map(|other| other.path.clone())
            .filter(|path| !path.is_empty())
            .collect();
        let artifacts = package.notes.get("artifacts-of").map(|name| {
            (
                "wheels".to_owned(),
                PackageId {
                    ecosystem: self.0.to_owned(),
                    name: name.clone(),
                },
            )
        });
        Recipe {
            sources: vec![
                SourceDir {
                    path: package.path.clone(),
                    exclude: nested,
                },
                SourceDir {
                    path: "shared.lock".to_owned(),
                    exclude: Vec::new(),
                },
            ],
            pinned: vec![package.manifest.clone()],
            artifacts: artifacts.into_iter().collect(),
            command: Command {
                argv: vec!["toymaker".to_owned(), package.path.clone(), version.to_string()],
                ..Command::default()
            },
            output: "dist".to_owned(),
        }
    }

    fn try_out(&self, package: &Package, version: &Version, location: &str) -> Command {
        let argv = ["toymaker", "try", package.name(), &version.to_string(), location];
        Command {
            argv: argv.map(str::to_owned).to_vec(),
            ..Command::default()
        }
    }
}
