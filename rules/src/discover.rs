//! Finds the packages of a repository and the edges between them, across ecosystems.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use engine::nearest;
use model::{
    Adapters, Config, Diagnostic, Location, Package, PackageDecl, PackageId, Selection, SourceTree,
    Workspace, WorkspaceDecl,
};

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
    let mut wrong = Vec::new();
    let declared = config.map_or(&[][..], |config| &config.workspaces);
    let found = if declared.is_empty() {
        everywhere(adapters, tree, &mut wrong)
    } else {
        where_declared(adapters, tree, declared, &mut wrong)
    };
    let packages = unique(found, &mut wrong);
    let names = Names::of(&packages);
    let edges: Vec<(PackageId, PackageId)> = config
        .map_or(&[][..], |config| &config.packages)
        .iter()
        .flat_map(|decl| names.edges(decl, adapters, &mut wrong))
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
    Ok(workspace)
}

fn everywhere(adapters: &Adapters, tree: &dyn SourceTree, wrong: &mut Vec<Diagnostic>) -> Vec<Package> {
    let mut found = Vec::new();
    for ecosystem in adapters.ecosystems.values() {
        for root in ecosystem.roots(tree) {
            let selection = Selection {
                root,
                ..Selection::default()
            };
            match ecosystem.discover(tree, &selection) {
                Ok(packages) => found.extend(packages),
                Err(diagnostics) => wrong.extend(diagnostics),
            }
        }
    }
    found
}

fn where_declared(
    adapters: &Adapters,
    tree: &dyn SourceTree,
    declared: &[WorkspaceDecl],
    wrong: &mut Vec<Diagnostic>,
) -> Vec<Package> {
    let mut found = Vec::new();
    for decl in declared {
        let at = |mut diagnostic: Diagnostic| {
            diagnostic.location.get_or_insert_with(|| decl.location.clone());
            diagnostic
        };
        let ecosystem = match adapters.ecosystem(&decl.ecosystem) {
            Ok(ecosystem) => ecosystem,
            Err(diagnostic) => {
                wrong.push(at(diagnostic));
                continue;
            }
        };
        let root = if decl.root == "." {
            String::new()
        } else {
            decl.root.clone()
        };
        let selection = Selection {
            root,
            members: decl.members.clone(),
            exclude: decl.exclude.clone(),
        };
        match ecosystem.discover(tree, &selection) {
            Ok(packages) => found.extend(packages),
            Err(diagnostics) => wrong.extend(diagnostics.into_iter().map(at)),
        }
    }
    found
}

/// The packages by id. One manifest found by way of two workspaces is one package.
fn unique(found: Vec<Package>, wrong: &mut Vec<Diagnostic>) -> BTreeMap<PackageId, Package> {
    let mut packages: BTreeMap<PackageId, Package> = BTreeMap::new();
    for package in found {
        match packages.get(&package.id) {
            None => {
                packages.insert(package.id.clone(), package);
            }
            Some(first) if first.manifest == package.manifest => {}
            Some(first) => wrong.push(twice(&package.id, &first.manifest, &package.manifest)),
        }
    }
    packages
}

fn twice(id: &PackageId, first: &str, second: &str) -> Diagnostic {
    let PackageId { ecosystem, name } = id;
    let message = format!("two {ecosystem} packages are called `{name}`: in `{first}` and in `{second}`");
    Diagnostic::error(message, Location::file(second)).hint(
        "rename one of them, or leave one out: declare the workspaces in RELEASE.star, with `members` or `exclude`",
    )
}

/// Packages by name, to find the one that is meant.
struct Names<'a> {
    packages: &'a BTreeMap<PackageId, Package>,
    by_name: BTreeMap<&'a str, Vec<&'a PackageId>>,
}

impl<'a> Names<'a> {
    fn of(packages: &'a BTreeMap<PackageId, Package>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&PackageId>> = BTreeMap::new();
        for id in packages.keys() {
            by_name.entry(&id.name).or_default().push(id);
        }
        Self { packages, by_name }
    }

    /// The edges one package declares. Whether the package itself is there is not asked here.
    fn edges(
        &self,
        decl: &PackageDecl,
        adapters: &Adapters,
        wrong: &mut Vec<Diagnostic>,
    ) -> Vec<(PackageId, PackageId)> {
        let from = PackageId {
            ecosystem: decl.ecosystem.clone(),
            name: decl.name.clone(),
        };
        let mut edges = Vec::new();
        for name in &decl.cross_deps {
            match self.meant(&from, name, adapters) {
                Ok(on) if self.packages.contains_key(&from) => edges.push((from.clone(), on.clone())),
                Ok(_) => {}
                Err((message, hint)) => {
                    let message = format!("`{}` cannot wait for `{name}`: {message}", decl.name);
                    wrong.push(Diagnostic::error(message, decl.location.clone()).hint(hint));
                }
            }
        }
        edges
    }

