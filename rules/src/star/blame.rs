//! Blame: Starlark's errors as diagnostics that point at what a person wrote, in our words.

use std::collections::{BTreeMap, BTreeSet};

use engine::nearest;
use model::{Diagnostic, Location};
use starlark::codemap::FileSpan;
use starlark::{Error, ErrorKind};

use super::bundled;
use super::label::BUNDLED;
use super::session::{MAX_CALLS, MAX_HEAP, MAX_TICKS};

/// What a file could have meant.
#[derive(Default)]
pub(super) struct Known {
    /// Names it can use.
    pub(super) names: BTreeSet<String>,
    /// Functions and the names of their parameters.
    pub(super) parameters: BTreeMap<String, Vec<String>>,
}

/// A span as a location; of several lines, the first.
pub(super) fn location(span: &FileSpan) -> Location {
    let place = span.resolve_span();
    let end = if place.end.line == place.begin.line {
        place.end.column
    } else {
        span.file.source_line(place.begin.line).trim_end().chars().count()
    };
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Location {
        file: span.filename().to_owned(),
        line: number(place.begin.line + 1),
        column: number(place.begin.column + 1),
        length: number(end.saturating_sub(place.begin.column)),
    }
}

/// A text that cannot be parsed.
pub(super) fn syntax(error: &Error, file: &str) -> Diagnostic {
    let text = error.without_diagnostic().to_string();
    let text = text.strip_prefix("Parse error: ").unwrap_or(&text);
    let place = error.span().map_or_else(|| Location::file(file), location);
    Diagnostic::error(lowered(text), place)
}

/// A file that stopped while it ran.
///
/// `last` is the statement that ran last: what ran out of time or memory does not say where.
pub(super) fn runtime(error: &Error, file: &str, last: Option<&FileSpan>, known: &Known) -> Diagnostic {
    let span = spans(error)
        .find(|span| !span.filename().starts_with(BUNDLED))
        .or(last);
    let place = span.map_or_else(|| Location::file(file), location);
    if let Some(own) = own(error) {
        let mut own = own.clone();
        own.location.get_or_insert(place);
        return own;
    }
    let text = match error.kind() {
        ErrorKind::Fail(reason) => return Diagnostic::error(reason.to_string().trim().to_owned(), place),
        kind => kind.to_string(),
    };
    let (message, hint) = in_our_words(
        &text,
        called(error),
        span.map_or("", FileSpan::source_span),
        known,
    );
    Diagnostic {
        hint,
        ..Diagnostic::error(message, place)
    }
}

/// What a file is told whose values take too much memory.
pub(super) fn too_much_memory() -> Diagnostic {
    Diagnostic::error(
        format!("evaluation used more than {} MiB of memory", MAX_HEAP >> 20),
        None,
    )
    .hint("something is made too large")
}

/// Whether the evaluation ran out of something.
pub(super) fn is_exhaustion(error: &Error) -> bool {
    let text = error.without_diagnostic().to_string();
    matches!(error.kind(), ErrorKind::StackOverflow(_)) || text.contains("limit of")
}

/// Where in `file` the outermost call that failed starts, in bytes.
pub(super) fn offset(error: &Error, file: &str) -> Option<usize> {
    let frames = error
        .call_stack()
        .frames
        .iter()
        .filter_map(|frame| frame.location.as_ref());
    let span = frames.chain(error.span()).find(|span| span.filename() == file)?;
    Some(span.span.begin().get() as usize)
}

/// The places an error came by, innermost first.
fn spans(error: &Error) -> impl Iterator<Item = &FileSpan> {
    let frames = error
        .call_stack()
        .frames
        .iter()
        .rev()
        .filter_map(|frame| frame.location.as_ref());
    error.span().into_iter().chain(frames)
}

/// The diagnostic in an error that is ours.
fn own(error: &Error) -> Option<&Diagnostic> {
    match error.kind() {
        ErrorKind::Other(inner) | ErrorKind::Native(inner) => inner.downcast_ref(),
        _ => None,
    }
}

/// The function that a person called and that failed.
fn called(error: &Error) -> Option<&str> {
    let in_user_file = |frame: &&starlark_syntax::frame::Frame| {
        frame
            .location
            .as_ref()
            .is_some_and(|span| !span.filename().starts_with(BUNDLED))
    };
    error
        .call_stack()
        .frames
        .iter()
        .rev()
        .find(in_user_file)
        .map(|frame| frame.name.as_str())
}

