//! What a person may say in a commit's message: Conventional Commits, and what git itself writes.

use model::{CommitRules, Diagnostic};

use crate::version::message::parse;

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
    if is_spaced && !subject.contains("()") && !parse(subject, &CommitRules::default()).is_empty() {
        return Ok(());
    }
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
        Some(_) => "a type is followed by nothing but a scope in parentheses and a `!`".to_owned(),
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
