//! Puts a line of text into a frame.

/// The line, framed.
#[must_use]
pub fn frame(line: &str) -> String {
    let edge = "~".repeat(line.chars().count() + 4);
    format!("{edge}\n~ {line} ~\n{edge}\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_frame_is_as_wide_as_its_line() {
        assert_eq!(super::frame("ab"), "~~~~~~\n~ ab ~\n~~~~~~\n");
    }
}
