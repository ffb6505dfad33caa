//! `package-lock.json` and `npm-shrinkwrap.json`: where they repeat the versions of the repository's own packages.

use std::collections::BTreeMap;

use jsonc_parser::ast::Value;
use model::{Diagnostic, MentionKind, Package, SourceTree};

use super::folder;
use super::package_json::PackageJson;
use super::spot::{self, Page, Spot};

/// A lock file with what it says about the packages: the root's version twice, and each member's own
/// entry. What it installs from elsewhere is under `node_modules` and not looked at.
///
/// # Errors
/// It cannot be read, or is not JSON.
pub(super) fn page(tree: &dyn SourceTree, file: &str, packages: &[&Package]) -> Result<Page, Diagnostic> {
    let by_path: BTreeMap<&str, &Package> = packages
        .iter()
        .map(|package| (&*package.path, *package))
        .collect();
    let text = spot::read(tree, file)?;
    let workspace = folder::parent(file);
    let json = PackageJson::parse(file, &text)?;
    let mut spots = Vec::new();
    let mut add = |package: Option<&&Package>, value: Option<&Value<'_>>, place: String| {
        if let (Some(package), Some(Value::StringLit(version))) = (package, value) {
            spots.push(Spot {
                range: json.inner(version),
                place,
                kind: MentionKind::Lock,
                package: package.id.clone(),
            });
        }
    };
    add(
        by_path.get(workspace),
        json.value("version"),
        "version".to_owned(),
    );
    if let Some(Value::Object(entries)) = json.value("packages") {
        for entry in &entries.properties {
            let key = entry.name.as_str();
            if key.split('/').any(|part| part == "node_modules") {
                continue;
            }
            let path = folder::join(workspace, key);
            let package = path.as_deref().and_then(|path| by_path.get(path));
            if let Value::Object(object) = &entry.value {
                let version = object.get("version").map(|field| &field.value);
                add(package, version, format!("packages[\"{key}\"].version"));
            }
        }
    }
    Ok(Page::of(file.to_owned(), text, spots))
}
