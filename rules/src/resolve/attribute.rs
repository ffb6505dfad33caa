//! Attributes: one value of a declaration at a time, checked.

use engine::nearest;
use model::{Declaration, Diagnostic, Location, PinStrategy, Versioning};

use crate::star::FILE_NAME;

/// Reads one declaration.
pub(super) struct Reader<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) wrong: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// The workspace's root, relative to the repository's. A RELEASE.star in a folder speaks of that folder.
    pub(super) fn root(&mut self) -> String {
        let written = self.text("root").unwrap_or_default();
        let file = &self.declaration.location.file;
        let folder = file
            .strip_suffix(FILE_NAME)
            .and_then(|folder| folder.strip_suffix('/'))
            .unwrap_or_default();
        match plain(folder, &written) {
            Some(root) => root,
            None => {
                self.refuse(
                    format!("root `{written}` lies outside the repository"),
                    "write a path relative to this file",
                );
                String::new()
            }
        }
    }

    /// Paths relative to the repository's root, or to a workspace's, in normal form.
    pub(super) fn paths(&mut self, attribute: &str) -> Vec<String> {
        let mut paths = Vec::new();
        for written in self.texts(attribute) {
            match plain("", &written) {
                Some(path) if !written.is_empty() => paths.push(path),
                _ => {
                    let whose = format!("`{attribute}` of `{}`", self.declaration.function);
                    let what = if written.is_empty() {
                        "an empty path"
                    } else {
                        "a path that leaves the repository"
                    };
                    self.refuse(
                        format!("{whose} holds {what}: `{written}`"),
                        "write a path relative to the repository's root",
                    );
                }
            }
        }
        paths
    }

    pub(super) fn registry(&mut self) -> Option<String> {
        let registry = self.text("registry")?;
        if registry
            .strip_prefix("directory:")
            .is_some_and(|path| path.trim().is_empty())
        {
            self.refuse(
                "`registry` names no directory".to_owned(),
                "write `directory:PATH`",
            );
        }
        Some(registry)
    }

    pub(super) fn pin_strategy(&mut self) -> Option<PinStrategy> {
        match self.one_of(
            "pin_strategy",
            &["exact", "compatible", "minimum", "range", "none"],
        )? {
            "exact" => Some(PinStrategy::Exact),
            "minimum" => Some(PinStrategy::Minimum),
            "range" => Some(PinStrategy::Range),
            "none" => Some(PinStrategy::None),
            _ => Some(PinStrategy::Compatible),
        }
    }

    pub(super) fn versioning(&mut self) -> Option<Versioning> {
        match self.one_of("versioning", &["independent", "fixed"])? {
            "fixed" => Some(Versioning::Fixed),
            _ => Some(Versioning::Independent),
        }
    }

    /// A text that must be one of a few.
    pub(super) fn one_of(&mut self, attribute: &str, known: &[&'static str]) -> Option<&'static str> {
        let written = self.declaration.get(attribute).as_str()?;
        let found = known.iter().copied().find(|known| *known == written);
        if found.is_none() {
            self.unknown(attribute, written, known);
        }
        found
    }

    /// Refuses a text that is none of a few.
    pub(super) fn unknown(&mut self, attribute: &str, written: &str, known: &[&str]) {
        let message = format!(
            "`{attribute}` of `{}` cannot be `{written}`",
            self.declaration.function
        );
        let all = known
            .iter()
            .map(|known| format!("`{known}`"))
            .collect::<Vec<_>>()
            .join(", ");
        match nearest(written, known.iter().copied()) {
            Some(near) => self.refuse(message, &format!("did you mean `{near}`?")),
            None => self.refuse(message, &format!("it can be {all}")),
        }
    }

    /// A path relative to the repository's root, in normal form, if one is given.
    pub(super) fn path(&mut self, attribute: &str) -> Option<String> {
        let written = self.text(attribute)?;
        self.inside(attribute, &written)
    }

    /// `written` in normal form, if it names something inside the repository.
    pub(super) fn inside(&mut self, attribute: &str, written: &str) -> Option<String> {
        let path = plain("", written).filter(|path| !path.is_empty());
        if path.is_none() {
            let function = &self.declaration.function;
            self.refuse(
                format!("`{attribute}` of `{function}` names nothing inside the repository: `{written}`"),
                "write a path relative to the repository's root",
            );
        }
        path
    }

    pub(super) fn name(&mut self) -> String {
        let name = self.text("name").unwrap_or_default();
        let function = &self.declaration.function;
        if name.is_empty() {
            self.refuse(format!("`name` of `{function}` is empty"), "give it a name");
        } else if name.contains(char::is_control) {
            self.refuse(
                format!("`name` of `{function}` holds a control character: {name:?}"),
                "write it on one line, without escapes such as `\\n` or `\\t`",
            );
        }
        name
    }

    /// A text, if there is one that is not empty.
    pub(super) fn text(&self, attribute: &str) -> Option<String> {
        self.declaration
            .get(attribute)
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    pub(super) fn texts(&self, attribute: &str) -> Vec<String> {
        self.declaration.get(attribute).as_strings().unwrap_or_default()
    }

    pub(super) fn truth(&self, attribute: &str) -> bool {
        self.declaration.get(attribute).as_bool().unwrap_or_default()
    }

    /// A number that is at least `least`.
    pub(super) fn number(&mut self, attribute: &str, least: i64) -> Option<u64> {
        let number = self.declaration.get(attribute).as_int()?;
        if number < least || number > i64::from(i32::MAX) {
            let message = format!(
                "`{attribute}` of `{}` cannot be {number}",
                self.declaration.function
            );
            self.refuse(
                message,
                &format!("the least it can be is {least}, the most {}", i32::MAX),
            );
            return None;
        }
        u64::try_from(number).ok()
    }

    pub(super) fn location(&self) -> Location {
        self.declaration.location.clone()
    }

    pub(super) fn refuse(&mut self, message: String, hint: &str) {
        self.wrong
            .push(Diagnostic::error(message, self.location()).hint(hint));
    }
}

/// `path` seen from `folder`, in normal form, empty for the root; `None` if it is absolute or climbs.
fn plain(folder: &str, path: &str) -> Option<String> {
    let climbs = path.split('/').any(|part| part == "..");
    if path.starts_with('/') || climbs || path.contains(['\0', '\\']) {
        return None;
    }
    let parts = folder.split('/').chain(path.split('/'));
    Some(
        parts
            .filter(|part| !matches!(*part, "" | "."))
            .collect::<Vec<_>>()
            .join("/"),
    )
}
