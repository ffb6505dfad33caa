//! Reading: texts into syntax trees, and what each of them loads and defines.

use std::collections::BTreeMap;
use std::ops::Range;

use model::{Diagnostic, Location};
use starlark::codemap::{FileSpan, Span};
use starlark::syntax::{AstModule, Dialect, DialectTypes};
use starlark_syntax::syntax::ast::{AstStmt, ParameterP, StmtP};

use super::label::Label;
use super::{blame, guard};

/// A file that was read, but for its syntax tree.
#[derive(Default)]
pub(super) struct Parsed {
    /// Its text.
    pub(super) text: String,
    /// Its `load()` statements, in order.
    pub(super) loads: Vec<Load>,
    /// The functions it defines at its top, each with the names of its parameters.
    pub(super) functions: BTreeMap<String, Vec<String>>,
    /// Its top statements but `load()`s: the byte range and the place of each.
    pub(super) statements: Vec<(Range<usize>, Location)>,
    /// The byte ranges of those that nothing after them needs: bare calls and loops.
    expendable: Vec<Range<usize>>,
}

/// A `load()` statement.
pub(super) struct Load {
    /// What it loads, as written.
    pub(super) module: String,
    /// Where that is written.
    pub(super) place: Location,
    /// The names it takes, and where they are written.
    pub(super) symbols: Vec<(String, Location)>,
}

/// The language.
pub(super) fn dialect() -> Dialect {
    Dialect {
        enable_types: DialectTypes::Enable,
        enable_keyword_only_arguments: true,
        enable_positional_only_arguments: true,
        enable_top_level_stmt: true,
        enable_f_strings: true,
        enable_load_reexport: false,
        ..Dialect::Standard
    }
}

/// Reads a text.
pub(super) fn parse(label: &Label, text: String) -> Result<(Parsed, AstModule), Diagnostic> {
    let name = label.to_string();
    guard::check(&name, &text)?;
    let tree = AstModule::parse(&name, text.clone(), &dialect());
    let tree = tree.map_err(|error| blame::syntax(&error, &name))?;
    let mut parsed = Parsed {
        text,
        ..Parsed::default()
    };
    parsed.note(tree.statement(), &|span| tree.file_span(span));
    Ok((parsed, tree))
}

impl Parsed {
    fn note(&mut self, statement: &AstStmt, at: &dyn Fn(Span) -> FileSpan) {
        let range = statement.span.begin().get() as usize..statement.span.end().get() as usize;
        if !matches!(statement.node, StmtP::Statements(_) | StmtP::Load(_)) {
            self.statements
                .push((range.clone(), blame::location(&at(statement.span))));
        }
        match &statement.node {
            StmtP::Statements(statements) => statements.iter().for_each(|statement| self.note(statement, at)),
            StmtP::Load(load) => self.loads.push(Load {
                module: load.module.node.clone(),
                place: blame::location(&at(load.module.span)),
                symbols: load
                    .args
                    .iter()
                    .map(|symbol| (symbol.their.node.clone(), blame::location(&at(symbol.their.span))))
                    .collect(),
            }),
            StmtP::Def(def) => {
                let names = def.params.iter().filter_map(|parameter| match &parameter.node {
                    ParameterP::Normal(name, ..) => Some(name.node.ident.clone()),
                    _ => None,
                });
                self.functions
                    .insert(def.name.node.ident.clone(), names.collect());
            }
            StmtP::Expression(_) | StmtP::For(_) => {
                self.expendable
                    .push(statement.span.begin().get() as usize..statement.span.end().get() as usize);
            }
            _ => {}
        }
    }

    /// The text with spaces in place of the expendable statement at `offset`, if there is one; lines stay.
    pub(super) fn without(&self, offset: usize) -> Option<String> {
        let range = self
            .expendable
            .iter()
            .find(|range| range.contains(&offset))?
            .clone();
        let blank: String = self.text[range.clone()].chars().map(blanked).collect();
        Some(format!(
            "{}{blank}{}",
            &self.text[..range.start],
            &self.text[range.end..]
        ))
    }
}

/// What stands in the place of a character: as wide in characters, and in lines.
fn blanked(c: char) -> char {
    if c == '\n' { '\n' } else { ' ' }
}
