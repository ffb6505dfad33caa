//! Memory: what git said of a range of commits, which never changes, in one file outside the repository.

use std::path::PathBuf;

use cas::Digest;
use model::CommitId;

/// What the file begins with; changed when git is asked another question.
const MAGIC: &[u8] = b"releasekit git log 2\n";

/// The answer that was heard last, if there is a place for it. Losing it costs time only.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    file: Option<PathBuf>,
}

/// An answer.
pub(super) struct Known {
    /// What git was asked; see [`question`].
    pub(super) question: String,
    /// What it said.
    pub(super) said: Vec<u8>,
}

impl Memory {
    /// Remembers in this file.
    pub(crate) const fn at(file: PathBuf) -> Self {
        Self { file: Some(file) }
    }

    /// What git said, if it was asked just that the last time.
    pub(super) fn recall(&self, head: &CommitId, since: &[CommitId]) -> Option<Vec<u8>> {
        let known = self.known()?;
        (known.question == question(head, since)).then_some(known.said)
    }

    /// What git said last, and what it was asked.
    pub(super) fn known(&self) -> Option<Known> {
        let mut bytes = std::fs::read(self.file.as_ref()?).ok()?;
        let rest = bytes.strip_prefix(MAGIC)?;
        let (question, rest) = line(rest)?;
        let (checksum, said) = line(rest)?;
        if Digest::of(said).to_string().as_bytes() != checksum {
            return None;
        }
        let question = String::from_utf8(question.to_vec()).ok()?;
        let begin = bytes.len() - said.len();
        bytes.drain(..begin);
        Some(Known {
            question,
            said: bytes,
        })
    }

    /// Remembers what git said, in parts.
    pub(super) fn keep(&self, head: &CommitId, since: &[CommitId], parts: &[Vec<u8>]) {
        let Some(file) = &self.file else { return };
        let said = parts.concat();
        let checksum = format!("{}\n", Digest::of(&said));
        let bytes = [
            MAGIC,
            question(head, since).as_bytes(),
            b"\n",
            checksum.as_bytes(),
            said.as_slice(),
        ]
        .concat();
        let folder = file.parent().map_or(Ok(()), std::fs::create_dir_all);
        if folder.is_ok() {
            // A place that cannot be written to remembers nothing.
            _ = cas::write_atomically(file, &bytes);
        }
    }
}

/// A line, and what follows it.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

/// What was asked, as a line.
pub(super) fn question(head: &CommitId, since: &[CommitId]) -> String {
    let mut since: Vec<&str> = since.iter().map(|id| id.0.as_str()).collect();
    since.sort_unstable();
    since.dedup();
    let text = format!("{head} {}", since.join(" "));
    Digest::of(text.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_question_has_the_remembered_answer() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("a/log");
        let memory = Memory::at(file.clone());
        let id = |text: &str| CommitId(text.to_owned());
        assert_eq!(memory.recall(&id("a"), &[]), None);
        memory.keep(
            &id("a"),
            &[id("b"), id("c")],
            &[b"one\n".to_vec(), b"and two".to_vec()],
        );
        assert_eq!(
            memory.recall(&id("a"), &[id("c"), id("b")]),
            Some(b"one\nand two".to_vec())
        );
        assert_eq!(memory.recall(&id("a"), &[id("b")]), None);
        assert_eq!(memory.recall(&id("b"), &[id("b"), id("c")]), None);
        for at in 0..std::fs::read(&file).expect("it is there").len() {
            let mut bytes = std::fs::read(&file).expect("it is there");
            bytes[at] ^= 1;
            std::fs::write(&file, &bytes).expect("it can be written");
            assert_eq!(memory.recall(&id("a"), &[id("b"), id("c")]), None, "byte {at}");
            bytes[at] ^= 1;
            std::fs::write(&file, &bytes).expect("it can be written");
        }
        assert_eq!(Memory::default().recall(&id("a"), &[]), None);
    }
}
