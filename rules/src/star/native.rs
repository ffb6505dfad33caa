//! What Rust gives to our own Starlark files: `native.declare` and `native.env`; and what those note.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use model::{Declaration, Diagnostic, Location, Value as Plain};
use starlark::PrintHandler;
use starlark::environment::{Globals, GlobalsBuilder, LibraryExtension};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::dict::DictRef;
use starlark::values::none::{NoneOr, NoneType};

use super::ask;
use super::blame;
use super::label::BUNDLED;
use super::value::{Budget, Converter, Read, redacted};

/// How many lines may be printed, and how many bytes.
const MAX_PRINTED: (usize, usize) = (10_000, 1 << 20);

/// What the functions see, and what they note.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// What `env()` may see.
    pub(super) env: BTreeMap<String, String>,
    /// Declarations, in order.
    pub(super) declarations: Vec<Declaration>,
    /// Environment variables read.
    pub(super) read: Read,
    /// How many functions were passed to declarations.
    functions: u32,
    /// Whether functions are being asked.
    is_asking: bool,
    /// What functions answered, by the number of the question.
    pub(super) answers: Vec<(usize, Plain)>,
    /// Lines printed.
    pub(super) printed: Vec<String>,
    printed_bytes: usize,
    /// How many of them were printed by functions that were asked.
    pub(super) printed_asked: usize,
    budget: Budget,
}

thread_local! {
    /// The host of the evaluation on this thread. Handing a type of ours to the evaluator itself takes an `unsafe`
    /// implementation, which this code base does without; evaluations never nest, and each starts with a new host.
    static HOST: RefCell<Host> = RefCell::default();
}

impl Host {
    /// Starts an evaluation on this thread.
    pub(super) fn enter(env: &BTreeMap<String, String>) {
        HOST.replace(Self {
            env: env.clone(),
            ..Self::default()
        });
    }

    /// Ends it.
    pub(super) fn leave() -> Self {
        HOST.take()
    }

    /// How many functions were passed to declarations so far.
    pub(super) fn functions() -> u32 {
        HOST.with_borrow(|host| host.functions)
    }

    /// From here on functions are asked, and nothing is declared, until this is called with `false`. Of what is printed
    /// only that is kept which they print.
    pub(super) fn asking(is_asking: bool) {
        HOST.with_borrow_mut(|host| {
            host.is_asking = is_asking;
            if is_asking {
                host.printed.truncate(host.printed_asked);
            }
            host.printed_asked = host.printed.len();
        });
    }

    /// Notes what a function answered to a question.
    pub(super) fn answered(number: usize, answer: Value<'_>, at: &Location) -> starlark::Result<()> {
        HOST.with_borrow_mut(|host| {
            let mut converter = Converter {
                budget: &mut host.budget,
                read: &host.read,
                first: 0,
                functions: Vec::new(),
            };
            let answer = converter.convert(answer).map_err(|(message, hint)| {
                let message = format!("the function's answer: {message}");
                starlark::Error::new_other(Diagnostic {
                    hint,
                    ..Diagnostic::error(message, at.clone())
                })
            })?;
            host.answers.push((number, answer));
            Ok(())
        })
    }

    /// How much was declared and printed so far.
    pub(super) fn mark() -> (usize, usize) {
        HOST.with_borrow(|host| (host.declarations.len(), host.printed.len()))
    }

    /// Forgets what was declared and printed after that.
    pub(super) fn forget((declared, printed): (usize, usize)) {
        HOST.with_borrow_mut(|host| {
            host.declarations.truncate(declared);
            host.printed.truncate(printed);
        });
    }
}

/// Takes what `print()` says.
pub(super) struct Printer;

impl PrintHandler for Printer {
    fn println(&self, text: &str) -> starlark::Result<()> {
        HOST.with_borrow_mut(|host| {
            host.printed_bytes += text.len();
            if host.printed.len() >= MAX_PRINTED.0 || host.printed_bytes > MAX_PRINTED.1 {
                return Err(starlark::Error::new_other(Diagnostic::error(
                    "more is printed than anyone can read",
                    None,
                )));
            }
            host.printed.push(redacted(text, &host.read));
            Ok(())
        })
    }
}

/// What every file sees.
pub(super) fn globals() -> Globals {
    use LibraryExtension::{EnumType, Json, Partial, Print, RecordType, SetType, StructType, Typing};
    GlobalsBuilder::extended_by(&[
        StructType, RecordType, EnumType, SetType, Json, Print, Typing, Partial,
    ])
    .build()
}

/// What only our own files see.
pub(super) fn private_globals() -> Globals {
    GlobalsBuilder::new().with_namespace("native", native).build()
}

