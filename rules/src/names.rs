//! What packages are called: by name where that is enough, else by ecosystem and name; and who is meant by that.

use std::collections::BTreeMap;

use engine::nearest;
use model::{Diagnostic, PackageId, Workspace};

/// How often each name is used, counted once: the same answers as [`Workspace::display_name`] in bulk.
pub(crate) struct Names<'a> {
    uses: BTreeMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(workspace: &'a Workspace) -> Self {
        let mut uses = BTreeMap::new();
        for package in workspace.packages() {
            *uses.entry(package.name()).or_default() += 1;
        }
        Self { uses }
    }

    /// `core`, or `cargo/core` if there are several.
    pub(crate) fn display(&self, id: &PackageId) -> String {
        if self.uses.get(id.name.as_str()).is_some_and(|uses| *uses > 1) {
            id.to_string()
        } else {
            id.name.clone()
        }
    }
}

/// The package that a person means by a name, or by `ecosystem/name`. A whole id always means its own package.
///
/// # Errors
/// There is none, or there are several; with what could be meant.
pub fn find_package(workspace: &Workspace, name: &str) -> Result<PackageId, Diagnostic> {
    let whole = name.split_once('/').map(|(ecosystem, name)| PackageId {
        ecosystem: ecosystem.to_owned(),
        name: name.to_owned(),
    });
    if let Some(package) = whole.and_then(|id| workspace.get(&id)) {
        return Ok(package.id.clone());
    }
    let named: Vec<&PackageId> = workspace.named(name).map(|package| &package.id).collect();
    match named[..] {
        [one] => Ok(one.clone()),
        [] => Err(unknown(workspace, name)),
        _ => {
            let ids: Vec<String> = named.iter().map(|id| format!("`{id}`")).collect();
            let message = format!("several packages are called `{name}`");
            Err(Diagnostic::error(message, None).hint(format!("say which: {}", ids.join(" or "))))
        }
    }
}

fn unknown(workspace: &Workspace, name: &str) -> Diagnostic {
    let names = Names::of(workspace);
    let known: Vec<String> = workspace
        .packages()
        .map(|package| names.display(&package.id))
        .collect();
    // A scope or an ecosystem too few, or too many.
    let last = |name: &str| name.rsplit('/').next().map(str::to_owned);
    let alike = || {
        let mut alike = workspace
            .packages()
            .filter(|package| last(package.name()) == last(name));
        alike.next().map(|package| names.display(&package.id))
    };
    let near = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
    let hint = match near.or_else(alike) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`releasekit discover` lists the packages there are".to_owned(),
    };
    Diagnostic::error(format!("there is no package called `{name}`"), None).hint(hint)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::{Package, Version};

    use super::*;

    fn package(ecosystem: &str, name: &str) -> Package {
        Package {
            id: PackageId {
                ecosystem: ecosystem.to_owned(),
                name: name.to_owned(),
            },
            version: Version::new(1, 0, 0),
            written_version: "1.0.0".to_owned(),
            path: name.to_owned(),
            manifest: format!("{name}/{ecosystem}"),
            workspace: String::new(),
            private: false,
            dependencies: Vec::new(),
            registry: None,
            notes: BTreeMap::new(),
        }
    }

    #[test]
    fn a_name_means_one_package_or_none() {
        let packages = [
            ("cargo", "core"),
            ("npm", "core"),
            ("npm", "@acme/web"),
            ("uv", "banner"),
        ];
        let packages = packages.map(|(ecosystem, name)| package(ecosystem, name));
        let workspace = Workspace::new(packages.to_vec()).expect("four packages");
        for (name, expected) in [
            ("banner", "uv/banner"),
            ("uv/banner", "uv/banner"),
            ("npm/core", "npm/core"),
            ("@acme/web", "npm/@acme/web"),
            ("npm/@acme/web", "npm/@acme/web"),
            (
                "core",
                "several packages are called `core`: say which: `cargo/core` or `npm/core`",
            ),
            (
                "baner",
                "there is no package called `baner`: did you mean `banner`?",
            ),
            (
                "web",
                "there is no package called `web`: did you mean `@acme/web`?",
            ),
            (
                "npm/banner",
                "there is no package called `npm/banner`: did you mean `banner`?",
            ),
            (
                "go/core",
                "there is no package called `go/core`: did you mean `cargo/core`?",
            ),
            (
                "nonsense",
                "there is no package called `nonsense`: `releasekit discover` lists the packages there are",
            ),
            (
                "",
                "there is no package called ``: `releasekit discover` lists the packages there are",
            ),
        ] {
            let found = find_package(&workspace, name).map_or_else(
                |wrong| format!("{}: {}", wrong.message, wrong.hint.unwrap_or_default()),
                |id| id.to_string(),
            );
            assert_eq!(found, expected, "{name}");
        }
    }
}
