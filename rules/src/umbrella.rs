//! The version and the tag of a release as a whole.

use model::{CommitId, Diagnostic, NewTag, PackageId, TrainDecl, Version, Workspace};

/// The tag of a release as a whole, which `released` says the packages of; `None` if the train has no such tag, or the
/// package whose version it bears is not released this time.
///
/// # Errors
/// The packages have several versions, there is no such package, or git would refuse the tag.
pub fn umbrella_tag(
    train: &TrainDecl,
    workspace: &Workspace,
    released: &[(&PackageId, &Version)],
    commit: &CommitId,
) -> Result<Option<NewTag>, Diagnostic> {
    let (Some(umbrella), Some(version)) = (
        &train.tags.umbrella,
        umbrella_version(train, workspace, released)?,
    ) else {
        return Ok(None);
    };
    let name = umbrella.format.format("", &train.name, &version.to_string());
    if let Err(reason) = model::legal_tag(&name) {
        let message = format!("`{}` cannot be tagged `{name}`: {reason}", train.name);
        return Err(wrong(train, message, "choose another `umbrella_tag`"));
    }
    Ok(Some(NewTag {
        name,
        commit: commit.clone(),
        message: format!("{} {version}", train.name),
    }))
}

/// The version of a release as a whole; see [`umbrella_tag`].
pub(crate) fn umbrella_version<'v>(
    train: &TrainDecl,
    workspace: &Workspace,
    released: &[(&PackageId, &'v Version)],
) -> Result<Option<&'v Version>, Diagnostic> {
    let Some(umbrella) = &train.tags.umbrella else {
        return Ok(None);
    };
    let Some(name) = &umbrella.package else {
        let common = common_version(released).map(Some);
        return common.ok_or_else(|| {
            let message = format!(
                "`umbrella_tag` of `{}` has no version: the packages have several",
                train.name
            );
            let hint = "say whose version it bears (`umbrella_package`), or give all packages one: `versioning = \"fixed\"`";
            wrong(train, message, hint)
        });
    };
    if !workspace.packages().any(|package| umbrella.is_of(&package.id)) {
        let message = format!(
            "`umbrella_package` of `{}` is `{name}`, and there is no such package",
            train.name
        );
        return Err(wrong(train, message, "name a package of the train"));
    }
    let found = released.iter().find(|(package, _)| umbrella.is_of(package));
    Ok(found.map(|(_, version)| *version))
}

/// The one version of all packages that are released, if they have one.
#[must_use]
pub fn common_version<'v>(released: &[(&PackageId, &'v Version)]) -> Option<&'v Version> {
    let (_, first) = released.first()?;
    released
        .iter()
        .all(|(_, version)| version == first)
        .then_some(first)
}

fn wrong(train: &TrainDecl, message: String, hint: &str) -> Diagnostic {
    Diagnostic::error(message, train.location.clone()).hint(hint)
}
