//! Python packages, built and installed by uv.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Command, StepError};
use model::{
    DependencyKind, Diagnostic, Ecosystem, Location, Package, PackageId, Pins, Recipe, Selection, SourceDir,
    SourceTree, Tool, Version, VersionError,
};
use rayon::prelude::*;
use toml_edit::Item;

use super::folder;
use super::requirement::{normalised, pep440};
use super::splice::Edits;
use super::toml_text::Toml;
use super::uv_members::{MANIFEST, members};
use super::{cargo_members, dynamic, environment, pyproject};

/// Python packages, built and installed by uv.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uv;

const OUTPUT: &str = "dist";

/// Where uv keeps things, and where it gets them.
const PLACES: [&str; 9] = [
    "UV_CACHE_DIR",
    "UV_PYTHON_INSTALL_DIR",
    "UV_CONFIG_FILE",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "UV_SYSTEM_CERTS",
    "UV_NATIVE_TLS",
    "CARGO_HOME",
    "RUSTUP_HOME",
];

/// Nothing is asked, nothing is fetched to run Python with, and nothing differs from run to run.
const CONSTANT: [(&str, &str); 6] = [
    ("UV_PYTHON_DOWNLOADS", "never"),
    ("UV_KEYRING_PROVIDER", "disabled"),
    ("UV_NO_PROGRESS", "1"),
    ("UV_NO_ENV_FILE", "1"),
    ("PYTHONHASHSEED", "0"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
];

impl Ecosystem for Uv {
    fn name(&self) -> &'static str {
        "uv"
    }

    fn tool(&self) -> Tool {
        Tool {
            program: "uv",
            version_args: &["--version"],
            hint: "install uv: `pipx install uv`, or see its manual",
        }
    }

    fn roots(&self, tree: &dyn SourceTree) -> Vec<String> {
        let mut claimed = BTreeSet::new();
        let mut roots = Vec::new();
        for candidate in folder::holding(tree, MANIFEST, "") {
            if claimed.contains(&candidate) {
                continue;
            }
            let Ok(toml) = Toml::read(tree, &folder::file(&candidate, MANIFEST)) else {
                roots.push(candidate);
                continue;
            };
            if toml.get(&["tool", "uv", "workspace"]).is_some() {
                let selection = Selection {
                    root: candidate.clone(),
                    ..Selection::default()
                };
                claimed.extend(members(tree, &selection, Some(&toml), &mut Vec::new()));
                roots.push(candidate);
            } else if toml.get(&["project"]).is_some() || pyproject::of_poetry(&toml, "").is_some() {
                roots.push(candidate);
            }
        }
        roots.sort();
        roots
    }

    fn discover(
        &self,
        tree: &dyn SourceTree,
        selection: &Selection,
    ) -> Result<Vec<Package>, Vec<Diagnostic>> {
        let root_manifest = folder::file(&selection.root, MANIFEST);
        let mut wrong = Vec::new();
        let root = if tree.files().contains(&root_manifest) {
            Some(Toml::read(tree, &root_manifest).map_err(|diagnostic| vec![diagnostic])?)
        } else if selection.members.is_empty() {
            return Err(vec![
                Diagnostic::error(format!("there is no `{root_manifest}`"), None)
                    .hint("name the folder of a uv workspace or of one package"),
            ]);
        } else {
            None
        };
        let members = members(tree, selection, root.as_ref(), &mut wrong);
        let read = |member: &String| Toml::read(tree, &folder::file(member, MANIFEST));
        let read: Vec<Result<Toml, Diagnostic>> = members.par_iter().map(read).collect();
        let (mut manifests, mut packages) = (Vec::new(), Vec::new());
        for (member, read) in members.into_iter().zip(read) {
            match read {
                Ok(toml) if toml.get(&["tool", "uv", "managed"]).and_then(Item::as_bool) == Some(false) => {}
                Ok(toml) if toml.get(&["project"]).is_none() => {
                    if member == selection.root {
                        packages.extend(pyproject::of_poetry(&toml, &selection.root));
                    } else {
                        wrong.push(
                            Diagnostic::error(
                                "a member of the workspace has no [project]",
                                Location::file(&*toml.file),
                            )
                            .hint("add [project] with a name and a version, or list the folder in `exclude`"),
                        );
                    }
                }
                Ok(toml) => manifests.push(toml),
                Err(diagnostic) => wrong.push(diagnostic),
            }
        }
        let known: BTreeMap<String, String> = manifests
            .iter()
            .filter_map(|toml| pyproject::name(toml).ok())
            .map(|name| (normalised(&name), name))
            .collect();
        let settings = root.as_ref().is_some_and(says_how_to_build);
        for toml in &manifests {
            match pyproject::package(tree, toml, &selection.root, &known) {
                Ok(mut package) => {
                    note_surroundings(tree, &mut package, settings);
                    packages.push(package);
                }
                Err(diagnostics) => wrong.extend(diagnostics),
            }
        }
        let folders = packages.iter().map(|package| package.path.clone()).collect();
        folder::note_nested(&mut packages, &folders);
        if wrong.is_empty() {
            Ok(packages)
        } else {
            Err(wrong)
        }
    }

    fn pin(
        &self,
        package: &Package,
        manifests: &BTreeMap<String, String>,
        pins: &Pins,
    ) -> Result<BTreeMap<String, String>, StepError> {
        dynamic::refuse(package)?;
        let version_file = package.notes.get("version-file");
        let mut pinned = BTreeMap::new();
        for (file, text) in manifests {
            let new = if *file == package.manifest {
                let toml = Toml::parse(file, text.clone()).map_err(|error| refused(&error))?;
                let elsewhere = version_file.is_some_and(|file| manifests.contains_key(file));
                let is_told = elsewhere || package.notes.contains_key("told");
                pyproject::pin(&toml, pins, is_told).map_err(|error| inexpressible(&error))?
            } else if Some(file) == version_file
                && let Some(version) = &pins.version
            {
                let range = dynamic::version_in(package, file, text).ok_or_else(|| {
                    StepError::new(format!(
                        "`{file}` no longer says which version `{}` has",
                        package.id.name
                    ))
                    .hint("write `__version__ = \"…\"`, or give [project] a version")
                })?;
                let new = if file.ends_with("Cargo.toml") {
                    version.to_string()
                } else {
                    pep440(version).map_err(|error| inexpressible(&error))?
                };
                let mut edits = Edits::default();
                edits.replace(range, new);
                edits.apply(text)
            } else {
                text.clone()
            };
            pinned.insert(file.clone(), new);
        }
        Ok(pinned)
    }

    fn recipe(&self, package: &Package, version: &Version, all: &[&Package]) -> Recipe {
        let mut sources = vec![folder::own_sources(package)];
        sources.extend(folder::lines(package, "files").map(|file| SourceDir {
            path: file.to_owned(),
            exclude: Vec::new(),
        }));
        let mut pinned = vec![package.manifest.clone()];
        pinned.extend(package.notes.get("version-file").cloned());
        let source = if package.path.is_empty() {
            "."
        } else {
            &package.path
        };
        let siblings = built_with(package, all);
        let argv = [
            "uv",
            "build",
            "--quiet",
            "--sdist",
            "--wheel",
            "--no-sources",
            "--no-create-gitignore",
            "--out-dir",
        ];
        let mut argv: Vec<String> = argv.into_iter().map(str::to_owned).collect();
        argv.extend([OUTPUT.to_owned(), source.to_owned()]);
        if !siblings.is_empty() {
            argv = environment::script(WITH_SIBLINGS, argv);
        }
        let mut command = command(argv);
        // What asks the version control system for a version is told one: there is no history in the scratch folder.
        let told = pep440(version).unwrap_or_else(|_| version.to_string());
        let variables = folder::lines(package, "told")
            .chain(folder::lines(package, "asked"))
            .map(|variable| (variable.to_owned(), told.clone()));
        command.env.extend(variables);
        Recipe {
            sources,
            pinned,
            artifacts: siblings
                .into_iter()
                .map(|id| (format!("{SIBLINGS}/{}", normalised(&id.name)), id))
                .collect(),
            command,
            output: OUTPUT.to_owned(),
        }
    }

    fn try_out(&self, package: &Package, version: &Version, location: &str) -> Command {
        let index = if location.contains("://") {
            location.to_owned()
        } else {
            format!("file://{}/simple", location.trim_end_matches('/'))
        };
        let wanted = pep440(version).unwrap_or_else(|_| version.to_string());
        let arguments = [index, package.id.name.clone(), wanted];
        command(environment::script(TRY, arguments))
    }
}

