//! Comments that steer generating.

use std::collections::{BTreeMap, BTreeSet};

use model::{Diagnostic, Package, PackageId};

use super::infer::inside;
use super::source::Source;
use super::syntax::{Span, Statement, Value};

/// What a directive starts with.
const PREFIX: &str = "releasekit:generate";

/// One directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    /// Hands off: these packages, or, if none is named, what it stands at.
    Ignore(Vec<String>),
    /// The group of these packages, or, if none is named, of what it stands at.
    Group(String, Vec<String>),
}

/// The directive a comment is, if it is one.
pub(super) fn parse(comment: &str) -> Option<Result<Directive, String>> {
    let rest = comment
        .trim_start_matches('#')
        .trim_start()
        .strip_prefix(PREFIX)?;
    if rest.starts_with(|next: char| !next.is_whitespace()) {
        return None;
    }
    let mut words = rest.split_whitespace().take_while(|word| !word.starts_with("--"));
    let Some(verb) = words.next() else {
        return Some(Err("this directive says nothing".to_owned()));
    };
    let names: Vec<String> = words.map(|name| name.trim_end_matches(',').to_owned()).collect();
    Some(match verb.split_once('=') {
        None if verb == "ignore" => Ok(Directive::Ignore(names)),
        Some(("group", group)) if !group.is_empty() => Ok(Directive::Group(group.to_owned(), names)),
        _ => Err(format!("there is no directive `{verb}`")),
    })
}

/// All directives of a file.
#[derive(Debug, Default)]
pub(super) struct Directives {
    ignored: BTreeSet<String>,
    groups: BTreeMap<String, String>,
    /// By the start of the statement they stand at.
    ignored_statements: BTreeSet<usize>,
    statement_groups: BTreeMap<usize, String>,
}

impl Directives {
    /// Reads the directives of a file.
    pub(super) fn read(source: &Source) -> Result<Self, Vec<Diagnostic>> {
        let mut directives = Self::default();
        let mut complaints = Vec::new();
        let mut at_something = BTreeSet::new();
        for statement in &source.statements {
            for comment in source
                .comments_above(statement)
                .iter()
                .chain(beside(source, statement))
            {
                at_something.insert(comment.start);
                if in_list(statement, *comment) {
                    continue;
                }
                match parse(source.at(*comment)) {
                    Some(Ok(Directive::Ignore(names))) if names.is_empty() => {
                        directives.ignored_statements.insert(statement.span.start);
                    }
                    Some(Ok(Directive::Group(group, names))) if names.is_empty() => {
                        directives.statement_groups.insert(statement.span.start, group);
                    }
                    _ => {}
                }
            }
        }
        for comment in &source.comments {
            let complaint = match parse(source.at(*comment)) {
                Some(Err(message)) => message,
                Some(Ok(Directive::Ignore(names) | Directive::Group(_, names))) if names.is_empty() => {
                    if at_something.contains(&comment.start) {
                        continue;
                    }
                    "this directive stands at no call and names no package".to_owned()
                }
                Some(Ok(Directive::Ignore(names))) => {
                    directives.ignored.extend(names);
                    continue;
                }
                Some(Ok(Directive::Group(group, names))) => {
                    directives
                        .groups
                        .extend(names.into_iter().map(|name| (name, group.clone())));
                    continue;
                }
                None => continue,
            };
            let hint = "write `# releasekit:generate ignore` or `# releasekit:generate group=NAME` directly above \
                        a call, or add the names of packages";
            complaints.push(Diagnostic::error(complaint, source.location(*comment)).hint(hint));
        }
        if complaints.is_empty() {
            Ok(directives)
        } else {
            Err(complaints)
        }
    }

    /// Whether a package is to be left alone.
    pub(super) fn ignores(&self, id: &PackageId) -> bool {
        self.ignores_name(&id.name) || self.ignores_name(&id.to_string())
    }

    /// Whether whatever has that name is to be left alone.
    pub(super) fn ignores_name(&self, name: &str) -> bool {
        self.ignored.contains(name)
    }

    /// Whether a statement is to be left alone.
    pub(super) fn ignores_statement(&self, statement: &Statement) -> bool {
        self.ignored_statements.contains(&statement.span.start)
    }

    /// Whether everything in a package's folder is to be left alone.
    pub(super) fn ignores_folder_of(&self, package: &Package) -> bool {
        let folders = self.ignored.iter().filter_map(|name| name.strip_suffix('/'));
        folders
            .into_iter()
            .any(|folder| inside(&package.path, folder.trim_start_matches("./")).is_some())
    }

    /// The group asked for a package by name.
    pub(super) fn group(&self, id: &PackageId) -> Option<&String> {
        self.groups
            .get(&id.to_string())
            .or_else(|| self.groups.get(&id.name))
    }

    /// The group asked for at a statement.
    pub(super) fn statement_group(&self, statement: &Statement) -> Option<&String> {
        self.statement_groups.get(&statement.span.start)
    }
}

/// The comments inside a statement and behind it.
fn beside<'s>(source: &'s Source, statement: &Statement) -> &'s [Span] {
    source.comments_in(Span {
        start: statement.span.start,
        end: source.line_end(statement.span.end),
    })
}

/// Whether a comment stands inside a list, and so speaks of an element.
fn in_list(statement: &Statement, comment: Span) -> bool {
    let arguments = statement.call().into_iter().flat_map(|call| &call.arguments);
    arguments.into_iter().any(|argument| {
        matches!(&argument.value, Value::List(list) if list.span.start < comment.start && comment.end < list.span.end)
    })
}

/// Whether the element that ends there is to be left alone.
pub(super) fn keeps_element(source: &Source, element: Span) -> bool {
    let line = Span {
        start: element.end,
        end: source.line_end(element.end),
    };
    source.comments_in(line).iter().any(|comment| {
        matches!(parse(source.at(*comment)), Some(Ok(Directive::Ignore(names))) if names.is_empty())
    })
}
