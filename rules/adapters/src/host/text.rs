//! The end of what a program wrote, made fit for people.

use engine::printable;

/// The last `count` lines of what a program wrote, fit for people.
pub(crate) fn last_lines(output: &[u8], count: usize) -> String {
    let text = String::from_utf8_lossy(output).replace("\r\n", "\n");
    let lines: Vec<&str> = text.trim_end().lines().collect();
    printable(&lines[lines.len().saturating_sub(count)..].join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_output_is_what_matters() {
        assert_eq!(last_lines(b"1\r\n2\n3\xff\n\n", 2), "2\n3\u{fffd}");
        assert_eq!(last_lines(b"", 2), "");
    }
}
