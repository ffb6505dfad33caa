//! The child: limits itself, evaluates on a deep stack, answers.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::Location;
use rules::{Evaluation, Loader, MAX_FILE_BYTES, Request};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Answer, Death, NOTE, Question, Task, Texts, blamed};

/// The stack of the thread that evaluates. Pages that are not touched cost nothing.
const STACK: usize = 256 << 20;

/// Why there is no text where there is no file.
const NO_FILE: &str = "no such file";

/// Runs this process as a child: one question, one answer.
pub(crate) fn child() -> ExitCode {
    let mut question = Vec::new();
    let asked = std::io::stdin()
        .read_to_end(&mut question)
        .map_err(serde_json::Error::io);
    let Ok(question) = asked.and_then(|_| serde_json::from_slice(&question)) else {
        return ExitCode::from(2);
    };
    match answer(question, std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Answers a question, within its limits.
pub(super) fn answer(question: Question, output: impl Write) -> std::io::Result<()> {
    limit(&question);
    let limits = (question.memory, question.time);
    let time = Duration::from_millis(question.time);
    let place: Arc<Mutex<Option<Location>>> = Arc::default();
    let seen = Arc::clone(&place);
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        // Whoever waits may have stopped waiting.
        _ = sender.send(carry_out(&question, &seen));
    })?;
    let exhausted = |death| {
        let place = place.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Answer {
            evaluation: Evaluation::failed(blamed(death, limits, place)),
            exhausted: true,
        }
    };
    let answer = match receiver.recv_timeout(time) {
        Ok(evaluation) => Answer {
            evaluation,
            exhausted: false,
        },
        Err(RecvTimeoutError::Timeout) => exhausted(Death::Time),
        Err(RecvTimeoutError::Disconnected) => {
            // The evaluator panics where it finds that something does not fit into memory.
            _ = thread.join();
            exhausted(Death::Memory)
        }
    };
    let mut output = BufWriter::new(output);
    serde_json::to_writer(&mut output, &answer)?;
    // This process ends here, and takes the answer with it faster than it could be taken apart.
    std::mem::forget(answer);
    output.flush()
}

/// Gives up what an evaluation does not need.
fn limit(question: &Question) {
    let seconds = question.time.div_ceil(1000) + 1;
    for (resource, most) in [
        (Resource::As, question.memory),
        (Resource::Cpu, seconds),
        (Resource::Core, 0),
    ] {
        let most = getrlimit(resource)
            .maximum
            .map_or(most, |allowed| allowed.min(most));
        // A system that knows no such limit leaves the waiting to the parent.
        _ = setrlimit(
            resource,
            Rlimit {
                current: Some(most),
                maximum: Some(most),
            },
        );
    }
}

fn carry_out(question: &Question, seen: &Mutex<Option<Location>>) -> Evaluation {
    let trace = |place: &Location| {
        if question.task != Task::Evaluate {
            note(place);
        }
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let last = seen.get_or_insert_default();
        last.file.clone_from(&place.file);
        (last.line, last.column, last.length) = (place.line, place.column, place.length);
    };
    let roots = question.roots.clone();
    let request = Request {
        roots,
        loader: &question.texts,
        env: &question.env,
        trace: Some(&trace),
        calls: &question.calls,
    };
    match question.task {
        Task::Evaluate | Task::Note => rules::evaluate(&request),
        Task::Rehearse => {
            rules::rehearse(&request);
            Evaluation::default()
        }
    }
}

/// Writes a statement's place to the start of the notes, which are this process's standard error.
fn note(place: &Location) {
    if let Ok(mut line) = serde_json::to_vec(place)
        && line.len() < NOTE
    {
        line.push(b'\n');
        // Without a note the diagnostic names the file only.
        _ = rustix::io::pwrite(rustix::stdio::stderr(), &line, 0);
    }
}

impl Loader for Texts {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self {
            Self::Folder(root) => read(root, path),
            Self::Given(texts) => match texts.get(path) {
                Some(Ok(text)) => not_too_long(text.len() as u64).map(|()| text.clone().into_bytes()),
                Some(Err(reason)) => Err(reason.clone()),
                None => Err(NO_FILE.to_owned()),
            },
        }
    }
}

/// A file of the workspace `root`, which is named without symbolic links, and of no other folder.
fn read(root: &Path, path: &str) -> Result<Vec<u8>, String> {
    let told = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => NO_FILE.to_owned(),
        _ => error.to_string(),
    };
    let file = root.join(path).canonicalize().map_err(told)?;
    if !file.starts_with(root) {
        return Err("it is a link that leaves the workspace".to_owned());
    }
    let found = file.metadata().map_err(told)?;
    if !found.is_file() {
        return Err("it is not a file".to_owned());
    }
    not_too_long(found.len())?;
    let mut bytes = Vec::new();
    File::open(file)
        .map_err(told)?
        .take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(told)?;
    Ok(bytes)
}

fn not_too_long(length: u64) -> Result<(), String> {
    if length > MAX_FILE_BYTES as u64 {
        return Err(format!("it has {length} bytes, more than {MAX_FILE_BYTES}"));
    }
    Ok(())
}
