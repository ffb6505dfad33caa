//! What a process says: its beginning and its end, however much there is between them.

use std::collections::VecDeque;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::printable;

/// How much of the beginning, and of the end, is kept.
const HALF: usize = 512 * 1024;
/// How many lines of it are shown when the process failed.
const SHOWN: usize = 20;
/// How much of one such line.
const WIDEST: usize = 500;

/// The beginning and the end of what was said.
#[derive(Debug, Default)]
pub(super) struct Capture {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Capture {
    /// Reads until nobody can say anything more.
    pub(super) async fn read(&mut self, source: Option<impl AsyncRead + Unpin>) {
        let Some(mut source) = source else { return };
        let mut buffer = vec![0; 16 * 1024];
        // A pipe that cannot be read has nothing more to say.
        while let Ok(read @ 1..) = source.read(&mut buffer).await {
            self.add(&buffer[..read]);
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        let (first, rest) = bytes.split_at(bytes.len().min(HALF - self.head.len()));
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let surplus = self.tail.len().saturating_sub(HALF);
        self.tail.drain(..surplus);
        self.dropped += surplus as u64;
    }

    /// Everything that was kept, with a note where something was left out.
    pub(super) fn bytes(mut self) -> Vec<u8> {
        if self.dropped > 0 {
            self.head
                .extend(format!("\n[... {} bytes left out ...]\n", self.dropped).into_bytes());
        }
        self.head.extend(self.tail);
        self.head
    }
}

/// The last lines of `said`, fit to be shown; empty if nothing was said.
pub(super) fn last_lines(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let from = lines.len().saturating_sub(SHOWN);
    let shown = lines[from..].iter().map(|line| {
        // What was overwritten by a carriage return was not meant to stay.
        let line = line
            .trim_end_matches('\r')
            .rsplit('\r')
            .next()
            .unwrap_or_default();
        let cut = line.char_indices().nth(WIDEST).map_or(line.len(), |(at, _)| at);
        printable(&line[..cut])
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// How a process ended, as a verb phrase.
pub(super) fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "ended without saying how".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_tail_are_kept() {
        let mut capture = Capture::default();
        capture.add(b"first");
        for _ in 0..100 {
            capture.add(&[b'.'; 20_000]);
        }
        capture.add(b"last");
        let bytes = capture.bytes();
        assert!(bytes.starts_with(b"first...") && bytes.ends_with(b"...last"));
        assert!(bytes.len() < 2 * HALF + 100);
        let note = format!("[... {} bytes left out ...]", 2_000_009 - 2 * HALF);
        assert!(String::from_utf8_lossy(&bytes).contains(&note));
    }

    #[test]
    fn short_output_is_kept_whole() {
        let mut capture = Capture::default();
        capture.add(b"all of it");
        assert_eq!(capture.bytes(), b"all of it");
    }

    #[test]
    fn the_last_lines_are_fit_for_a_terminal() {
        let said: String = (1..=30).map(|n| format!("line {n}\n")).collect();
        let shown = last_lines(said.as_bytes());
        assert!(
            shown.starts_with("line 11\n") && shown.ends_with("line 30"),
            "{shown}"
        );
        assert_eq!(
            last_lines(b"10%\r100%\r\n\x1b[31mred\xff"),
            "100%\n\\u{1b}[31mred\u{fffd}"
        );
        assert_eq!(last_lines(b"\n"), "");
    }
}
