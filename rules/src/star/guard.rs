//! The guard before the parser: refuses texts whose nesting would overflow any stack, before a parser sees them.

use model::{Diagnostic, Location};

use super::MAX_FILE_BYTES;

/// How deep brackets may be nested.
const MAX_BRACKETS: usize = 128;

/// How deep blocks may be nested.
const MAX_BLOCKS: usize = 64;

/// How many operators may follow one another between two commas of a statement.
const MAX_OPERATORS: usize = 512;

/// Words that bind like operators.
const WORDS: [&str; 9] = ["not", "and", "or", "in", "is", "if", "else", "for", "lambda"];

/// Whether the text is one that the parser can take.
pub(super) fn check(file: &str, text: &str) -> Result<(), Diagnostic> {
    if text.len() > MAX_FILE_BYTES {
        let message = format!("the file has {} bytes, more than {MAX_FILE_BYTES}", text.len());
        return Err(Diagnostic::error(message, Location::file(file)).hint("split it, and `load()` its parts"));
    }
    Scan {
        file,
        text: text.as_bytes(),
        at: 0,
        line: 1,
        blocks: vec![Block::default()],
        chains: vec![0],
        open: Vec::new(),
    }
    .run()
}

/// A level of indentation.
#[derive(Default)]
struct Block {
    /// Its width.
    indent: usize,
    /// How many `elif` have followed one another.
    elifs: usize,
}

/// A walk over a text.
struct Scan<'a> {
    file: &'a str,
    text: &'a [u8],
    at: usize,
    line: u32,
    /// The blocks around the current line, outermost first.
    blocks: Vec<Block>,
    /// Operators in a row: of the statement, and of every bracket that is open.
    chains: Vec<usize>,
    /// The brackets that are open: the line of each, and where it is.
    open: Vec<(u32, usize)>,
}

