//! What a person may do to a repository by hand: versions that agree, and messages that say what changed.

use std::collections::BTreeMap;

use model::{Config, Diagnostic, Location, Package, TrainDecl, Versioning, Workspace};

use crate::groups::Groups;
use crate::placeholder::is_placeholder;

/// The static versions that do not agree: packages of a fixed group (or of a train whose packages have one version)
/// with another version than the first of them.
#[must_use]
pub fn disagreements(config: &Config, train: &TrainDecl, workspace: &Workspace) -> Vec<Diagnostic> {
    let groups = Groups::of(config);
    let mut first: BTreeMap<Option<&str>, &Package> = BTreeMap::new();
    let mut wrong = Vec::new();
    let is_part = |package: &&Package| {
        let is_declared = groups
            .declaration(&package.id)
            .is_some_and(|declared| !declared.skip);
        is_declared && !package.private && !is_placeholder(package)
    };
    for package in workspace.packages().filter(is_part) {
        let name = groups.names(&package.id).first().copied();
        let group = name.and_then(|name| groups.group(name));
        if group
            .and_then(|group| group.versioning)
            .unwrap_or(train.versioning)
            != Versioning::Fixed
        {
            continue;
        }
        let leader = *first.entry(name).or_insert(package);
        if leader.version != package.version {
            let message = format!(
                "`{}` is at {}, and `{}` of the same group is at {}",
                package.name(),
                package.written_version,
                leader.name(),
                leader.written_version
            );
            let hint = "packages of a fixed group have one version: give them the same (`releasekit bump`)";
            wrong.push(Diagnostic::error(message, Location::file(&*package.manifest)).hint(hint));
        }
    }
    wrong
}

/// Whether a commit's message says what changed, as Conventional Commits 1.0.0 has it. What git itself writes, and
/// what is going to be squashed, says so in its own way.
///
/// # Errors
/// What is wrong with it, as a sentence, with how to write it.
pub fn check_message(message: &str) -> Result<(), Diagnostic> {
    let subject = message
        .lines()
        .map(str::trim_end)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let by_git = [
        "fixup! ",
        "squash! ",
        "amend! ",
        "Merge ",
        "Revert \"",
        "Reapply \"",
    ];
    if by_git.iter().any(|start| subject.starts_with(start)) {
        return Ok(());
    }
    // Clause 1 wants a colon and a space; the parser is kinder than that.
    let is_spaced = subject
        .split_once(':')
        .is_some_and(|(_, text)| text.starts_with(' '));
    let reason = match git_conventional::Commit::parse(subject) {
        Ok(_) if is_spaced => return Ok(()),
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    let what = match subject.split_once(':') {
        _ if subject.is_empty() => "it is empty".to_owned(),
        None => "it does not begin with a type and a colon".to_owned(),
        Some((_, text)) if text.trim().is_empty() => "nothing follows the colon".to_owned(),
        Some((_, text)) if !text.starts_with(' ') => "a space has to follow the colon".to_owned(),
        Some((kind, _)) if kind.ends_with(' ') => "there is a space before the colon".to_owned(),
        Some((kind, _)) if kind.contains("()") => "the scope is empty: leave the parentheses out".to_owned(),
        Some((kind, _)) if kind.contains(' ') && !kind.contains('(') => {
            format!("`{}` is not a type: types are one word", kind.escape_debug())
        }
        Some(_) => reason,
    };
    let message = format!(
        "the message `{}` is not a Conventional Commit: {what}",
        subject.escape_debug()
    );
    Err(Diagnostic::error(message, None).hint(
        "write `type(scope): what was done`, such as `fix(parser): take tabs`; `feat` adds, `fix` repairs, `!` before \
         the colon breaks, and `docs`, `test`, `refactor`, `build`, `ci`, `chore` release nothing",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_changed() {
        for good in [
            "feat: x",
            "fix(core)!: x\n\nbody",
            "CHORE: x",
            "fixup! feat: x",
            "squash! anything",
            "Merge branch 'x'",
            "Revert \"feat: x\"",
            "\nfix: late",
            "build(deps): x",
            "revert: x",
        ] {
            check_message(good).expect(good);
        }
        for (bad, words) in [
            ("", "empty"),
            ("update", "type and a colon"),
            ("feat:", "nothing follows"),
            ("feat:x", "a space has to follow"),
            ("feat : x", "space before"),
            ("feat(): x", "scope is empty"),
            ("add thing: x", "one word"),
            ("Merged: ", "nothing follows"),
            ("\u{1b}[31mx", "type and a colon"),
        ] {
            let wrong = check_message(bad).expect_err(bad);
            assert!(
                wrong.message.contains(words) && wrong.hint.is_some(),
                "{bad}: {}",
                wrong.message
            );
            assert!(!wrong.message.contains('\u{1b}'));
        }
    }
}
