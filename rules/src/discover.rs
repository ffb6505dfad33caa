//! Finds the packages of a repository and the edges between them, across ecosystems.

use model::{Adapters, Config, Diagnostic, PackageId, Selection, SourceTree, Workspace, WorkspaceDecl};

use crate::crossing::Meant;
use crate::strays::{LeftOut, Root, family, inside, sift, twice};

/// Where packages are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// In the workspaces that RELEASE.star declares; everywhere if it declares none.
    Declared,
    /// There, and wherever else any ecosystem finds something.
    Everywhere,
}

/// What was found in a repository.
#[derive(Clone, Debug, Default)]
pub struct Discovered {
    /// Its packages.
    pub workspace: Workspace,
    /// The manifests that are no packages of it, sorted by path.
    pub left_out: Vec<LeftOut>,
}

/// The packages of a repository: those of the workspaces that RELEASE.star declares, or, if it declares none,
/// those of every workspace that any ecosystem finds; with the edges that only RELEASE.star knows.
///
/// # Errors
/// Manifests that cannot be read, two packages of one ecosystem with one name, and `cross_deps` that name nobody
/// or several.
pub fn discover(
    adapters: &Adapters,
    tree: &dyn SourceTree,
    config: Option<&Config>,
) -> Result<Workspace, Vec<Diagnostic>> {
    look(adapters, tree, config, Reach::Declared).map(|found| found.workspace)
}

/// The same, as far as `reach` goes, and what was left out: manifests outside any declared workspace that are no
/// packages people release, as far as one can tell (see [`LeftOut`]).
///
/// # Errors
/// As [`discover`].
pub fn look(
    adapters: &Adapters,
    tree: &dyn SourceTree,
    config: Option<&Config>,
    reach: Reach,
) -> Result<Discovered, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let declared = config.map_or(&[][..], |config| &config.workspaces);
    let mut roots = where_declared(adapters, tree, declared);
    if declared.is_empty() || reach == Reach::Everywhere {
        roots.extend(elsewhere(adapters, tree, declared));
    }
    let decls = config.map_or(&[][..], |config| &config.packages);
    let is_declared = |id: &PackageId| {
        let mut decls = decls.iter();
        decls.any(|decl| decl.ecosystem == id.ecosystem && decl.name == id.name)
    };
    let (packages, left_out) = sift(roots, &is_declared, &mut wrong);
    let meant = Meant::of(&packages);
    let edges: Vec<(PackageId, PackageId)> = decls
        .iter()
        .flat_map(|decl| meant.edges(decl, adapters, &mut wrong))
        .collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let packages = packages.into_values().collect();
    let mut workspace =
        Workspace::new(packages).map_err(|(id, first, second)| vec![twice(&id, &first, &second)])?;
    for (from, on) in edges {
        workspace.add_cross_dependency(&from, on);
    }
    Ok(Discovered { workspace, left_out })
}

/// What is found at the roots that nobody declares. Where a declaration lists the members of a workspace, nothing
/// else of that kind is looked for in its folder.
fn elsewhere(adapters: &Adapters, tree: &dyn SourceTree, declared: &[WorkspaceDecl]) -> Vec<Root> {
    let is_taken = |ecosystem: &str, root: &str| {
        declared.iter().any(|decl| {
            let (folder, kin) = (folder(decl), family(&decl.ecosystem) == family(ecosystem));
            kin && (folder == root && decl.ecosystem == ecosystem
                || !decl.members.is_empty() && inside(root, folder))
        })
    };
    let mut roots = Vec::new();
    for (name, ecosystem) in &adapters.ecosystems {
        for root in ecosystem
            .roots(tree)
            .into_iter()
            .filter(|root| !is_taken(name, root))
        {
            let selection = Selection {
                root: root.clone(),
                ..Selection::default()
            };
            roots.push(Root {
                ecosystem: (*name).to_owned(),
                folder: root,
                is_declared: false,
                found: ecosystem.discover(tree, &selection),
            });
        }
    }
    roots
}

/// The folder of a declared workspace as the model writes it: empty for the repository's root.
fn folder(decl: &WorkspaceDecl) -> &str {
    if decl.root == "." { "" } else { &decl.root }
}

fn where_declared(adapters: &Adapters, tree: &dyn SourceTree, declared: &[WorkspaceDecl]) -> Vec<Root> {
    let mut roots = Vec::new();
    for decl in declared {
        let at = |mut diagnostic: Diagnostic| {
            diagnostic.location.get_or_insert_with(|| decl.location.clone());
            diagnostic
        };
        let selection = Selection {
            root: folder(decl).to_owned(),
            members: decl.members.clone(),
            exclude: decl.exclude.clone(),
        };
        let found = match adapters.ecosystem(&decl.ecosystem) {
            Ok(ecosystem) => ecosystem.discover(tree, &selection),
            Err(diagnostic) => Err(vec![diagnostic]),
        };
        roots.push(Root {
            ecosystem: decl.ecosystem.clone(),
            folder: selection.root,
            is_declared: true,
            found: found.map_err(|diagnostics| diagnostics.into_iter().map(at).collect()),
        });
    }
    roots
}
