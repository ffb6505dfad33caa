//! What the existing configuration declares, however it does so: calls in loops and functions count.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobBuilder;
use model::{Config, Location, Package, PackageId, WorkspaceDecl};

use super::infer::inside;
use super::source::{Source, folder};
use super::syntax::{Call, Statement};

/// What an evaluated configuration declares. Empty when it was not, or could not be, evaluated: then only
/// calls with literal arguments are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Workspaces.
    pub workspaces: Vec<WorkspaceDecl>,
    /// Packages, with the group each is in.
    pub packages: BTreeMap<PackageId, Option<String>>,
    /// The names of groups.
    pub groups: BTreeSet<String>,
}

impl From<&Config> for Declared {
    fn from(config: &Config) -> Self {
        let mut packages = BTreeMap::new();
        for package in &config.packages {
            let id = PackageId {
                ecosystem: package.ecosystem.clone(),
                name: package.name.clone(),
            };
            let listed = || {
                let group = config.groups.iter().find(|group| {
                    group
                        .packages
                        .iter()
                        .any(|name| *name == id.name || *name == id.to_string())
                });
                group.map(|group| group.name.clone())
            };
            let group = package.group.clone().or_else(listed);
            packages.insert(id, group);
        }
        Self {
            workspaces: config
                .workspaces
                .iter()
                .map(|workspace| WorkspaceDecl {
                    root: folder(&workspace.root),
                    ..workspace.clone()
                })
                .collect(),
            packages,
            groups: config.groups.iter().map(|group| group.name.clone()).collect(),
        }
    }
}

impl Declared {
    /// The same, and what the literal calls of a file say where it says nothing.
    pub(super) fn with(&self, source: &Source) -> Self {
        let mut declared = self.clone();
        let listed = listed(&source.statements);
        for mention in source.statements.iter().flat_map(|statement| &statement.mentions) {
            let Some(name) = mention.text("name") else {
                continue;
            };
            if mention.function == "release_group" {
                declared.groups.insert(name.to_owned());
            } else if let Some(ecosystem) = mention.function.strip_suffix("_package") {
                let id = PackageId {
                    ecosystem: ecosystem.to_owned(),
                    name: name.to_owned(),
                };
                let group = mention
                    .text("group")
                    .or_else(|| listed.get(name).copied())
                    .map(str::to_owned);
                declared.packages.entry(id).or_insert(group);
            }
        }
        for call in source.statements.iter().filter_map(Statement::call) {
            let Some(workspace) = workspace(call, source) else {
                continue;
            };
            let is_it = |other: &WorkspaceDecl| {
                other.ecosystem == workspace.ecosystem && other.root == workspace.root
            };
            if !self.workspaces.iter().any(is_it) {
                declared.workspaces.push(workspace);
            }
        }
        declared
    }

    /// The declared workspace that a package belongs to.
    pub(super) fn workspace_of(&self, package: &Package) -> Option<&WorkspaceDecl> {
        let same = || {
            self.workspaces
                .iter()
                .filter(|workspace| workspace.ecosystem == package.id.ecosystem)
        };
        same()
            .find(|workspace| workspace.root == package.workspace)
            .or_else(|| same().find(|workspace| reaches(&workspace.root, &workspace.members, &package.path)))
    }

    /// Whether a declared workspace leaves a package out.
    pub(super) fn excludes(&self, package: &Package) -> bool {
        let mut same = self
            .workspaces
            .iter()
            .filter(|workspace| workspace.ecosystem == package.id.ecosystem);
        same.any(|workspace| reaches(&workspace.root, &workspace.exclude, &package.path))
    }
}

/// Whether one of some folders or globs, relative to a root, means a path or something above it.
fn reaches(root: &str, globs: &[String], path: &str) -> bool {
    let Some(path) = inside(path, root) else {
        return false;
    };
    globs.iter().any(|glob| {
        let glob = glob.trim_start_matches("./").trim_end_matches('/');
        let glob = GlobBuilder::new(glob).literal_separator(true).build();
        let mut above = std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(up, _)| up));
        glob.is_ok_and(|glob| {
            let matcher = glob.compile_matcher();
            above.any(|path| matcher.is_match(path))
        })
    })
}

/// The workspace that a call declares.
fn workspace(call: &Call, source: &Source) -> Option<WorkspaceDecl> {
    let ecosystem = call.function.strip_suffix("_workspace")?;
    let texts = |name: &str| -> Vec<String> {
        let elements = call.list(name).into_iter().flat_map(|list| &list.elements);
        elements.filter_map(|element| element.text.clone()).collect()
    };
    Some(WorkspaceDecl {
        ecosystem: ecosystem.to_owned(),
        name: call.text("name")?.to_owned(),
        root: source.folder_at(call.text("root").unwrap_or_default()),
        members: [texts("members"), texts("packages")].concat(),
        exclude: texts("exclude"),
        registry: None,
        location: Location::file(&source.file),
    })
}

/// The group that lists each package.
fn listed(statements: &[Statement]) -> BTreeMap<&str, &str> {
    let calls = statements
        .iter()
        .filter_map(Statement::call)
        .filter(|call| call.function == "release_group");
    let mut listed = BTreeMap::new();
    for call in calls {
        let (Some(group), Some(packages)) = (call.text("name"), call.list("packages")) else {
            continue;
        };
        for name in packages
            .elements
            .iter()
            .filter_map(|element| element.text.as_deref())
        {
            listed.entry(name).or_insert(group);
        }
    }
    listed
}