impl Scan<'_> {
    fn run(mut self) -> Result<(), Diagnostic> {
        self.indentation()?;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.line += 1;
                    if self.chains.len() == 1 {
                        self.chains[0] = 0;
                        self.indentation()?;
                    }
                }
                b'#' => self.skip_while(|byte| byte != b'\n'),
                b'\'' | b'"' => self.string(byte),
                b'(' | b'[' | b'{' => {
                    self.operator()?;
                    self.chains.push(0);
                    self.open.push((self.line, self.at));
                    if self.chains.len() > MAX_BRACKETS + 1 {
                        return Err(self.refuse(format!("brackets are nested more than {MAX_BRACKETS} deep")));
                    }
                    self.at += 1;
                }
                b')' | b']' | b'}' => {
                    if self.open.pop().is_some() {
                        self.chains.pop();
                    }
                    self.at += 1;
                }
                b',' | b';' => {
                    self.reset();
                    self.at += 1;
                }
                b'\\' => self.escape(),
                b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => self.word()?,
                b'0'..=b'9' => self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'.'),
                b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'~' | b'<' | b'>' | b'=' | b'!'
                | b'.' => {
                    self.operator()?;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        self.closed()
    }

    /// Whether no bracket is left open at the end.
    fn closed(&self) -> Result<(), Diagnostic> {
        let Some(&(line, at)) = self.open.last() else {
            return Ok(());
        };
        let (open, close) = match self.text[at] {
            b'(' => ('(', ')'),
            b'[' => ('[', ']'),
            _ => ('{', '}'),
        };
        let start = self.text[..at]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let column = String::from_utf8_lossy(&self.text[start..at]).chars().count() + 1;
        let column = u32::try_from(column).unwrap_or(u32::MAX);
        let place = Location {
            file: self.file.to_owned(),
            line,
            column,
            length: 1,
        };
        Err(Diagnostic::error(format!("`{open}` is never closed"), place).hint(format!("add `{close}`")))
    }

    /// Measures the line that starts here, unless it is empty.
    fn indentation(&mut self) -> Result<(), Diagnostic> {
        let from = self.at;
        self.skip_while(|byte| byte == b' ' || byte == b'\t');
        let indent = self.at - from;
        if matches!(self.text.get(self.at), None | Some(b'\n' | b'\r' | b'#')) {
            return Ok(());
        }
        while self.blocks.len() > 1 && self.blocks.last().is_some_and(|block| block.indent > indent) {
            self.blocks.pop();
        }
        if self.blocks.last().is_some_and(|block| block.indent < indent) {
            self.blocks.push(Block { indent, elifs: 0 });
            if self.blocks.len() > MAX_BLOCKS + 1 {
                return Err(self.refuse(format!("blocks are nested more than {MAX_BLOCKS} deep")));
            }
        }
        let is_elif = self.text[self.at..].starts_with(b"elif");
        let Some(block) = self.blocks.last_mut() else {
            return Ok(());
        };
        block.elifs = if is_elif { block.elifs + 1 } else { 0 };
        if block.elifs > MAX_BLOCKS {
            return Err(self.refuse(format!("more than {MAX_BLOCKS} `elif` follow one another")));
        }
        Ok(())
    }

    /// Counts an operator.
    fn operator(&mut self) -> Result<(), Diagnostic> {
        let Some(chain) = self.chains.last_mut() else {
            return Ok(());
        };
        *chain += 1;
        if *chain > MAX_OPERATORS {
            return Err(self.refuse(format!("more than {MAX_OPERATORS} operators in one expression")));
        }
        Ok(())
    }

    /// Starts to count anew.
    fn reset(&mut self) {
        if let Some(chain) = self.chains.last_mut() {
            *chain = 0;
        }
    }

    fn word(&mut self) -> Result<(), Diagnostic> {
        let from = self.at;
        self.skip_while(|byte| byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80);
        let word = &self.text[from..self.at];
        if WORDS.iter().any(|known| known.as_bytes() == word) {
            self.operator()?;
        } else if matches!(word, b"r" | b"b" | b"rb" | b"br" | b"f" | b"fr" | b"rf")
            && let Some(&quote @ (b'\'' | b'"')) = self.text.get(self.at)
        {
            self.string(quote);
        }
        Ok(())
    }

    /// Skips a string that starts here.
    fn string(&mut self, quote: u8) {
        let long = self.text[self.at..].starts_with(&[quote; 3]);
        let end: &[u8] = if long { &[quote; 3] } else { &[quote] };
        self.at += end.len();
        while let Some(&byte) = self.text.get(self.at) {
            if self.text[self.at..].starts_with(end) {
                self.at += end.len();
                return;
            }
            match byte {
                b'\\' => self.escape(),
                b'\n' if !long => return,
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }

    /// Skips a backslash and what it escapes.
    fn escape(&mut self) {
        if self.text.get(self.at + 1) == Some(&b'\n') {
            self.line += 1;
        }
        self.at = (self.at + 2).min(self.text.len());
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.text.get(self.at).is_some_and(|&byte| wanted(byte)) {
            self.at += 1;
        }
    }

    fn refuse(&self, message: String) -> Diagnostic {
        let place = Location {
            line: self.line,
            ..Location::file(self.file)
        };
        Diagnostic::error(message, place).hint("give parts of it names of their own")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<(u32, String)> {
        let diagnostic = check("RELEASE.star", text).err()?;
        Some((
            diagnostic.location.map_or(0, |place| place.line),
            diagnostic.message,
        ))
    }

    #[test]
    fn ordinary_texts_pass() {
        let list: String = (0..10_000).map(|i| format!("    \"p{i}\" + x.y,\n")).collect();
        let long = "'''".to_owned() + &"((((\n".repeat(500) + "'''\n";
        for text in [
            "",
            "\n\n",
            "x = 1\n",
            "f(\n  a = 1,\n)\n",
            "x = 'it\\'s ((((' # ((((\n",
            "if a:\n  b\nelif c:\n  d\n",
        ] {
            assert_eq!(refused(text), None, "{text}");
        }
        assert_eq!(refused(&format!("x = [\n{list}]\n")), None);
        assert_eq!(refused(&format!("x = {long}")), None);
        assert_eq!(refused(&"x = f(1) + a.b\n".repeat(1000)), None);
    }

    #[test]
    fn deep_texts_are_refused_with_their_line() {
        let blocks: String = (0..70).map(|i| " ".repeat(i) + "if x:\n").collect();
        for (text, line, message) in [
            (
                format!("a = 1\nx = {}", "(".repeat(200_000)),
                2,
                "brackets are nested more than 128 deep",
            ),
            (
                format!("x = 1{}\n", " + 1".repeat(600)),
                1,
                "more than 512 operators in one expression",
            ),
            (
                format!("\n\nx = {}1\n", "not ".repeat(600)),
                3,
                "more than 512 operators in one expression",
            ),
            (
                format!("x = a{}\n", "[0]".repeat(600)),
                1,
                "more than 512 operators in one expression",
            ),
            (
                format!("x = a{}\n", ".b()".repeat(600)),
                1,
                "more than 512 operators in one expression",
            ),
            (blocks, 66, "blocks are nested more than 64 deep"),
            (
                format!("if x:\n  pass\n{}", "elif x:\n  pass\n".repeat(70)),
                131,
                "more than 64 `elif` follow one another",
            ),
        ] {
            assert_eq!(refused(&text), Some((line, message.to_owned())));
        }
        assert!(refused(&" ".repeat(MAX_FILE_BYTES + 1)).is_some());
    }
}
