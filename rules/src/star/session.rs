//! One evaluation: reads the load graph first, so that all its errors are told at once, then runs file by file.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use model::{Diagnostic, LoadedFile};
use starlark::codemap::{FileSpan, FileSpanRef};
use starlark::environment::{FrozenModule, Globals, Module};
use starlark::eval::{BeforeStmtFunc, Evaluator, ReturnFileLoader};
use starlark::syntax::AstModule;
use starlark::values::FrozenHeapName;

use super::ask;
use super::label::{BUNDLED, Label};
use super::native::{self, Host, Printer};
use super::parse::{self, Parsed};
use super::value::redacted;
use super::{Evaluation, Request, blame, bundled};

/// The most steps an evaluation may take. Ten thousand packages take 110,000.
pub(super) const MAX_TICKS: u64 = 4_000_000;

/// The most memory for Starlark's values, in bytes. Ten thousand packages take 10 MiB.
pub(super) const MAX_HEAP: usize = 128 << 20;

/// How deep calls may be nested.
pub(super) const MAX_CALLS: usize = 100;

/// How many errors of one file are told.
const MAX_ERRORS: usize = 20;

/// How many characters of a message are told.
const MAX_MESSAGE: usize = 1000;

/// Evaluates what was asked for.
pub(super) fn run(request: &Request<'_>) -> Evaluation {
    let mut session = match Session::new(request) {
        Ok(session) => session,
        Err(defect) => return Evaluation::failed(defect),
    };
    for root in &request.roots {
        session.visit(&Label::Local(root.clone()), None);
    }
    if session.diagnostics.is_empty() {
        session.evaluate_all();
    }
    let mut host = Host::leave();
    if !request.calls.is_empty() {
        host.printed.truncate(host.printed_asked);
    }
    for diagnostic in &mut session.diagnostics {
        diagnostic.message = redacted(&shortened(&diagnostic.message), &host.read);
    }
    // What is declared beside errors is of no use to anybody.
    let declarations = if session.diagnostics.is_empty() {
        host.declarations
    } else {
        Vec::new()
    };
    Evaluation {
        declarations,
        files: session.files,
        env_read: host.read.into_keys().collect(),
        printed: host.printed,
        answers: host.answers,
        diagnostics: session.diagnostics,
    }
}

/// A message that fits on a screen.
fn shortened(message: &str) -> String {
    match message.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{} ...", &message[..end]),
        None => message.to_owned(),
    }
}