/// Starlark's message in our words, and what to do about it.
fn in_our_words(text: &str, called: Option<&str>, call: &str, known: &Known) -> (String, Option<String>) {
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    // Starlark says `rules/uv.star.uv_package`.
    let short = |function: &str| {
        function
            .trim_matches('`')
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let did_you_mean = |near: &str| format!("did you mean `{near}`?");
    let found = text.strip_prefix("Found ");
    if let Some((names, function)) =
        found.and_then(|rest| rest.split_once(" extra named parameter(s) for call to "))
    {
        let (name, function) = (
            names.trim_matches('`').split("` `").next().unwrap_or(names),
            short(function),
        );
        let hint = known.parameters.get(&function).map(|names| {
            match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => did_you_mean(near),
                None => format!("it has {}", listed(names)),
            }
        });
        return (format!("`{function}` has no parameter `{name}`"), hint);
    }
    if let Some((count, function)) =
        found.and_then(|rest| rest.split_once(" extra positional argument(s) for call to "))
    {
        let function = short(function);
        let hint = known
            .parameters
            .get(&function)
            .map(|names| format!("its parameters are {}", listed(names)));
        let s = if count == "1" { "" } else { "s" };
        return (format!("`{function}` got {count} argument{s} too many"), hint);
    }
    if text.starts_with("Missing ")
        && let [name, function, ..] = quoted.as_slice()
    {
        let function = short(function);
        let parameters = known
            .parameters
            .get(&function)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let given = named_arguments(call).filter(|given| !parameters.iter().any(|known| known == given));
        let hint =
            nearest(name, given).map(|given| format!("did you mean `{name}` where you wrote `{given}`?"));
        return (
            format!("`{function}` needs `{name}`"),
            hint.or_else(|| Some(format!("add `{name} = ...`"))),
        );
    }
    if text.contains(" does not match the type annotation ")
        && let Some(told) = mismatch(text, called)
    {
        return told;
    }
    if let Some(rest) = text.strip_prefix("Variable `")
        && let Some((name, _)) = rest.split_once('`')
    {
        let add = |(function, file)| format!("add `load(\"{BUNDLED}{file}\", \"{function}\")`");
        let ours = bundled::functions().find(|(function, _)| *function == name);
        let near = nearest(name, known.names.iter().map(String::as_str));
        let near = near.or_else(|| text.rsplit_once("did you mean `")?.1.split('`').next());
        let nearly = nearest(name, bundled::functions().map(|(function, _)| function));
        let hint = match (ours, near, nearly) {
            (Some(ours), ..) => Some(add(ours)),
            (None, Some(near), _) => Some(did_you_mean(near)),
            (None, None, Some(ours)) => bundled::functions()
                .find(|(function, _)| *function == ours)
                .map(|found| format!("did you mean `{ours}`? {}", add(found))),
            (None, None, None) => None,
        };
        return (format!("`{name}` is not defined"), hint);
    }
    if text.contains("ticks has been exceeded") {
        let hint = "a loop goes on for too long".to_owned();
        return (
            format!("evaluation takes more than {MAX_TICKS} steps"),
            Some(hint),
        );
    }
    if text.starts_with("Heap memory limit") {
        let Diagnostic { message, hint, .. } = too_much_memory();
        return (message, hint);
    }
    if text.to_lowercase().contains("call stack overflow") {
        return (
            format!("calls are nested more than {MAX_CALLS} deep"),
            Some("a function calls itself forever".to_owned()),
        );
    }
    if text.starts_with("Operation `") && text.contains("`record`") {
        let hint = "a `secret()` is passed on as it is, and cannot be part of a text".to_owned();
        return (lowered(text), Some(hint));
    }
    if let Some((message, near)) = text.split_once(", did you mean `") {
        return (lowered(message), near.split('`').next().map(did_you_mean));
    }
    (lowered(text), None)
}

/// An argument of the wrong type: starlark says "Value `4` of type `int` does not match the type annotation `str` for
/// argument `name`".
fn mismatch(text: &str, called: Option<&str>) -> Option<(String, Option<String>)> {
    let (value, rest) = text
        .strip_prefix("Value `")?
        .rsplit_once("` does not match the type annotation `")?;
    let (value, kind) = value.rsplit_once("` of type `")?;
    let (wanted, whom) = rest.split_once("` for ")?;
    let value: String = value.chars().take(60).collect();
    let Some(name) = whom
        .strip_prefix("argument `")
        .and_then(|name| name.strip_suffix('`'))
    else {
        return Some((
            format!(
                "{whom} must be {}, not `{value}`, {}",
                spoken(wanted),
                spoken(kind)
            ),
            None,
        ));
    };
    let whose = called
        .map(|function| format!(" of `{}`", function.rsplit('.').next().unwrap_or(function)))
        .unwrap_or_default();
    let hint = match wanted {
        wanted if wanted.starts_with("list[") && kind == "string" => {
            Some(format!("write `{name} = [\"{value}\"]`"))
        }
        _ => None,
    };
    Some((
        format!(
            "`{name}`{whose} must be {}, not {}: `{value}`",
            spoken(wanted),
            spoken(kind)
        ),
        hint,
    ))
}

/// A type in words.
fn spoken(kind: &str) -> String {
    let word = |kind: &str| match kind.trim() {
        "str" | "string" => "a text".to_owned(),
        "int" => "a whole number".to_owned(),
        "float" => "a number with a fraction".to_owned(),
        "bool" => "True or False".to_owned(),
        "None" | "NoneType" => "None".to_owned(),
        "list" => "a list".to_owned(),
        "list[str]" => "a list of texts".to_owned(),
        "dict" => "a dict".to_owned(),
        "dict[str, str]" => "a dict of texts".to_owned(),
        "Secret" => "a `secret()`".to_owned(),
        "function" | "typing.Callable" => "a function".to_owned(),
        other => format!("`{other}`"),
    };
    if kind.contains('[') && kind.contains('|') && !kind.contains("list[str]") {
        return format!("`{kind}`");
    }
    let words: Vec<String> = kind.split('|').map(word).collect();
    words.join(" or ")
}

/// The names before `=` in the text of a call.
fn named_arguments(call: &str) -> impl Iterator<Item = &str> {
    call.split('=').map(|before| {
        let before = before.trim_end();
        before
            .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .unwrap_or_default()
    })
}

/// Names in backticks, with commas.
fn listed(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A message as we write them: lower case at its start, no full stop, one line.
fn lowered(text: &str) -> String {
    let text = text
        .trim()
        .trim_end_matches('.')
        .lines()
        .next()
        .unwrap_or_default();
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}
