//! Rust packages, packed and tried by Cargo.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Command, StepError};
use model::{
    Diagnostic, Ecosystem, Package, PackageId, Pins, Recipe, Selection, SourceDir, SourceTree, Tool, Version,
};

use super::cargo_members::Invitation;
use super::cargo_toml::{self, MANIFEST};
use super::toml_text::Toml;
use super::uv::refused;
use super::{cargo_members, cargo_pin, environment, folder};

/// Rust packages, packed and tried by Cargo.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cargo;

const OUTPUT: &str = ".artifacts";
const PLACES: [&str; 3] = ["CARGO_HOME", "RUSTUP_HOME", "CARGO_HTTP_CAINFO"];
const CONSTANT: [(&str, &str); 4] = [
    ("CARGO_TARGET_DIR", "target"),
    ("CARGO_TERM_COLOR", "never"),
    ("CARGO_TERM_PROGRESS_WHEN", "never"),
    ("CARGO_INCREMENTAL", "0"),
];

impl Ecosystem for Cargo {
    fn name(&self) -> &'static str {
        "cargo"
    }

    fn tool(&self) -> Tool {
        Tool {
            program: "cargo",
            version_args: &["--version"],
            hint: "install Rust with rustup",
        }
    }

    fn roots(&self, tree: &dyn SourceTree) -> Vec<String> {
        let candidates = folder::holding(tree, MANIFEST, "");
        let mut claimed = BTreeSet::new();
        let mut roots = Vec::new();
        for candidate in &candidates {
            if claimed.contains(candidate) {
                continue;
            }
            roots.push(candidate.clone());
            let toml = Toml::read(tree, &folder::file(candidate, MANIFEST));
            if let Ok(toml) = &toml
                && toml.get(&["workspace"]).is_some()
            {
                let selection = Selection {
                    root: candidate.clone(),
                    ..Selection::default()
                };
                let wrong = &mut Vec::new();
                claimed.extend(Invitation::new(&selection, Some(toml), wrong).listed(tree));
                // Members that are only named by folder have to be looked for, if any may be left.
                let is_left =
                    |other: &&String| folder::is_within(other, candidate) && !claimed.contains(*other);
                if candidates.iter().filter(is_left).any(|other| other != candidate) {
                    claimed.extend(cargo_members::members(tree, &selection, Some(toml), wrong).into_keys());
                }
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
        let root = if tree.files().contains(&root_manifest) {
            Some(Toml::read(tree, &root_manifest).map_err(|diagnostic| vec![diagnostic])?)
        } else if selection.members.is_empty() {
            return Err(vec![
                Diagnostic::error(format!("there is no `{root_manifest}`"), None)
                    .hint("name the folder of a Cargo workspace or of one package"),
            ]);
        } else {
            None
        };
        let mut wrong = Vec::new();
        let mut packages = Vec::new();
        let patched = root.as_ref().map(cargo_toml::patched).unwrap_or_default();
        for toml in cargo_members::members(tree, selection, root.as_ref(), &mut wrong).values() {
            if toml.get(&["package"]).is_none() {
                wrong.push(
                    Diagnostic::error("this is not a package", model::Location::file(&*toml.file))
                        .hint("add [package], or list the folder in `exclude`"),
                );
                continue;
            }
            let above = root.as_ref().filter(|root| root.get(&["workspace"]).is_some());
            match cargo_toml::package(tree, toml, above, &patched, &selection.root) {
                Ok(package) => packages.push(package),
                Err(diagnostics) => wrong.extend(diagnostics),
            }
        }
        // Cargo packs no folder that holds another manifest.
        let folders = folder::holding(tree, MANIFEST, &selection.root)
            .into_iter()
            .collect();
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
        let read = |file: &str| {
            let text = manifests.get(file).cloned();
            text.map(|text| Toml::parse(file, text).map_err(|error| refused(&error)))
                .transpose()
        };
        let mut pinned = manifests.clone();
        let Some(toml) = read(&package.manifest)? else {
            return Ok(pinned);
        };
        let root_file = folder::file(&package.workspace, MANIFEST);
        let root = if root_file == package.manifest {
            None
        } else {
            read(&root_file)?
        };
        let (own, above) = cargo_pin::pin(&toml, root.as_ref(), pins).map_err(|reason| {
            StepError::new(format!(
                "`{}` cannot be given a version: {reason}",
                package.manifest
            ))
            .hint("write `version = \"…\"` in [package]")
        })?;
        pinned.insert(package.manifest.clone(), own);
        pinned.extend(above.map(|text| (root_file, text)));
        Ok(pinned)
    }

    fn recipe(&self, package: &Package, _version: &Version, all: &[&Package]) -> Recipe {
        let file = |path: &str| SourceDir {
            path: path.to_owned(),
            exclude: Vec::new(),
        };
        let mut sources = vec![folder::own_sources(package)];
        sources.extend(folder::lines(package, "files").map(file));
        let mut pinned = vec![package.manifest.clone()];
        let root_manifest = folder::file(&package.workspace, MANIFEST);
        // Named by folder: laid out as empty packages, so that only their names and places are part of the key.
        let mut paths: BTreeSet<&str> = folder::lines(package, "paths").collect();
        let mut empty_files: Vec<String> = Vec::new();
        if let Some(name) = package
            .notes
            .get("inherits")
            .filter(|_| root_manifest != package.manifest)
        {
            sources.push(file(&root_manifest));
            pinned.push(root_manifest.clone());
            let above = PackageId {
                ecosystem: package.id.ecosystem.clone(),
                name: name.clone(),
            };
            if let Some(above) = Some(above)
                .filter(|above| above.name != "-")
                .and_then(|id| folder::find(all, &id))
            {
                paths.extend(folder::lines(above, "paths"));
                empty_files.extend(folder::lines(above, "targets").map(str::to_owned));
            }
        }
        paths.retain(|entry| entry.split('\t').next() != Some(&package.path));
        let workspace = folder::parent(&root_manifest);
        let mut arguments = vec![
            package.manifest.clone(),
            package.path.clone(),
            if workspace.is_empty() {
                ".".to_owned()
            } else {
                workspace.to_owned()
            },
            empty_files.len().to_string(),
        ];
        arguments.extend(empty_files);
        arguments.extend(
            paths
                .iter()
                .flat_map(|entry| entry.split('\t'))
                .map(str::to_owned),
        );
        Recipe {
            sources,
            pinned,
            artifacts: BTreeMap::new(),
            command: command(environment::script(PACK, arguments)),
            output: OUTPUT.to_owned(),
        }
    }

    fn try_out(&self, package: &Package, version: &Version, location: &str) -> Command {
        let arguments = [package.id.name.clone(), version.to_string(), location.to_owned()];
        command(environment::script(TRY, arguments))
    }
}

/// A command in Cargo's environment.
pub(super) fn command(argv: Vec<String>) -> Command {
    environment::command(argv, &CONSTANT, &PLACES)
}

/// Packs one package. Cargo insists on seeing every package that is named by folder or listed as a member, but looks
/// into none of them, so empty ones stand in; and it wants the root package's targets to exist, so empty files do.
const PACK: &str = r##"
manifest=$1 folder=$2 workspace=$3 count=$4
shift 4
stand_in() {
    [ ! -e "$1/Cargo.toml" ] || return 0
    mkdir -p "$1/src"
    printf '[package]\nname = "%s"\nversion = "0.0.0"\nedition = "2021"\n' "$2" >"$1/Cargo.toml"
    : >"$1/src/lib.rs"
}
while [ "$count" -gt 0 ]; do
    case $1 in */*) mkdir -p "${1%/*}" ;; esac
    [ -e "$1" ] || : >"$1"
    count=$((count - 1))
    shift
done
while [ $# -gt 0 ]; do
    stand_in "$1" "$2"
    shift 2
done
if [ -e "$workspace/Cargo.toml" ]; then
    awk '
        /^[ \t]*(workspace\.)?(default-)?members[ \t]*=/ { sub(/^[^=]*=/, ""); inside = 1 }
        inside {
            line = $0
            while (match(line, /"[^"]*"|\047[^\047]*\047|#/)) {
                if (substr(line, RSTART, 1) == "#") { line = substr(line, 1, RSTART - 1); break }
                print substr(line, RSTART + 1, RLENGTH - 2)
                line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH)
            }
            if (line ~ /\]/) inside = 0
        }' "$workspace/Cargo.toml" >members.txt
    number=0
    while IFS= read -r member; do
        number=$((number + 1))
        case $member in *[*?[]*|/*|.) ;; *) stand_in "$workspace/$member" "stand-in-$number" ;; esac
    done <members.txt
    rm -f members.txt
elif [ -n "$folder" ]; then
    [ -e Cargo.toml ] || printf '[workspace]\nresolver = "2"\nmembers = ["%s"]\n' "$folder" >Cargo.toml
fi
cargo package --quiet --no-verify --no-metadata --allow-dirty --exclude-lockfile --offline --manifest-path "$manifest"
mkdir -p .artifacts
mv target/package/*.crate .artifacts/
"##;

/// Checks something that depends on the package, and installs the programs in it: with crates from the location only;
/// if that does not suffice, with the location's crates unpacked in place of those of the usual registry.
const TRY: &str = r##"
name=$1 version=$2 location=$3
export CARGO_NET_RETRY=1
mkdir -p try/src try/.cargo
cd try
: >src/lib.rs
printf '[package]\nname = "try-out"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\ntried = { package = "%s", version = "=%s" }\n\n[workspace]\nexclude = ["unpacked"]\n' "$name" "$version" >Cargo.toml
replace() { printf '[source.crates-io]\nreplace-with = "tried"\n\n[source.tried]\n%s = "%s"\n' "$1" "$location" >.cargo/config.toml; }
case $location in *://*) replace registry; exec cargo check --quiet ;; esac
crate=$location/$name-$version.crate
[ -e "$crate" ] || { echo "there is no $name-$version.crate in $location" >&2; exit 1; }
if tar -xzOf "$crate" "$name-$version/Cargo.toml" | grep -q '^\[\[bin\]\]'; then programs=1; else programs=; fi
# Installing a program by name does not look for settings in this folder by itself.
attempt() {
    cargo check --quiet $1 && { [ -z "$programs" ] || cargo install --quiet --debug --config .cargo/config.toml --root installed $1 $2 $3 $4; }
}
replace local-registry
if attempt --offline "$name" --version "=$version" 2>without; then exit 0; fi
rm -rf Cargo.lock unpacked
mkdir unpacked
printf '[patch.crates-io]\n' >.cargo/config.toml
number=0
for each in "$location"/*.crate; do
    tar -xzf "$each" -C unpacked
    folder=unpacked/$(basename "$each" .crate)
    called=$(sed -n 's/^name = "\(.*\)"$/\1/p' "$folder/Cargo.toml" | head -n 1)
    number=$((number + 1))
    printf 'tried-%s = { package = "%s", path = "%s" }\n' "$number" "$called" "$folder" >>.cargo/config.toml
done
attempt "" --path "unpacked/$name-$version" "" || { cat without >&2; exit 1; }
"##;
