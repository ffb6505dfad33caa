//! Where a package is published to.

use model::{Config, Diagnostic, Location, PackageId, TrainDecl, Workspace};

const DEFAULT: &str = ".releasekit/registry";

/// The folder of the directory registry a package goes to, relative to the repository's root: what its own
/// declaration names, else its workspace's, else the train's, else `.releasekit/registry`.
///
/// # Errors
/// A remote registry is named, here or in the package's manifest: publishing there is not part of this version.
pub fn registry_folder(
    config: &Config,
    train: &TrainDecl,
    workspace: &Workspace,
    id: &PackageId,
) -> Result<String, Diagnostic> {
    let package = workspace.get(id);
    let declared = config
        .packages
        .iter()
        .filter(|declared| declared.ecosystem == id.ecosystem && declared.name == id.name)
        .find_map(|declared| Some((declared.registry.as_deref()?, Some(declared.location.clone()))));
    let of_workspace = config
        .workspaces
        .iter()
        .filter(|one| {
            one.ecosystem == id.ecosystem && package.is_some_and(|package| package.workspace == one.root)
        })
        .find_map(|one| Some((one.registry.as_deref()?, Some(one.location.clone()))));
    let of_train = train
        .registry
        .as_deref()
        .map(|name| (name, train.location.clone()));
    let of_manifest = package.and_then(|package| {
        Some((
            package.registry.as_deref()?,
            Some(Location::file(package.manifest.clone())),
        ))
    });
    match declared.or(of_workspace).or(of_train).or(of_manifest) {
        None => Ok(DEFAULT.to_owned()),
        Some((name, location)) => match name.strip_prefix("directory:") {
            Some(folder) => Ok(folder.to_owned()),
            None => Err(refused(id, name, location)),
        },
    }
}

fn refused(id: &PackageId, name: &str, location: Option<Location>) -> Diagnostic {
    Diagnostic::error(
        format!(
            "`{}` goes to the remote registry `{name}`, and this version does not publish there",
            id.name
        ),
        location,
    )
    .hint("`--to-directory DIR` publishes into folders instead, as does `registry = \"directory:DIR\"`")
}
