//! A text that is assigned to a name at the top of a Python module, found without running anything.

use std::ops::Range;

/// What a module says about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Assigned {
    /// One plain text, whose bytes between the quotes these are.
    Text(Range<usize>),
    /// Something that only running the module would tell, or several things; on this line, from 1.
    Computed(u32),
    /// Nothing.
    Nothing,
}

/// What the module `text` assigns to `name`.
pub(super) fn assigned(text: &str, name: &str) -> Assigned {
    let mut found = Assigned::Nothing;
    let mut at = 0;
    let mut inside: Option<&str> = None;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let is_code = inside.is_none();
        if is_code && let Some(value) = value_of(line.trim_start_matches('\u{feff}'), name) {
            let offset = at + line.len() - value.len();
            found = match (found, literal(value)) {
                (Assigned::Nothing, Some(range)) => Assigned::Text(offset + range.start..offset + range.end),
                _ => Assigned::Computed(number),
            };
        } else if is_code && found == Assigned::Nothing && gets_otherwise(line, name) {
            found = Assigned::Computed(number);
        }
        inside = after(line, inside);
        at += line.len();
    }
    found
}

/// What is assigned if the line, which is not indented, assigns to the name.
fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(name)?.trim_start();
    let rest = match rest.strip_prefix(':') {
        Some(typed) => &typed[typed.find('=')?..],
        None => rest,
    };
    rest.strip_prefix('=')
        .filter(|value| !value.starts_with('='))
        .map(str::trim_start)
}

/// Whether the line imports the name, or assigns to it inside something.
fn gets_otherwise(line: &str, name: &str) -> bool {
    let code = line.split('#').next().unwrap_or("").trim();
    let words = || code.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let is_import = code.starts_with("from ") || code.starts_with("import ");
    let is_inner = line.starts_with([' ', '\t']) && value_of(code, name).is_some();
    is_import && words().any(|word| word == name) || is_inner
}

/// The bytes between the quotes if the value is one plain text and nothing else.
fn literal(value: &str) -> Option<Range<usize>> {
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let length = value[1..].find(quote)?;
    let (inner, rest) = (&value[1..=length], value[length + 2..].trim());
    let is_plain = !inner.is_empty() && !inner.contains('\\') && (rest.is_empty() || rest.starts_with('#'));
    is_plain.then_some(1..1 + length)
}

/// Which long text is open after the line, if `inside` is before it.
fn after<'a>(line: &str, mut inside: Option<&'a str>) -> Option<&'a str> {
    let mut rest = line;
    while !rest.is_empty() {
        if let Some(quotes) = inside {
            let Some(end) = rest.find(quotes) else {
                return inside;
            };
            (rest, inside) = (&rest[end + quotes.len()..], None);
            continue;
        }
        let opened = ["\"\"\"", "'''"]
            .into_iter()
            .find(|quotes| rest.starts_with(quotes));
        if let Some(quotes) = opened {
            (rest, inside) = (&rest[quotes.len()..], Some(quotes));
        } else if rest.starts_with('#') {
            return None;
        } else if let Some(quote) = rest.chars().next().filter(|quote| matches!(quote, '"' | '\'')) {
            let end = rest[1..].find(quote).map_or(rest.len(), |end| end + 2);
            rest = &rest[end..];
        } else {
            rest = &rest[rest.chars().next().map_or(1, char::len_utf8)..];
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_texts_are_believed() {
        let table = [
            ("__version__ = \"1.0\"\n", Ok("1.0")),
            ("\u{feff}__version__='1.0' # now\n", Ok("1.0")),
            ("import x\r\n__version__: str = \"1.0\"\r\n", Ok("1.0")),
            (
                "\"\"\"About.\n__version__ = \"9\"\n\"\"\"\n__version__ = \"1.0\"\n",
                Ok("1.0"),
            ),
            (
                "'''One line.'''\nX = \"it's\"\n__version__ = \"1.0\"\n",
                Ok("1.0"),
            ),
            ("__version__ == \"1.0\"\n__version_info__ = (1,)\n", Err(0)),
            ("\n__version__ = \".\".join(PARTS)\n", Err(2)),
            ("__version__ = f\"{A}\"\n", Err(1)),
            ("__version__ = \"1\" \"0\"\n", Err(1)),
            ("__version__ = \"1\"\n__version__ = \"2\"\n", Err(2)),
            ("from .about import __version__\n", Err(1)),
            ("try:\n    __version__ = \"1\"\nexcept E:\n    pass\n", Err(2)),
            ("", Err(0)),
        ];
        for (text, expected) in table {
            let read = match assigned(text, "__version__") {
                Assigned::Text(range) => Ok(&text[range]),
                Assigned::Computed(line) => Err(line),
                Assigned::Nothing => Err(0),
            };
            assert_eq!(read, expected, "{text}");
        }
    }
}
