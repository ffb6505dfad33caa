//! `setup.cfg`: where the value of an option stands, as Python's `configparser` finds it.

use std::ops::Range;

/// The bytes of an option's value, without the blanks around it; those of later lines that belong to it included.
/// Nothing if there is none, or if it is empty.
pub(super) fn value(text: &str, section: &str, option: &str) -> Option<Range<usize>> {
    let (mut at, mut inside) = (0, false);
    let mut found: Option<Range<usize>> = None;
    for line in text.split_inclusive('\n') {
        let (start, plain) = (at, line.trim_start_matches('\u{feff}'));
        at += line.len();
        let is_blank = plain.trim().is_empty() || plain.trim_start().starts_with(['#', ';']);
        if is_blank {
            continue;
        }
        if plain.starts_with([' ', '\t']) {
            if let Some(range) = &mut found {
                range.end = start + line.trim_end().len();
            }
            continue;
        }
        if found.is_some() {
            break;
        }
        if let Some(rest) = plain.strip_prefix('[') {
            inside = rest.split(']').next() == Some(section);
        } else if inside
            && let Some(delimiter) = plain.find(['=', ':'])
            && plain[..delimiter].trim().eq_ignore_ascii_case(option)
        {
            let from = start + line.len() - plain.len() + delimiter + 1;
            found = Some(from..(start + line.trim_end().len()).max(from));
        }
    }
    let found = found?;
    let value = &text[found.clone()];
    let start = found.start + value.len() - value.trim_start().len();
    (start < found.end).then_some(start..found.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_their_section() {
        let text = "[other]\nversion = 9\n[metadata]\r\n# version = 8\r\nname=a\r\nVersion : attr: a.__version__ \r\n\
                    [options]\npackage_dir =\n    =src\n    # no\n    b = lib\nempty =\n";
        let table = [
            ("metadata", "version", Some("attr: a.__version__")),
            ("other", "version", Some("9")),
            ("options", "package_dir", Some("=src\n    # no\n    b = lib")),
            ("options", "empty", None),
            ("options", "version", None),
        ];
        for (section, option, expected) in table {
            assert_eq!(value(text, section, option).map(|range| &text[range]), expected);
        }
    }
}
