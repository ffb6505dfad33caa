//! Many files in one text.

/// Splits a text into files: each begins after a line `//- path`, and reaches to the next such line. What stands
/// before the first is ignored, and so is the indentation that all lines share.
///
/// # Panics
/// There is no such line.
#[must_use]
pub fn fixture(text: &str) -> Vec<(String, String)> {
    let indents = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len());
    let indent = indents.min().unwrap_or(0);
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let line = line.get(indent..).unwrap_or_default();
        if let Some(path) = line.strip_prefix("//- ") {
            files.push((path.trim().to_owned(), String::new()));
        } else if let Some((_, content)) = files.last_mut() {
            content.push_str(line);
            content.push('\n');
        }
    }
    assert!(!files.is_empty(), "a fixture has at least one line `//- path`");
    files
}

#[cfg(test)]
mod tests {
    use super::fixture;

    #[test]
    fn files_lose_their_common_indentation_only() {
        let files = fixture(
            "
            //- a.txt
            one
              two
            //- b/c.txt
            three
            ",
        );
        let expected = [("a.txt", "one\n  two\n"), ("b/c.txt", "three\n\n")];
        assert_eq!(
            files,
            expected.map(|(path, text)| (path.to_owned(), text.to_owned()))
        );
    }
}
