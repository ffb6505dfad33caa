//! The text of one version, written by a template: our own, or one from the repository.
//!
//! A template is given:
//!
//! - `name`, `ecosystem`, `version`, `previous_version`, `tag`, `previous_tag`, `channel`, and `date` (`2026-01-02`);
//!   what there is not is `none`.
//! - `compare`: the address of the comparison with the version before, if the forge is known.
//! - `sections`, in order, each with a `title` and `entries`. An entry has `type`, `scope`, `text`, `breaking`;
//!   `body`, further lines with an empty one before them, as they stand beneath an item (empty if there are none);
//!   `commit` with `id`, `short`, `url` and `link`; `pull_request` with `number`, `url` and `link`; `issues`, each
//!   with the same. A `link` is Markdown, and plain text where there is no `url`.
//!
//! Whatever is put into the text is escaped for Markdown, and is one line; links are ours and made of checked parts, and there is no
//! way to mark anything else as safe. Blocks (`{% %}`) leave no lines behind. Our own template can be included as
//! `releasekit`.

use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, context};
use model::{Diagnostic, Location};

use super::entry::Entry;
use super::links::Links;
use super::{News, block, escape};

/// What our own template is called.
const OURS: &str = "releasekit";
const OUR_TEXT: &str = include_str!("default.md");
/// How many steps a template may take, and how many more for each entry.
const STEPS: (u64, u64) = (200_000, 5_000);

/// A template from the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template<'a> {
    /// Its file, relative to the repository's root.
    pub file: &'a str,
    /// What it holds.
    pub text: &'a str,
}

/// The text of one version, ending with one line end; `None` for our own template.
///
/// # Errors
/// What is wrong in the template, with its file and line.
pub fn render(news: &News, template: Option<Template<'_>>) -> Result<String, Diagnostic> {
    let (file, text) = template.map_or((OURS, OUR_TEXT), |template| (template.file, template.text));
    let text = text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .replace("\r\n", "\n");
    let wrong = |error: minijinja::Error| wrong(file, &error);
    let environment = environment(file, &text, news.entries.len() as u64).map_err(wrong)?;
    let rendered = environment
        .get_template(file)
        .and_then(|template| template.render(values(news)))
        .map_err(wrong)?;
    let lines: Vec<&str> = rendered.trim().lines().map(str::trim_end).collect();
    Ok(format!("{}\n", lines.join("\n")))
}

fn environment<'e>(file: &'e str, text: &'e str, entries: u64) -> Result<Environment<'e>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_fuel(Some(STEPS.0 + STEPS.1 * entries));
    // What macros and blocks make was escaped when it was put there.
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("markdown"));
    environment.set_formatter(|out, _, value| {
        let written = if value.is_none() || value.is_undefined() {
            Ok(())
        } else if value.is_safe() {
            out.write_str(&value.to_string())
        } else {
            out.write_str(&escape::value(&value.to_string()))
        };
        written.map_err(|_| minijinja::Error::new(ErrorKind::WriteFailure, "the text cannot be written"))
    });
    environment.remove_filter("safe");
    environment.add_template(OURS, OUR_TEXT)?;
    if file != OURS {
        environment.add_template(file, text)?;
    }
    Ok(environment)
}

fn wrong(file: &str, error: &minijinja::Error) -> Diagnostic {
    let mut message = error.kind().to_string();
    if let Some(detail) = error.detail() {
        message.push_str(&format!(": {detail}"));
    }
    let hint = match error.kind() {
        ErrorKind::OutOfFuel => "it never ends, or takes far too long",
        ErrorKind::UndefinedError => "a name is misspelt, or what it stands for is not there",
        ErrorKind::TemplateNotFound => {
            "only our own template can be included: `{% include \"releasekit\" %}`"
        }
        ErrorKind::UnknownFilter => {
            "the filters are those built into minijinja; `safe` is not one of them here"
        }
        _ => "templates are written as minijinja's documentation says",
    };
    let at = Location {
        line: error
            .line()
            .and_then(|line| u32::try_from(line).ok())
            .unwrap_or_default(),
        ..Location::file(error.name().filter(|name| *name != OURS).unwrap_or(file))
    };
    Diagnostic::error(format!("the template of changelogs: {message}"), at).hint(hint)
}

/// Everything a template is given.
fn values(news: &News) -> Value {
    let links = news.links.as_ref();
    let sections: Vec<Value> = news
        .sections()
        .into_iter()
        .map(|section| {
            let entries: Vec<Value> = section.entries.iter().map(|one| entry(one, links)).collect();
            context! { title => escape::one_line(section.title), entries }
        })
        .collect();
    let line = |text: &str| escape::one_line(text);
    let tag = |tag: &Option<String>| tag.as_deref().map(line);
    context! {
        name => line(&news.package),
        ecosystem => news.ecosystem,
        version => news.version.to_string(),
        previous_version => news.previous.as_ref().map(ToString::to_string),
        tag => line(&news.tag),
        previous_tag => tag(&news.previous_tag),
        channel => news.channel,
        date => news.date,
        compare => news.comparison().map(Value::from_safe_string),
        sections,
    }
}

fn entry(entry: &Entry, links: Option<&Links>) -> Value {
    let text = if entry.is_markdown {
        Value::from_safe_string(escape::markdown(&entry.text))
    } else {
        Value::from(escape::one_line(&entry.text))
    };
    let scope = entry.scope.as_deref().map(escape::one_line);
    let commit = entry.commit.as_deref().map(|id| {
        let short = id.get(..7).unwrap_or(id);
        let url = links.and_then(|links| links.commit(id));
        let link = linked(short, url.as_deref());
        context! { id, short, url => url.map(Value::from_safe_string), link }
    });
    let mark = links.map_or('#', Links::pull_request_mark);
    let pull_request = entry.pull_request.map(|number| match links {
        Some(links) if entry.is_hash && mark != '#' => numbered('#', number, links.issue(number)),
        _ => numbered(mark, number, links.map(|links| links.pull_request(number))),
    });
    let issues: Vec<Value> = entry
        .issues
        .iter()
        .map(|number| numbered('#', *number, links.and_then(|links| links.issue(*number))))
        .collect();
    let body = Value::from_safe_string(block::beneath(&entry.body));
    context! { type => entry.kind, scope, text, body, breaking => entry.breaking, commit, pull_request, issues }
}

fn numbered(mark: char, number: u64, url: Option<String>) -> Value {
    let link = linked(&format!("{mark}{number}"), url.as_deref());
    context! { number, url => url.map(Value::from_safe_string), link }
}

/// Markdown: a link where there is an address, which is ours.
fn linked(text: &str, url: Option<&str>) -> Value {
    let text = escape::text(text);
    Value::from_safe_string(match url {
        Some(url) => format!("[{text}]({url})"),
        None => text,
    })
}