/// The call a person wrote that led here: the innermost frame that is in no file of ours. With its text.
fn call_site(eval: &Evaluator<'_, '_, '_>) -> Option<(Location, String)> {
    let mut frames = (0..eval.call_stack_count()).filter_map(|index| eval.call_stack_nth_location(index));
    let span = frames.find(|span| !span.filename().starts_with(BUNDLED))?;
    Some((blame::location(&span), span.source_span().to_owned()))
}

/// The variable read right where `attribute` is given: `NAME` in a call that says `attribute = env("NAME")`.
fn read_for<'a>(attribute: &str, call: &str, read: &'a Read) -> Option<(&'a String, &'a BTreeSet<String>)> {
    call.match_indices("env(").find_map(|(at, word)| {
        let before = call[..at]
            .trim_end()
            .strip_suffix('=')?
            .trim_end()
            .strip_suffix(attribute)?;
        if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let argument = call[at + word.len()..].trim_start();
        let quote = argument.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        read.get_key_value(argument[1..].split(quote).next()?)
    })
}

#[starlark_module]
fn native(builder: &mut GlobalsBuilder) {
    /// Notes a declaration, as made where a person called the function that calls this one.
    fn declare<'v>(
        #[starlark(require = pos)] function: &str,
        #[starlark(kwargs)] attributes: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let (location, call) = call_site(eval).unwrap_or_default();
        let functions = HOST.with_borrow_mut(|host| {
            if host.is_asking {
                return Err(starlark::Error::new_other(
                    Diagnostic::error(format!("`{function}` is called while versions are found"), None)
                        .hint("a function that is asked for versions declares nothing: call it outside"),
                ));
            }
            let mut converter = Converter {
                budget: &mut host.budget,
                read: &host.read,
                first: host.functions,
                functions: Vec::new(),
            };
            let mut plain = Vec::new();
            for (name, value) in DictRef::from_value(attributes)
                .iter()
                .flat_map(|attributes| attributes.iter())
            {
                let name = name.unpack_str().unwrap_or_default().to_owned();
                let mut value = converter.convert(value).map_err(|(message, hint)| {
                    let message = format!("`{name}` of `{function}`: {message}");
                    starlark::Error::new_other(Diagnostic {
                        hint,
                        ..Diagnostic::error(message, location.clone())
                    })
                })?;
                if !host.read.is_empty()
                    && let Plain::None | Plain::Str(_) = value
                    && let Some((variable, values)) = read_for(&name, &call, &host.read)
                    && value.as_str().is_none_or(|text| values.contains(text))
                {
                    value = Plain::Env(variable.clone(), value.as_str().map(str::to_owned));
                }
                plain.push((name, value));
            }
            let functions = converter.functions;
            host.functions += u32::try_from(functions.len()).unwrap_or(u32::MAX);
            host.declarations.push(Declaration {
                function: function.to_owned(),
                attributes: plain,
                location,
            });
            Ok(functions)
        })?;
        ask::note(eval, functions);
        Ok(NoneType)
    }

    /// Reads an environment variable.
    fn env<'v>(
        #[starlark(require = pos)] name: &str,
        #[starlark(require = pos)] default: NoneOr<&str>,
    ) -> starlark::Result<NoneOr<String>> {
        HOST.with_borrow_mut(|host| {
            let value = host
                .env
                .get(name)
                .cloned()
                .or_else(|| default.into_option().map(str::to_owned));
            let bytes = name.len() + value.as_ref().map_or(0, String::len);
            if let Err((message, _)) = host.budget.spend(1, bytes) {
                return Err(starlark::Error::new_other(Diagnostic::error(message, None)));
            }
            host.read
                .entry(name.to_owned())
                .or_default()
                .extend(value.clone());
            Ok(value.map_or(NoneOr::None, NoneOr::Other))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_recognised_where_it_is_read() {
        let read = Read::from([
            ("HOOK".to_owned(), BTreeSet::new()),
            ("TOKEN".to_owned(), BTreeSet::new()),
        ]);
        let found = |attribute, call| read_for(attribute, call, &read).map(|(name, _)| name.as_str());
        let call = "announce(\n    webhook = env(\"HOOK\"),\n    token=env( 'TOKEN', \"x\"), web = 1)";
        assert_eq!(found("webhook", call), Some("HOOK"));
        assert_eq!(found("token", call), Some("TOKEN"));
        assert_eq!(found("hook", call), None);
        assert_eq!(found("web", call), None);
        assert_eq!(found("x", "f(x = env(\"OTHER\"))"), None);
    }
}
