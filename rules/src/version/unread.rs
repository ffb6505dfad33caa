//! Version tags that name nobody, where a package would be released for the first time.

use model::{Config, Diagnostic, Package, Tag, TrainDecl, Version, Workspace, tagged_version};

use super::shapes::{Named, Shapes, last};
use super::tagged::read;

/// What to say of version tags that no package is named by, if the train would release a package as one that was never
/// released: it may be theirs.
#[must_use]
pub fn unread_tags(
    workspace: &Workspace,
    tags: &[Tag],
    train: &TrainDecl,
    config: Option<&Config>,
) -> Option<Diagnostic> {
    let (packages, settings, read) = read(workspace, tags, train, config);
    let mut released = (0..packages.len()).filter(|index| settings[*index].is_released);
    released.find(|index| read.all(*index).next().is_none())?;
    let private: Vec<&Package> = workspace.packages().filter(|package| package.private).collect();
    let nobody: Vec<&[String]> = vec![&[]; private.len()];
    let private = Shapes::of(&private, &nobody);
    let is_private = |tag: &Tag| matches!(private.read(&tag.name), Some((Named::Packages(..), _)));
    let unread = read.unread.iter().filter(|tag| !is_private(tag));
    let mut unread: Vec<(Version, &str, &str)> = unread
        .filter_map(|tag| {
            let (before, version) = mark(&tag.name)?;
            Some((version, before, tag.name.as_str()))
        })
        .collect();
    unread.sort();
    let (_, before, example) = unread.last()?;
    let message = match unread.len() {
        1 => format!("the version tag `{example}` names no package"),
        count => format!("{count} version tags, such as `{example}`, name no package"),
    };
    Some(Diagnostic::warning(message, None).hint(hint(before, &packages)))
}

/// How such tags can be read.
fn hint(before: &str, packages: &[&Package]) -> String {
    let mut parts: Vec<&str> = before.split('/').collect();
    let is_name = |part: &&str| packages.iter().any(|package| last(package.name()) == *part);
    if let Some(at) = parts.iter().position(is_name) {
        let is_plain = packages.iter().all(|package| !package.name().contains('/'));
        parts[at] = if is_plain { "{name}" } else { "{unscoped}" };
        let before = parts.join("/");
        return format!("`former_tags = [\"{before}{{version}}\"]` in `release_train` reads them");
    }
    let name = before
        .trim_end_matches('v')
        .trim_end_matches(['-', '/', '@', '_']);
    format!(
        "where they are of packages here, `former_tags = [\"{before}{{version}}\"]` in `release_train` reads them for all \
         packages of a train, `former_names = [\"{name}\"]` for the one that declares it"
    )
}

/// What stands before the version in a tag, and the version: a whole one, so that `issue-12` is none.
pub(crate) fn mark(tag: &str) -> Option<(&str, Version)> {
    let starts = tag.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit());
    let mut split = starts.map(|(at, _)| tag.split_at(at));
    split.find_map(|(before, text)| {
        let is_start = before.is_empty() || before.ends_with(['v', '-', '/', '@', '_']);
        let version = Some(text).filter(|text| is_start && text.contains('.'));
        Some((before, version.and_then(tagged_version)?))
    })
}