/// Where the artifacts of packages that a build runs are laid out, each in a folder of its name.
const SIBLINGS: &str = ".siblings";

/// Builds with packages of this repository: their wheels, and never what an index has under their names.
const WITH_SIBLINGS: &str = r#"
for wheel in .siblings/*/*.whl; do
    name=${wheel%/*}
    printf '%s @ ./%s\n' "${name##*/}" "$wheel"
done >.siblings/constraints.txt
exec "$@" --build-constraints .siblings/constraints.txt
"#;

/// The packages of the repository that have to be installed to build this one: what its build requires, and what that
/// needs to run.
fn built_with(package: &Package, all: &[&Package]) -> BTreeSet<PackageId> {
    let needs = |package: &Package, kinds: &[DependencyKind]| -> Vec<PackageId> {
        let needs = package.dependencies.iter();
        let needs = needs.filter(|need| kinds.contains(&need.kind) && need.on.ecosystem == "uv");
        needs.map(|need| need.on.clone()).collect()
    };
    let mut open = needs(package, &[DependencyKind::Build]);
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        let Some(needed) = folder::find(all, &id).filter(|_| id != package.id) else {
            continue;
        };
        if found.insert(id) {
            open.extend(needs(needed, &[DependencyKind::Normal]));
        }
    }
    found
}

