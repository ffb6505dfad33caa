//! Whether bump files hold the versions of their packages.

use crate::bump_file::{declared, is_whole, occurrences};
use crate::placeholder::is_placeholder;

use super::{CheckInput, Finding, FindingKind, says, written};

/// Bump files that are missing, that hold no version, or hold another one.
pub(super) fn check(input: &CheckInput<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (package, file) in declared(input.config, input.workspace) {
        if is_placeholder(package) {
            continue;
        }
        let expected = written(package, &package.version);
        let finding = |line: u32, stands: &str, hint: String| Finding {
            kind: FindingKind::BumpFile,
            file: file.path.clone(),
            line,
            place: file.pattern.clone().unwrap_or_default(),
            package: package.id.clone(),
            found: stands.to_owned(),
            expected: expected.clone(),
            hint,
        };
        if !input.tree.files().contains(&file.path) {
            let hint = "the file is missing, or an ignore file hides it: correct the path in `bump_files`";
            found.push(finding(0, "", hint.to_owned()));
            continue;
        }
        let text = match input.tree.read(&file.path) {
            Ok(text) => text,
            Err(reason) => {
                found.push(finding(0, "", reason));
                continue;
            }
        };
        let places = occurrences(file.pattern.as_deref(), &text, package);
        if places.is_empty() {
            let hint = match &file.pattern {
                Some(_) => "the pattern matches nothing in this file: correct the pattern in `bump_files`",
                None => {
                    "the version does not stand by itself in this file: write it there, or give a pattern"
                }
            };
            found.push(finding(0, "", hint.to_owned()));
        }
        for place in places {
            let stands = &text[place.range];
            if file.pattern.is_some() && !is_whole(stands, package) {
                let hint = "this is no whole version, which is what is written there: let the first group of the pattern match all of it";
                found.push(finding(place.line, stands, hint.to_owned()));
            } else if !says(stands, package) {
                let hint = format!("write {expected} there; `releasekit bump` does when the version changes");
                found.push(finding(place.line, stands, hint));
            }
        }
    }
    found
}
