//! From the parser's tree to the little that updating needs to know of it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Diagnostic, Location};
use starlark_syntax::codemap::Span as Spot;
use starlark_syntax::syntax::ast::{
    ArgumentP, AssignTargetP, AstArgument, AstExpr, AstLiteral, AstNoPayload, AstStmt, ExprP, StmtP,
};
use starlark_syntax::syntax::top_level_stmts::top_level_stmts;
use starlark_syntax::syntax::{AstModule, Dialect, DialectTypes};

use super::syntax::{Argument, Call, Element, Kind, List, Mention, Span, Statement, Symbol, Value};

/// Everything the language can do: whether it may is for evaluation to say.
const DIALECT: Dialect = Dialect {
    enable_keyword_only_arguments: true,
    enable_positional_only_arguments: true,
    enable_types: DialectTypes::Enable,
    enable_top_level_stmt: true,
    enable_f_strings: true,
    ..Dialect::Standard
};

/// The functions loaded under another name, by the name they have here.
type Renamed = BTreeMap<String, String>;

/// The statements and comments of a file.
pub(super) fn parse(text: &str, file: &str) -> Result<(Vec<Statement>, Vec<Span>), Diagnostic> {
    let module =
        AstModule::parse(file, text.to_owned(), &DIALECT).map_err(|error| diagnostic(&error, file))?;
    let statements = top_level_stmts(module.statement());
    let mut renamed = Renamed::new();
    for load in module.loads() {
        for (local, name) in load.symbols {
            renamed.insert(local.to_owned(), name.to_owned());
        }
    }
    let statements = statements
        .into_iter()
        .map(|found| statement(found, text, &renamed))
        .collect();
    let comments = module
        .comments()
        .iter()
        .map(|comment| span(*comment, text))
        .collect();
    Ok((statements, comments))
}

fn diagnostic(error: &starlark_syntax::Error, file: &str) -> Diagnostic {
    let location = error.span().map_or_else(
        || Location::file(file),
        |span| {
            let place = span.resolve_span();
            let number = |value: usize| u32::try_from(value).unwrap_or_default();
            let one_line = place.begin.line == place.end.line;
            let length = if one_line {
                place.end.column.saturating_sub(place.begin.column)
            } else {
                0
            };
            Location {
                file: file.to_owned(),
                line: number(place.begin.line + 1),
                column: number(place.begin.column + 1),
                length: number(length),
            }
        },
    );
    let message = error.without_diagnostic().to_string();
    Diagnostic::error(message, location).hint("repair the file first; nothing in it was changed")
}

/// A stretch without the line ending some of the parser's end with.
fn span(spot: Spot, text: &str) -> Span {
    let (start, end) = (spot.begin().get() as usize, spot.end().get() as usize);
    let length = text
        .get(start..end)
        .map_or(end - start, |found| found.trim_end().len());
    Span {
        start,
        end: start + length,
    }
}

fn statement(found: &AstStmt, text: &str, renamed: &Renamed) -> Statement {
    let mut mentions = Vec::new();
    let mut used = BTreeSet::new();
    found.visit_expr(|expression| walk(expression, text, renamed, &mut mentions, &mut used));
    let mut bound = Vec::new();
    let kind = match &found.node {
        StmtP::Load(load) => Kind::Load {
            module: load.module.node.clone(),
            module_span: span(load.module.span, text),
            symbols: load
                .args
                .iter()
                .map(|symbol| Symbol {
                    span: span(symbol.span(), text),
                    local: symbol.local.node.ident.clone(),
                    name: symbol.their.node.clone(),
                })
                .collect(),
        },
        StmtP::Expression(expression) => call(expression, text, renamed).map_or(Kind::Other, Kind::Call),
        StmtP::Def(def) => {
            bound.push(def.name.node.ident.clone());
            Kind::Define
        }
        StmtP::Assign(assign) => {
            if let AssignTargetP::Identifier(name) = &assign.lhs.node {
                bound.push(name.node.ident.clone());
            }
            Kind::Other
        }
        _ => Kind::Other,
    };
    Statement {
        span: span(found.span, text),
        kind,
        mentions,
        used,
        bound,
    }
}

/// Collects every call and every name of an expression.
fn walk(
    expression: &AstExpr,
    text: &str,
    renamed: &Renamed,
    mentions: &mut Vec<Mention>,
    used: &mut BTreeSet<String>,
) {
    if let ExprP::Identifier(name) = &expression.node {
        used.insert(name.node.ident.clone());
    }
    if let Some(call) = call(expression, text, renamed) {
        let texts = call
            .arguments
            .into_iter()
            .filter_map(|argument| match argument.value {
                Value::Text(text) => Some((argument.name, text)),
                _ => None,
            });
        mentions.push(Mention {
            function: call.function,
            texts: texts.collect(),
        });
    }
    expression
        .node
        .visit_expr(|inner| walk(inner, text, renamed, mentions, used));
}

/// The call an expression is, if it calls something by its name.
fn call(expression: &AstExpr, text: &str, renamed: &Renamed) -> Option<Call> {
    let ExprP::Call(function, arguments) = &expression.node else {
        return None;
    };
    let ExprP::Identifier(name) = &function.node else {
        return None;
    };
    let local = &name.node.ident;
    let arguments = arguments
        .args
        .iter()
        .enumerate()
        .map(|(index, found)| argument(index, found, text));
    Some(Call {
        function: renamed.get(local).unwrap_or(local).clone(),
        arguments: arguments.collect(),
    })
}

fn argument(index: usize, found: &AstArgument, text: &str) -> Argument {
    let (name, expression): (&str, &AstExpr) = match &found.node {
        ArgumentP::Named(name, expression) => (&name.node, expression),
        ArgumentP::Positional(expression) => (if index == 0 { "name" } else { "" }, expression),
        ArgumentP::Args(expression) | ArgumentP::KwArgs(expression) => ("", expression),
    };
    Argument {
        name: name.to_owned(),
        span: span(found.span, text),
        value: value(&expression.node, expression.span, text),
        value_span: span(expression.span, text),
    }
}

fn value(expression: &ExprP<AstNoPayload>, spot: Spot, text: &str) -> Value {
    match expression {
        ExprP::Literal(AstLiteral::String(literal)) => Value::Text(literal.node.clone()),
        ExprP::List(items) => {
            let elements = items.iter().map(|item| Element {
                span: span(item.span, text),
                text: match &item.node {
                    ExprP::Literal(AstLiteral::String(literal)) => Some(literal.node.clone()),
                    _ => None,
                },
            });
            Value::List(List {
                span: span(spot, text),
                elements: elements.collect(),
            })
        }
        _ => Value::Other,
    }
}
