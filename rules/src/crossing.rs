//! The edges between packages that only RELEASE.star knows.

use std::collections::BTreeMap;

use engine::nearest;
use model::{Adapters, Diagnostic, Package, PackageDecl, PackageId};

/// Packages by name, to find the one that is meant.
pub(crate) struct Meant<'a> {
    packages: &'a BTreeMap<PackageId, Package>,
    by_name: BTreeMap<&'a str, Vec<&'a PackageId>>,
}

impl<'a> Meant<'a> {
    pub(crate) fn of(packages: &'a BTreeMap<PackageId, Package>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&PackageId>> = BTreeMap::new();
        for id in packages.keys() {
            by_name.entry(&id.name).or_default().push(id);
        }
        Self { packages, by_name }
    }

    /// The edges one package declares. Whether the package itself is there is not asked here.
    pub(crate) fn edges(
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
