//! Names that can be a file's, on any system and in any index.

use engine::{StepError, printable};

/// What packages, versions and files are written with.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._+!~-".contains(c)
}

/// Refuses anything but a plain name: letters, digits and `._+!~-`, beginning with a letter, a digit or `_`.
pub(super) fn plain<'a>(what: &str, name: &'a str) -> Result<&'a str, StepError> {
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if begins && name.len() <= 255 && name.chars().all(is_plain) {
        return Ok(name);
    }
    Err(StepError::new(format!(
        "`{}` cannot be the name of a {what}: only letters, digits and ._+!~- can",
        printable(name)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tricks_are_not_names() {
        for name in ["core", "_a", "1.0.0+a.1", "1!2.0", "my_pkg-1.0-py3-none-any.whl"] {
            assert!(plain("file", name).is_ok(), "{name}");
        }
        let long = "a".repeat(256);
        for name in [
            "",
            ".",
            "..",
            ".a",
            "-a",
            "a/b",
            "a\\b",
            "a b",
            "a\n",
            "a\0",
            "é",
            "a\"",
            "C:",
            "@a",
            long.as_str(),
        ] {
            assert!(plain("file", name).is_err(), "{name}");
        }
    }
}
