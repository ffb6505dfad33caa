//! The little that updating needs to know of a file's syntax.

use std::collections::BTreeSet;

/// A stretch of the text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// An item of a list that is written out.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) span: Span,
    /// The text, if it is a literal one.
    pub(super) text: Option<String>,
}

/// A list that is written out.
#[derive(Debug)]
pub(super) struct List {
    pub(super) span: Span,
    pub(super) elements: Vec<Element>,
}

/// The value of an argument.
#[derive(Debug)]
pub(super) enum Value {
    /// A literal text.
    Text(String),
    /// A list that is written out.
    List(List),
    /// Anything that would have to be evaluated.
    Other,
}

/// An argument of a call; one without a name that comes first is called `name`.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) value: Value,
    pub(super) value_span: Span,
}

/// A call that stands on its own at the top level.
#[derive(Debug)]
pub(super) struct Call {
    /// The function, by the name it has where it was loaded from.
    pub(super) function: String,
    pub(super) arguments: Vec<Argument>,
}

impl Call {
    /// An argument.
    pub(super) fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }

    /// An argument that is a literal text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match &self.argument(name)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An argument that is a list written out.
    pub(super) fn list(&self, name: &str) -> Option<&List> {
        match &self.argument(name)?.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }
}

/// A loaded symbol.
#[derive(Debug)]
pub(super) struct Symbol {
    pub(super) span: Span,
    /// Its name here.
    pub(super) local: String,
    /// Its name there.
    pub(super) name: String,
}

/// What a statement at the top level is.
#[derive(Debug)]
pub(super) enum Kind {
    /// `load("module", "symbol", ...)`.
    Load {
        /// The file.
        module: String,
        /// Where that is written.
        module_span: Span,
        /// What is loaded.
        symbols: Vec<Symbol>,
    },
    /// A call that stands on its own.
    Call(Call),
    /// A function.
    Define,
    /// Anything else.
    Other,
}

/// A call somewhere inside a statement, seen from afar.
#[derive(Debug)]
pub(super) struct Mention {
    pub(super) function: String,
    /// Its literal arguments.
    pub(super) texts: Vec<(String, String)>,
}

impl Mention {
    /// A literal argument.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.texts
            .iter()
            .find(|(argument, _)| argument == name)
            .map(|(_, text)| text.as_str())
    }
}

/// A statement at the top level.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) span: Span,
    pub(super) kind: Kind,
    /// Every call in it, its own included.
    pub(super) mentions: Vec<Mention>,
    /// Every name used in it.
    pub(super) used: BTreeSet<String>,
    /// Every name it binds.
    pub(super) bound: Vec<String>,
}

impl Statement {
    /// The call it is, if it is one.
    pub(super) const fn call(&self) -> Option<&Call> {
        if let Kind::Call(call) = &self.kind {
            Some(call)
        } else {
            None
        }
    }

    /// Whether it makes such a call when it is evaluated: a function's body is not.
    pub(super) fn makes(&self, wanted: impl Fn(&str) -> bool) -> bool {
        !matches!(self.kind, Kind::Define) && self.mentions.iter().any(|mention| wanted(&mention.function))
    }
}