/// A command in uv's environment.
pub(super) fn command(argv: Vec<String>) -> Command {
    environment::command(argv, &CONSTANT, &PLACES)
}

/// The package itself comes from the given index and nowhere else; what it needs comes from there too, or, if that
/// does not suffice, also from the usual index. Then everything importable in it is imported.
const TRY: &str = r#"
index=$1 name=$2 version=$3
export UV_HTTP_RETRIES=1
uv venv --quiet --no-project try
python=try/bin/python; [ -e "$python" ] || python=try/Scripts/python.exe
try() { uv pip install --quiet --no-config --python "$python" "$@" "$name==$version"; }
case $index in file:*) offline=--offline ;; *) offline= ;; esac
try $offline --no-deps --default-index "$index"
try $offline --default-index "$index" 2>without || try --index "$index" || { cat without >&2; exit 1; }
"$python" -c '
import importlib, importlib.metadata, pathlib, sys
name, version = sys.argv[1:]
found = importlib.metadata.distribution(name)
if found.version != version:
    sys.exit(f"{name} {found.version} was installed, not {version}")
modules = set()
for file in found.files or ():
    parts = file.parts
    if parts[0] in ("..", "/") or parts[0].endswith((".dist-info", ".data", "-stubs")):
        continue
    stem = file.name.split(".")[0]
    if stem == "__init__" and file.suffix in (".py", ".so", ".pyd"):
        modules.add(parts[:-1])
    elif len(parts) == 1 and file.suffix in (".py", ".so", ".pyd"):
        modules.add((stem,))
top = [m for m in modules if m and all(p.isidentifier() for p in m) and not any(m[:n] in modules for n in range(1, len(m)))]
for module in sorted(top):
    importlib.import_module(".".join(module))
print("imported", ", ".join(".".join(m) for m in sorted(top)) or "nothing: there is no module in it")
' "$name" "$version"
"#;

/// Whether a workspace's root says how its members are built: indexes, constraints, further requirements.
fn says_how_to_build(root: &Toml) -> bool {
    [
        "index",
        "build-constraint-dependencies",
        "extra-build-dependencies",
        "config-settings",
        "no-build-isolation-package",
    ]
    .iter()
    .any(|key| root.get(&["tool", "uv", key]).is_some())
}

/// Notes which files around a package its build reads.
fn note_surroundings(tree: &dyn SourceTree, package: &mut Package, settings: bool) {
    let mut files: BTreeSet<String> = folder::lines(package, "files").map(str::to_owned).collect();
    if settings && package.path != package.workspace {
        files.insert(folder::file(&package.workspace, MANIFEST));
    }
    if package
        .notes
        .get("backend")
        .is_some_and(|backend| backend == "maturin" || backend.contains("setuptools_rust"))
    {
        files.extend(cargo_members::surroundings(tree, &package.path));
    }
    if !files.is_empty() {
        package.notes.insert(
            "files".to_owned(),
            files.into_iter().collect::<Vec<_>>().join("\n"),
        );
    }
}

/// A version that Python has no words for.
pub(super) fn inexpressible(error: &VersionError) -> StepError {
    StepError::new(error.to_string())
        .hint("choose a pre-release that PEP 440 can say too: alpha, beta, rc, dev and a number")
}

/// A manifest that could be read before and cannot be now.
pub(super) fn refused(diagnostic: &Diagnostic) -> StepError {
    StepError::new(diagnostic.to_string()).hint(diagnostic.hint.clone().unwrap_or_default())
}
