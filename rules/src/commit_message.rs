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
    // Clause 1 wants a colon and a space, clause 4 a noun in the parentheses; the parser is kinder than that.
    let split = at_colon(subject);
    let is_strict = split.is_some_and(|(kind, text)| text.starts_with(' ') && !kind.contains("()"));
    if is_strict && !parse(subject, &CommitRules::default()).is_empty() {
        return Ok(());
    }
    let what = match split {
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

/// A first line at the colon that ends its type and scope; a scope may hold others.
fn at_colon(subject: &str) -> Option<(&str, &str)> {
    let colon = subject.find(':')?;
    let scope = subject[..colon].find('(').and_then(|_| subject.find(')'));
    let after = scope.and_then(|end| Some(end + subject[end..].find(':')?));
    let colon = after.unwrap_or(colon);
    Some((&subject[..colon], &subject[colon + 1..]))
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
            "fix: call main() only once",
            "fix(core)!: f() and g(): both",
            "fix(npm:core): names with a colon",
            "fix: (a) and (b): c",
            "fix: a:b",
            "fix: #12 is no comment\n\n# Heading\n\nRelease-As: 2.0.0\nSigned-off-by: A <a@b.c>",
            "amend! feat: x",
            "fixup! fixup! update",
            "Reapply \"update\"",
            "Revert \"Merge branch 'x'\"",
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
            ("feat(): call main()", "scope is empty"),
            ("feat(npm:core):x", "a space has to follow"),
            ("Release-As: 2.0.0", "nothing but a scope"),
            ("call main(): x", "scope is empty"),
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
