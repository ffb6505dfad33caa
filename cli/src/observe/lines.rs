//! Progress as plain lines, one for each action that did something.

use std::io::Write;
use std::time::Duration;

use engine::{Counts, Event, Observer, Outcome, printable};

use crate::terminal::Terminal;

/// How events are put into words.
#[derive(Clone, Copy)]
pub(super) struct Words {
    colour: bool,
    verbose: bool,
    quiet: bool,
}

impl Words {
    pub(super) fn new(terminal: &Terminal) -> Self {
        Self {
            colour: terminal.has_colour(),
            verbose: terminal.verbosity() > 0,
            quiet: terminal.is_quiet(),
        }
    }

    /// The line for an event, if it is worth one. Cached and confirmed actions are only counted.
    pub(super) fn line(&self, event: &Event) -> Option<String> {
        match event {
            Event::Retrying {
                name,
                attempt,
                wait,
                reason,
                ..
            } => Some(format!(
                "{} {} (attempt {attempt} failed, again in {}): {}",
                self.word("retry", "33"),
                printable(name),
                duration(*wait),
                one_line(reason),
            )),
            Event::Finished {
                name,
                outcome,
                took,
                message,
                hint,
                ..
            } => self.finished(name, *outcome, *took, message, hint.as_deref()),
            Event::Ended { counts } if !self.quiet => Some(summary(counts)),
            _ => None,
        }
    }

    fn finished(
        &self,
        name: &str,
        outcome: Outcome,
        took: Duration,
        message: &str,
        hint: Option<&str>,
    ) -> Option<String> {
        let name = printable(name);
        let quiet_enough = matches!(outcome, Outcome::Cached | Outcome::Confirmed) && !self.verbose;
        if quiet_enough || (self.quiet && outcome != Outcome::Failed) {
            return None;
        }
        let (word, style) = match outcome {
            Outcome::Cached => ("cached", "2"),
            Outcome::Confirmed => ("confirmed", "2"),
            Outcome::Executed => ("done", "32"),
            Outcome::Skipped => ("skipped", "33"),
            Outcome::Failed => ("failed", "31"),
        };
        let mut line = format!("{} {name}", self.word(word, style));
        if matches!(outcome, Outcome::Executed | Outcome::Failed) {
            line.push_str(&format!(" ({})", duration(took)));
        }
        match outcome {
            Outcome::Failed => {
                for text in printable(message).lines() {
                    line.push_str(&format!("\n          {text}"));
                }
                if let Some(hint) = hint {
                    line.push_str(&format!("\n    {} {}", self.word("hint:", "36"), one_line(hint)));
                }
            }
            _ if !message.is_empty() => line.push_str(&format!(": {}", one_line(message))),
            _ => {}
        }
        Some(line)
    }

    fn word(&self, word: &str, style: &str) -> String {
        let padded = format!("{word:>9}");
        if self.colour {
            format!("\u{1b}[{style}m{padded}\u{1b}[0m")
        } else {
            padded
        }
    }
}

/// The counts that are not zero, as a sentence.
pub(super) fn summary(counts: &Counts) -> String {
    let parts: Vec<String> = [
        (counts.executed, "executed"),
        (counts.cached, "cached"),
        (counts.confirmed, "confirmed"),
        (counts.skipped, "skipped"),
        (counts.failed, "failed"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    let total = counts.executed + counts.cached + counts.confirmed + counts.skipped + counts.failed;
    match total {
        0 => "nothing to do".to_owned(),
        1 => format!("1 action: {}", parts.join(", ")),
        _ => format!("{total} actions: {}", parts.join(", ")),
    }
}

/// A length of time, for people.
pub(super) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{seconds}.{} s", time.subsec_millis() / 100),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

fn one_line(text: &str) -> String {
    printable(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes a line for every event worth one.
pub(super) struct Lines(Words);

impl Lines {
    pub(super) const fn new(words: Words) -> Self {
        Self(words)
    }
}

impl Observer for Lines {
    fn notice(&self, event: &Event) {
        if let Some(line) = self.0.line(event) {
            // Nobody is left to tell when standard error is gone.
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_happened_is_counted() {
        assert_eq!(summary(&Counts::default()), "nothing to do");
        let counts = Counts {
            executed: 2,
            cached: 1,
            ..Counts::default()
        };
        assert_eq!(summary(&counts), "3 actions: 2 executed, 1 cached");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(duration(Duration::from_millis(7)), "7 ms");
        assert_eq!(duration(Duration::from_millis(1_250)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 5 s");
    }
}