/// The state of an evaluation.
pub(super) struct Session<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) roots: BTreeSet<Label>,
    pub(super) globals: Globals,
    /// `native`, for our own files.
    private: FrozenModule,
    /// What the workspace's files see without loading it.
    pub(super) prelude: Option<FrozenModule>,
    pub(super) parsed: BTreeMap<Label, Rc<Parsed>>,
    /// Files in the order to run them, with their syntax trees.
    pub(super) order: Vec<(Label, AstModule)>,
    /// Files being read, outermost first.
    pub(super) stack: Vec<Label>,
    /// Files that could not be read.
    pub(super) failed: BTreeSet<Label>,
    pub(super) modules: HashMap<Label, FrozenModule>,
    pub(super) files: Vec<LoadedFile>,
    ticks: Cell<u64>,
    /// The statement of the workspace's own that ran last; of one that used too much memory, that one.
    last: RefCell<Option<FileSpan>>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'a> Session<'a> {
    pub(super) fn new(request: &'a Request<'a>) -> Result<Self, Diagnostic> {
        let defect =
            |what: String| Diagnostic::error(format!("releasekit's own rules are broken: {what}"), None);
        Host::enter(request.env);
        let private = FrozenModule::from_globals(&native::private_globals());
        let mut session = Self {
            request,
            roots: request.roots.iter().cloned().map(Label::Local).collect(),
            globals: native::globals(),
            private: private.map_err(|error| defect(format!("{error:?}")))?,
            prelude: None,
            parsed: BTreeMap::new(),
            order: Vec::new(),
            stack: Vec::new(),
            failed: BTreeSet::new(),
            modules: HashMap::new(),
            files: Vec::new(),
            ticks: Cell::new(MAX_TICKS),
            last: RefCell::new(None),
            diagnostics: Vec::new(),
        };
        let prelude = Label::Bundled(bundled::PRELUDE.to_owned());
        session.visit(&prelude, None);
        session.evaluate_all();
        session.prelude = session.modules.get(&prelude).cloned();
        match session.diagnostics.first() {
            Some(wrong) => Err(defect(wrong.to_string())),
            None => Ok(session),
        }
    }

    /// Runs every file that was read, in order.
    fn evaluate_all(&mut self) {
        for (label, tree) in std::mem::take(&mut self.order) {
            let Some(parsed) = self.parsed.get(&label).cloned() else {
                continue;
            };
            let broken = self.missing_symbols(&label, &parsed);
            if broken.is_empty() {
                self.evaluate(&label, &parsed, tree);
            }
            self.diagnostics.extend(broken);
        }
    }

    /// Runs a file. One that fails at a bare call is run again without it, to find what else is wrong.
    fn evaluate(&mut self, label: &Label, parsed: &Parsed, tree: AstModule) {
        let mut loaded: HashMap<&str, &FrozenModule> = HashMap::new();
        for load in &parsed.loads {
            let module = label
                .follow(&load.module)
                .ok()
                .and_then(|target| self.modules.get(&target));
            // A file that failed has told why.
            let Some(module) = module else { return };
            loaded.insert(&load.module, module);
        }
        let name = label.to_string();
        let before = Host::mark();
        let mut wrong = Vec::new();
        let mut rest = Some((None, tree));
        let mut result = None;
        while let Some((shortened, tree)) = rest.take() {
            let error = match self.execute(label, tree, &loaded) {
                Ok(module) => {
                    result = module;
                    break;
                }
                Err(error) => error,
            };
            wrong.push(blame::runtime(
                &error,
                &name,
                self.last.borrow().as_ref(),
                &self.known(label),
            ));
            if wrong.len() < MAX_ERRORS && !blame::is_exhaustion(&error) {
                let now = shortened.as_ref().unwrap_or(parsed);
                let text = blame::offset(&error, &name).and_then(|offset| now.without(offset));
                let parsed = text.and_then(|text| parse::parse(label, text).ok());
                rest = parsed.map(|(parsed, tree)| (Some(parsed), tree));
                Host::forget(before);
            }
        }
        self.diagnostics.append(&mut wrong);
        if let Some(module) = result {
            self.modules.insert(label.clone(), module);
        }
    }

    /// Runs a syntax tree; the frozen module unless the file is a root, which nobody loads.
    fn execute(
        &self,
        label: &Label,
        tree: AstModule,
        loaded: &HashMap<&str, &FrozenModule>,
    ) -> starlark::Result<Option<FrozenModule>> {
        let loader = ReturnFileLoader { modules: loaded };
        let trace = |span: FileSpanRef<'_>, _: bool, evaluator: &mut Evaluator<'_, '_, '_>| {
            let mut last = self.last.borrow_mut();
            let is_same = |last: &FileSpan| last.span == span.span && last.file.id() == span.file.id();
            let is_ours = span.filename().starts_with(BUNDLED);
            if is_ours || last.as_ref().is_some_and(is_same) || evaluator.heap().allocated_bytes() > MAX_HEAP
            {
                return;
            }
            let span = span.to_file_span();
            if let Some(trace) = self.request.trace {
                trace(&blame::location(&span));
            }
            last.replace(span);
        };
        Module::with_temp_heap(|module| {
            match label {
                Label::Bundled(_) => module.import_public_symbols(&self.private),
                Label::Local(_) => self
                    .prelude
                    .iter()
                    .for_each(|prelude| module.import_public_symbols(prelude)),
            }
            {
                let mut evaluator = Evaluator::new(&module);
                evaluator.set_loader(&loader);
                evaluator.set_print_handler(&Printer);
                evaluator.set_max_callstack_size(MAX_CALLS)?;
                evaluator.set_max_heap_size(MAX_HEAP)?;
                evaluator.set_max_tick_count(self.ticks.get().max(1))?;
                evaluator.before_stmt_for_dap(BeforeStmtFunc::Fn(&trace));
                let first = Host::functions();
                let mut result = evaluator.eval_module(tree, &self.globals).map(|_| ());
                if result.is_ok() && !self.request.calls.is_empty() {
                    Host::asking(true);
                    result = ask::ask(&mut evaluator, &module, first, self.request.calls);
                    Host::asking(false);
                }
                self.ticks
                    .set(self.ticks.get().saturating_sub(evaluator.get_total_tick_count()));
                result?;
            }
            if module.heap().allocated_bytes() > MAX_HEAP {
                return Err(starlark::Error::new_other(blame::too_much_memory()));
            }
            if self.roots.contains(label) {
                return Ok(None);
            }
            Ok(Some(module.freeze_named(FrozenHeapName::User(Box::new(
                label.to_string(),
            )))?))
        })
    }

    /// What a file can call, for suggestions.
    fn known(&self, label: &Label) -> blame::Known {
        let mut known = blame::Known::default();
        known
            .names
            .extend(self.globals.names().map(|name| name.as_str().to_owned()));
        if let (Some(prelude), Label::Local(_)) = (&self.prelude, label) {
            known
                .names
                .extend(prelude.names().map(|name| name.as_str().to_owned()));
        }
        for parsed in self.parsed.values() {
            known.parameters.extend(
                parsed
                    .functions
                    .iter()
                    .map(|(name, names)| (name.clone(), names.clone())),
            );
        }
        known
    }
}
