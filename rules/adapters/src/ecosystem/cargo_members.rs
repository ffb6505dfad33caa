//! Which packages a Cargo workspace has.

use std::collections::{BTreeMap, BTreeSet};

use model::{Diagnostic, Location, Selection, SourceTree};

use super::cargo_toml::{MANIFEST, entries, parent_of};
use super::folder::{self, Pattern, Patterns};
use super::toml_text::Toml;

/// Who is asked into a workspace, and who is kept out.
pub(super) struct Invitation<'a> {
    root: &'a str,
    /// Whether the root's own manifest decides, so that its package and what is named by folder belong too.
    own: Option<&'a Toml>,
    wanted: Patterns,
    excluded: Patterns,
    unwanted: Patterns,
    /// Members that are no globs, with their places.
    literals: Vec<(String, Location)>,
}

impl<'a> Invitation<'a> {
    /// What the selection says, or else the manifest.
    pub(super) fn new(selection: &'a Selection, root: Option<&'a Toml>, wrong: &mut Vec<Diagnostic>) -> Self {
        let own = root.filter(|_| selection.members.is_empty());
        let mut invitation = Self {
            root: &selection.root,
            own,
            wanted: Patterns::default(),
            excluded: Patterns::default(),
            unwanted: Patterns::default(),
            literals: Vec::new(),
        };
        let mut pattern = |text: &str, at: Location| {
            let pattern = Pattern::new(&selection.root, text, false, at);
            pattern.map_err(|diagnostic| wrong.push(diagnostic)).ok()
        };
        let list = |key: &str| own.map(|toml| (toml, toml.list(&["workspace", key])));
        let written = list("members").into_iter().flat_map(|(toml, list)| {
            list.into_iter()
                .map(|entry| (entry.text, toml.place_of(&entry.range)))
        });
        let given = || Location::file(&*selection.root);
        for (text, at) in written.chain(selection.members.iter().map(|text| (&**text, given()))) {
            if let Some(pattern) = pattern(text, at.clone()) {
                invitation
                    .literals
                    .extend(pattern.literal().map(|literal| (literal.to_owned(), at)));
                invitation.wanted.add(pattern);
            }
        }
        for entry in list("exclude").into_iter().flat_map(|(_, list)| list) {
            pattern(entry.text, given())
                .into_iter()
                .for_each(|pattern| invitation.excluded.add(pattern));
        }
        for text in &selection.exclude {
            pattern(text, given())
                .into_iter()
                .for_each(|pattern| invitation.unwanted.add(pattern));
        }
        invitation
    }

    /// As Cargo has it: `exclude` names folders with all they hold, and a member named outright is stronger.
    fn is_excluded(&self, folder: &str) -> bool {
        self.excluded.names(folder) && !self.wanted.names(folder) || self.unwanted.matches(folder)
    }

    /// The folders asked for by name or pattern, and the root if it holds a package.
    pub(super) fn listed(&self, tree: &dyn SourceTree) -> Vec<String> {
        let mut listed = Vec::new();
        if self.own.is_some_and(|toml| toml.get(&["package"]).is_some()) {
            listed.push(self.root.to_owned());
        }
        if !self.wanted.is_empty() {
            let folders = folder::holding(tree, MANIFEST, self.wanted.reach(self.root)).into_iter();
            listed.extend(folders.filter(|folder| self.wanted.matches(folder) && !self.is_excluded(folder)));
        }
        listed
    }
}

/// The manifests of a workspace's packages by folder.
pub(super) fn members(
    tree: &dyn SourceTree,
    selection: &Selection,
    root: Option<&Toml>,
    wrong: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Toml> {
    let invitation = Invitation::new(selection, root, wrong);
    let has_manifest = |folder: &str| tree.files().contains(&folder::file(folder, MANIFEST));
    for (literal, at) in &invitation.literals {
        if !has_manifest(literal) && !invitation.is_excluded(literal) {
            wrong.push(
                Diagnostic::error(format!("the member `{literal}` has no {MANIFEST}"), at.clone())
                    .hint("correct the path, or take it out of `members`"),
            );
        }
    }
    let follows = invitation
        .own
        .is_some_and(|toml| toml.get(&["workspace"]).is_some());
    let mut queue = invitation.listed(tree);
    let mut found = BTreeMap::new();
    while let Some(folder) = queue.pop() {
        if found.contains_key(&folder) {
            continue;
        }
        match Toml::read(tree, &folder::file(&folder, MANIFEST)) {
            Ok(toml) => {
                if follows {
                    queue.extend(by_folder(&toml, root, &folder).into_iter().filter(|target| {
                        folder::is_within(target, &selection.root)
                            && !invitation.is_excluded(target)
                            && has_manifest(target)
                    }));
                }
                let inner_root = folder != selection.root && toml.get(&["workspace"]).is_some();
                if !inner_root || invitation.wanted.matches(&folder) {
                    found.insert(folder, toml);
                }
            }
            Err(diagnostic) => wrong.push(diagnostic),
        }
    }
    found
}

/// The folders a manifest names as dependencies.
fn by_folder(toml: &Toml, root: Option<&Toml>, path: &str) -> Vec<String> {
    let workspace = root.map_or("", |root| folder::parent(&root.file));
    let mut folders = Vec::new();
    for entry in entries(toml) {
        let parent = parent_of(root, &entry);
        let (from, source) = parent
            .as_ref()
            .map_or((path, &entry), |parent| (workspace, parent));
        folders.extend(source.path().and_then(|named| folder::join(from, named)));
    }
    folders
}

/// What building the crate in `path` needs around it: its workspace's manifests, lock file and other packages.
pub(super) fn surroundings(tree: &dyn SourceTree, path: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![path.to_owned()];
    while let Some(folder) = waiting.pop() {
        if let Ok(toml) = Toml::read(tree, &folder::file(&folder, MANIFEST)) {
            waiting.extend(
                by_folder(&toml, None, &folder)
                    .into_iter()
                    .filter(|target| found.insert(target.clone())),
            );
        }
    }
    let mut above = path;
    loop {
        let manifest = folder::file(above, MANIFEST);
        if let Some(root) = Toml::read(tree, &manifest)
            .ok()
            .filter(|toml| toml.get(&["workspace"]).is_some())
        {
            let selection = Selection {
                root: above.to_owned(),
                ..Selection::default()
            };
            let members = members(tree, &selection, Some(&root), &mut Vec::new());
            if members.contains_key(path) {
                found.extend(members.into_keys().filter(|member| member != above));
                found.insert(manifest);
                found.insert(folder::file(above, "Cargo.lock"));
                break;
            }
        }
        if above.is_empty() {
            break;
        }
        above = folder::parent(above);
    }
    found.retain(|entry| !folder::is_within(entry, path));
    found.retain(|entry| {
        tree.files().contains(entry) || tree.files().contains(&folder::file(entry, MANIFEST))
    });
    found
}
