//! Which file is whose changelog.

use std::collections::BTreeMap;

use model::{Diagnostic, Location, Package, TrainDecl, Version};

/// A package's own changelog, by path relative to the repository's root.
pub(crate) fn own_changelog(train: &TrainDecl, package: &Package) -> String {
    match package.path.as_str() {
        "" => train.changelog.file.clone(),
        folder => format!("{folder}/{}", train.changelog.file),
    }
}

/// The packages' own changelogs, by path relative to the repository's root, each with what came with the package that
/// is written into it. Packages in one folder have the same commits: with one version they have one text, and the
/// first of them stands for all.
///
/// # Errors
/// Two packages with different versions have one file.
pub fn own_changelogs<'p, T>(
    train: &TrainDecl,
    packages: impl IntoIterator<Item = (T, &'p Package, &'p Version)>,
) -> Result<BTreeMap<String, T>, Diagnostic> {
    let mut owners: BTreeMap<String, (T, &Package, &Version)> = BTreeMap::new();
    for (what, package, version) in packages {
        let file = own_changelog(train, package);
        match owners.get(&file) {
            Some((_, _, first)) if *first == version => {}
            Some((_, first, _)) => {
                let message = format!("`{}` and `{}` would both write `{file}`", first.id, package.id);
                return Err(Diagnostic::error(message, Location::file(&*package.manifest))
                    .hint("packages in one folder need one version: a fixed group"));
            }
            None => {
                owners.insert(file, (what, package, version));
            }
        }
    }
    Ok(owners
        .into_iter()
        .map(|(file, (what, _, _))| (file, what))
        .collect())
}
