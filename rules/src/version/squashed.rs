//! The body that `git merge --squash` writes: every commit it takes in, indented below its id.

/// What such a body begins with.
const BEGINNING: &str = "Squashed commit of the following:";

/// What stands around such a body, and the messages in it; nothing if there is no such body.
///
/// Git writes them as `git log` does: `commit <id>`, lines such as `Author:`, and the message indented by four spaces.
pub(super) fn squashed(message: &str) -> Option<(String, Vec<String>)> {
    let mut lines = message.lines();
    let mut around = String::new();
    loop {
        let line = lines.next()?;
        if line.trim_end() == BEGINNING {
            break;
        }
        push(&mut around, line);
    }
    let mut messages: Vec<String> = Vec::new();
    for line in lines.filter(|line| line.trim_end() != BEGINNING) {
        match (messages.last_mut(), line.strip_prefix("    ")) {
            _ if is_commit(line) => messages.push(String::new()),
            (Some(message), Some(text)) => push(message, text),
            (Some(message), None) if line.trim().is_empty() => push(message, ""),
            (Some(message), None) if message.trim().is_empty() => {}
            _ => push(&mut around, line),
        }
    }
    (!messages.is_empty()).then_some((around, messages))
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Whether a line is `commit <id>`.
fn is_commit(line: &str) -> bool {
    let id = line.strip_prefix("commit ").map(str::trim_end);
    id.is_some_and(|id| (40..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_messages_are_found_and_what_is_around_them() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        let text = format!(
            "feat: all\n\n{BEGINNING}\n\ncommit {id}\nMerge: 1 2\nAuthor: A <a@x>\nDate:   Sat\n\n    fix: b\n\n      \
             deep\n\ncommit {id}\nAuthor: A\n\n    docs: c\n\nRefs: #1\n"
        );
        let (around, messages) = squashed(&text).expect("a squash");
        assert_eq!(around, "feat: all\n\n\nRefs: #1\n");
        let trimmed: Vec<&str> = messages.iter().map(|message| message.trim()).collect();
        assert_eq!(trimmed, ["fix: b\n\n  deep", "docs: c"]);
        assert_eq!(squashed("feat: x\n\ncommit of mine"), None);
        assert_eq!(squashed(&format!("{BEGINNING}\n\ncommit it\n")), None);
    }
}