    /// The package that `from` means by `name`, which is never `from` itself.
    fn meant(
        &self,
        from: &PackageId,
        name: &str,
        adapters: &Adapters,
    ) -> Result<&'a PackageId, (String, String)> {
        let mut candidates: Vec<&PackageId> = self.by_name.get(name).cloned().unwrap_or_default();
        if let Some((ecosystem, rest)) = name.split_once('/')
            && adapters.ecosystems.contains_key(ecosystem)
        {
            let qualified = PackageId {
                ecosystem: ecosystem.to_owned(),
                name: rest.to_owned(),
            };
            candidates.extend(self.packages.get_key_value(&qualified).map(|(id, _)| id));
        }
        let is_itself = candidates.contains(&from);
        candidates.retain(|id| *id != from);
        match candidates[..] {
            [one] => Ok(one),
            [] if is_itself => Err((
                "that is the package itself".to_owned(),
                "remove it from `cross_deps`".to_owned(),
            )),
            [] => Err((
                format!("there is no package called `{name}`"),
                self.suggestion(name),
            )),
            _ => {
                let choices: Vec<String> = candidates.iter().map(|id| format!("`{id}`")).collect();
                Err((
                    "several packages are called that".to_owned(),
                    format!("write {}", choices.join(" or ")),
                ))
            }
        }
    }

    fn suggestion(&self, name: &str) -> String {
        let qualified: Vec<String> = self.packages.keys().map(ToString::to_string).collect();
        let known = self
            .by_name
            .keys()
            .copied()
            .chain(qualified.iter().map(String::as_str));
        match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a package of this repository, as `name` or as `ecosystem/name`".to_owned(),
        }
    }
}

/// Packages that need one another to be released, as closed paths (`a`, `b`, `a`): a shortest one for each knot,
/// beginning with its smallest id. Development needs do not count.
#[must_use]
pub fn package_cycles(workspace: &Workspace) -> Vec<Vec<PackageId>> {
    let mut edges: BTreeMap<&PackageId, Vec<&PackageId>> = workspace
        .packages()
        .map(|package| (&package.id, workspace.dependencies(&package.id)))
        .collect();
    prune(&mut edges);
    let mut cycles = Vec::new();
    let mut done: BTreeSet<&PackageId> = BTreeSet::new();
    for &start in edges.keys() {
        if done.contains(start) {
            continue;
        }
        if let Some(cycle) = shortest_cycle(&edges, start, &done) {
            done.extend(knot(&edges, start));
            cycles.push(cycle.into_iter().cloned().collect());
        }
    }
    cycles
}

type Needs<'a> = BTreeMap<&'a PackageId, Vec<&'a PackageId>>;

/// Takes away packages that need nothing (any more), until only knots and those above them are left.
fn prune(edges: &mut Needs<'_>) {
    let reversed = reversed(edges);
    let mut open: BTreeMap<&PackageId, usize> = edges.iter().map(|(id, needs)| (*id, needs.len())).collect();
    let mut free: Vec<&PackageId> = open
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(id, _)| *id)
        .collect();
    while let Some(id) = free.pop() {
        edges.remove(id);
        for dependent in reversed.get(id).into_iter().flatten() {
            let count = open.get_mut(dependent).expect("every dependent is a package");
            *count -= 1;
            if *count == 0 {
                free.push(dependent);
            }
        }
    }
}

fn reversed<'a>(edges: &Needs<'a>) -> Needs<'a> {
    let mut reversed: Needs<'a> = BTreeMap::new();
    for (&id, needs) in edges {
        for &need in needs {
            reversed.entry(need).or_default().push(id);
        }
    }
    reversed
}

/// A shortest way from `start` back to itself.
fn shortest_cycle<'a>(
    edges: &Needs<'a>,
    start: &'a PackageId,
    done: &BTreeSet<&PackageId>,
) -> Option<Vec<&'a PackageId>> {
    let mut came_from: BTreeMap<&PackageId, &PackageId> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(id) = open.pop_front() {
        for &next in edges.get(id).into_iter().flatten() {
            if next == start {
                let mut way = vec![start, id];
                while way.last() != Some(&start) {
                    way.push(came_from[way.last().expect("it is not empty")]);
                }
                way.reverse();
                return Some(way);
            }
            if !done.contains(next) && edges.contains_key(next) && !came_from.contains_key(next) {
                came_from.insert(next, id);
                open.push_back(next);
            }
        }
    }
    None
}

/// Everything that `start` leads to and that leads to `start`.
fn knot<'a>(edges: &Needs<'a>, start: &'a PackageId) -> BTreeSet<&'a PackageId> {
    let forwards = reach(edges, start);
    let backwards = reach(&reversed(edges), start);
    forwards.intersection(&backwards).copied().collect()
}

fn reach<'a>(edges: &Needs<'a>, start: &'a PackageId) -> BTreeSet<&'a PackageId> {
    let mut seen = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        for &next in edges.get(id).into_iter().flatten() {
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    seen
}
