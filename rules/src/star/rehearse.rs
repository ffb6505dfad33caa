//! Rehearsal: compiles each statement by itself, so that one whose compilation alone takes too much can be named.
//!
//! The compiler computes what is constant, `max(range(1 << 31))` too, and does so before the first statement runs.

use starlark::environment::Module;
use starlark::eval::Evaluator;
use starlark::syntax::AstModule;
use starlark::values::Value;

use super::Request;
use super::label::{BUNDLED, Label};
use super::native::Host;
use super::parse::{Parsed, dialect};
use super::session::{MAX_CALLS, Session};

/// Tells the request's `trace` of every top statement before compiling it; runs none of them.
pub fn rehearse(request: &Request<'_>) {
    let Ok(mut session) = Session::new(request) else {
        return;
    };
    for root in &request.roots {
        session.visit(&Label::Local(root.clone()), None);
    }
    for (label, _) in &session.order {
        if let Some(parsed) = session.parsed.get(label) {
            session.rehearse(label, parsed);
        }
    }
    Host::leave();
}

impl Session<'_> {
    fn rehearse(&self, label: &Label, parsed: &Parsed) {
        if label.to_string().starts_with(BUNDLED) {
            return;
        }
        for (range, place) in &parsed.statements {
            if let Some(trace) = self.request.trace {
                trace(place);
            }
            let body = parsed.text[range.clone()].replace('\n', "\n ");
            let text = format!("def _rehearsed():\n {body}\n");
            // What does not compile is told when it is evaluated.
            _ = AstModule::parse(&place.file, text, &dialect()).and_then(|tree| self.compile(&body, tree));
        }
    }

    /// Compiles the definition of a function in a module that knows all words of `text`.
    fn compile(&self, text: &str, tree: AstModule) -> starlark::Result<()> {
        Module::with_temp_heap(|module| {
            for word in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
                let is_name = word.chars().next().is_some_and(|c| !c.is_ascii_digit());
                if is_name && self.globals.names().all(|known| known.as_str() != word) {
                    module.set(word, Value::new_none());
                }
            }
            self.prelude
                .iter()
                .for_each(|prelude| module.import_public_symbols(prelude));
            let mut evaluator = Evaluator::new(&module);
            evaluator.set_max_callstack_size(MAX_CALLS)?;
            evaluator.eval_module(tree, &self.globals)?;
            Ok(())
        })
    }
}
