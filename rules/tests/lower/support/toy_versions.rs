//! Versions in the files of toys.

use std::collections::BTreeMap;

use engine::Command;
use model::{
    Diagnostic, Mention, MentionKind, Package, PackageId, Refresh, SourceTree, Version, VersionFiles,
};

/// Versions that stand in manifests after `version`, and in `toy.lock` after every package's name.
pub(crate) struct Toys;

impl VersionFiles for Toys {
    fn mentions(
        &self,
        tree: &dyn SourceTree,
        packages: &[&Package],
    ) -> Result<Vec<Mention>, Vec<Diagnostic>> {
        let mut found = Vec::new();
        for file in tree.files().iter().filter(|file| file.ends_with("toy.lock")) {
            let text = tree.read(file).expect("there");
            for (name, version) in text.lines().filter_map(|line| line.split_once(' ')) {
                let of_name = packages.iter().filter(|package| package.name() == name);
                found.extend(of_name.map(|package| Mention {
                    file: file.clone(),
                    line: 0,
                    place: name.to_owned(),
                    kind: MentionKind::Lock,
                    package: package.id.clone(),
                    text: version.to_owned(),
                    fits: true,
                }));
            }
        }
        Ok(found)
    }

    fn rewritten(
        &self,
        tree: &dyn SourceTree,
        packages: &[&Package],
        versions: &BTreeMap<PackageId, Version>,
    ) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
        let new = packages.iter().filter_map(|package| {
            let (old, new) = (&package.version, versions.get(&package.id)?);
            let text = tree.read(&package.manifest).expect("there");
            let written = if text.contains("version ") {
                text.replace(&format!("version {old}"), &format!("version {new}"))
            } else {
                format!("{text}version {new}\n")
            };
            (written != text).then(|| (package.manifest.clone(), written))
        });
        Ok(new.collect())
    }

    fn refresh(&self, tree: &dyn SourceTree, workspace: &str) -> Option<Refresh> {
        let lock = format!("{workspace}/toy.lock");
        let command = |how: &str| Command {
            argv: ["toymaker", "lock", how].map(str::to_owned).to_vec(),
            workdir: workspace.to_owned(),
            ..Command::default()
        };
        tree.files().contains(&lock).then(|| Refresh {
            lock,
            command: command("alone"),
            online: command("online"),
            in_copy: command("in a copy"),
            hint: "make a toymaker",
        })
    }

    fn manifests(
        &self,
        _: &dyn SourceTree,
        _: &Package,
    ) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
        Ok(BTreeMap::new())
    }
}
