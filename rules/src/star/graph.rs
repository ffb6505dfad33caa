//! The load graph: reads a file and everything it loads, and tells what is wrong with that all at once.

use std::rc::Rc;

use cas::Digest;
use engine::nearest;
use model::{Diagnostic, LoadedFile, Location};
use starlark::values::FrozenStringValue;

use super::bundled;
use super::label::{BUNDLED, Label};
use super::parse::{self, Load, Parsed};
use super::session::Session;

/// How long a chain of loads may be, and how many files may take part.
const MAX_FILES: (usize, usize) = (64, 2_000);

impl Session<'_> {
    /// Reads a file and everything it loads.
    pub(super) fn visit(&mut self, label: &Label, from: Option<&Load>) {
        if self.parsed.contains_key(label) && !self.stack.contains(label)
            || self.failed.contains(label) && from.is_none()
        {
            return;
        }
        let place = || from.map(|load| load.place.clone());
        if let Err((message, hint)) = self.may_visit(label, from) {
            let mut wrong = Diagnostic::error(message, place());
            wrong.hint = hint;
            self.diagnostics.push(wrong);
            return;
        }
        let text = match self.text(label, from) {
            Ok(text) => text,
            Err(mut wrong) => {
                wrong.location = place().or(wrong.location);
                self.failed.insert(label.clone());
                self.diagnostics.push(wrong);
                return;
            }
        };
        if let Label::Local(path) = label {
            self.files.push(LoadedFile {
                path: path.clone(),
                digest: Digest::of(text.as_bytes()),
            });
        }
        let (parsed, tree) = match parse::parse(label, text) {
            Ok(parsed) => parsed,
            Err(wrong) => {
                self.failed.insert(label.clone());
                self.diagnostics.push(wrong);
                return;
            }
        };
        self.stack.push(label.clone());
        for load in &parsed.loads {
            match label.follow(&load.module) {
                Ok(target) => self.visit(&target, Some(load)),
                Err(bad) => {
                    self.diagnostics
                        .push(Diagnostic::error(bad.message, load.place.clone()).hint(bad.hint));
                }
            }
        }
        self.stack.pop();
        self.parsed.insert(label.clone(), Rc::new(parsed));
        self.order.push((label.clone(), tree));
    }

    /// Whether a file may be read now, or what is wrong with that.
    fn may_visit(&self, label: &Label, from: Option<&Load>) -> Result<(), (String, Option<String>)> {
        if let Some(start) = self.stack.iter().position(|open| open == label) {
            let circle: Vec<String> = self.stack[start..]
                .iter()
                .chain([label])
                .map(|open| format!("`{open}`"))
                .collect();
            let hint = "move what both need to a file of its own".to_owned();
            return Err((
                format!("files load each other in a circle: {}", circle.join(" → ")),
                Some(hint),
            ));
        }
        if from.is_some() && self.roots.contains(label) {
            let hint = "move what is shared to a `.star` file of another name".to_owned();
            return Err((
                format!("`{label}` is evaluated by itself and cannot be loaded"),
                Some(hint),
            ));
        }
        if self.failed.contains(label) {
            return Err((format!("`{label}` cannot be loaded: it has errors"), None));
        }
        if self.stack.len() >= MAX_FILES.0 {
            return Err((
                format!("more than {} files load one another in a row", MAX_FILES.0),
                None,
            ));
        }
        if self.parsed.len() >= MAX_FILES.1 {
            return Err((format!("more than {} files are loaded", MAX_FILES.1), None));
        }
        Ok(())
    }

    /// The text of a file.
    fn text(&self, label: &Label, from: Option<&Load>) -> Result<String, Diagnostic> {
        match label {
            Label::Bundled(path) => bundled::text(path).map(str::to_owned).ok_or_else(|| {
                let wrong = Diagnostic::error(format!("`{label}` cannot be loaded: no such file"), None);
                match nearest(path, bundled::public()) {
                    Some(near) => wrong.hint(format!("did you mean `{BUNDLED}{near}`?")),
                    None => wrong.hint(format!(
                        "there are {}",
                        bundled::public().collect::<Vec<_>>().join(", ")
                    )),
                }
            }),
            Label::Local(path) => {
                let verb = if from.is_some() { "loaded" } else { "read" };
                let refused = |reason: &str, line| {
                    let place = Location {
                        line,
                        ..Location::file(path)
                    };
                    Diagnostic::error(format!("`{path}` cannot be {verb}: {reason}"), place)
                };
                let bytes = self
                    .request
                    .loader
                    .read(path)
                    .map_err(|reason| refused(&reason, 0))?;
                String::from_utf8(bytes).map_err(|error| {
                    let (good, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
                    let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
                    refused("it is not UTF-8 text", u32::try_from(line).unwrap_or(u32::MAX))
                })
            }
        }
    }

    /// Names a file loads that are not there.
    pub(super) fn missing_symbols(&self, label: &Label, parsed: &Parsed) -> Vec<Diagnostic> {
        let mut missing = Vec::new();
        for load in &parsed.loads {
            let Ok(target) = label.follow(&load.module) else {
                continue;
            };
            // A file that failed has told why.
            let Some(module) = self.modules.get(&target) else {
                continue;
            };
            for (symbol, place) in &load.symbols {
                if symbol.starts_with('_') {
                    let message = format!("`{symbol}` is private to `{target}`: its name starts with `_`");
                    missing.push(Diagnostic::error(message, place.clone()));
                } else if module.get_option(symbol).ok().flatten().is_none() {
                    let names: Vec<&str> = module.names().map(FrozenStringValue::as_str).collect();
                    let wrong = Diagnostic::error(format!("`{target}` has no `{symbol}`"), place.clone());
                    missing.push(match nearest(symbol, names.iter().copied()) {
                        Some(near) => wrong.hint(format!("did you mean `{near}`?")),
                        None => wrong,
                    });
                }
            }
        }
        missing
    }
}
