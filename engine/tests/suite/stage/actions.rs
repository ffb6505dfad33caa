//! Short ways to say what an action is and how it ended.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use engine::*;

/// The outcomes by id, as words.
pub(crate) fn outcomes(results: &Results) -> Vec<&'static str> {
    results
        .iter()
        .map(|(_, finished)| finished.outcome.as_str())
        .collect()
}

/// How `id` ended.
pub(crate) fn message(results: &Results, id: u32) -> String {
    results.get(ActionId(id)).expect("it ended").message.clone()
}

/// Writes down events.
#[derive(Default)]
pub(crate) struct Events(Mutex<Vec<Event>>);

impl Observer for Events {
    fn notice(&self, event: &Event) {
        self.0.lock().expect("no panics").push(event.clone());
    }
}

impl Events {
    pub(crate) fn all(&self) -> Vec<Event> {
        self.0.lock().expect("no panics").clone()
    }

    /// One word per event: `+name` began, `~name` is retried, `name=outcome` ended.
    pub(crate) fn told(&self) -> Vec<String> {
        let word = |event: &Event| match event {
            Event::Running { name, .. } => Some(format!("+{name}")),
            Event::Retrying { name, .. } => Some(format!("~{name}")),
            Event::Finished { name, outcome, .. } => Some(format!("{name}={}", outcome.as_str())),
            _ => None,
        };
        self.all().iter().filter_map(word).collect()
    }
}

pub(crate) fn action(name: &str, mnemonic: &'static str, class: Class, work: Work) -> Action {
    Action {
        name: name.to_owned(),
        owner: name.split(':').next().unwrap_or_default().to_owned(),
        mnemonic: Mnemonic::new(mnemonic),
        class,
        work,
        inputs: Vec::new(),
        outputs: Vec::new(),
        after: Vec::new(),
        deliver: BTreeMap::new(),
        policy: Policy {
            backoff: Duration::from_millis(10),
            ..Policy::default()
        },
    }
}

/// A pure step that makes `out`.
pub(crate) fn step(name: &str, params: &str, inputs: Vec<Input>) -> Action {
    let work = Work::Step {
        params: params.to_owned(),
        version: 1,
    };
    Action {
        inputs,
        outputs: vec!["out".to_owned()],
        ..action(name, "Join", Class::Pure, work)
    }
}

/// A pure shell script with these declared outputs.
pub(crate) fn script(name: &str, text: &str, inputs: Vec<Input>, outputs: &[&str]) -> Action {
    let argv = ["/bin/sh", "-c", text].map(str::to_owned).to_vec();
    let work = Work::Command(Command {
        argv,
        ..Command::default()
    });
    let outputs = outputs.iter().map(|&path| path.to_owned()).collect();
    Action {
        inputs,
        outputs,
        ..action(name, "Run", Class::Pure, work)
    }
}

pub(crate) fn effect(name: &str, mnemonic: &'static str, inputs: Vec<Input>) -> Action {
    let work = Work::Step {
        params: String::new(),
        version: 1,
    };
    Action {
        inputs,
        ..action(name, mnemonic, Class::Effect, work)
    }
}

/// The output `out` of action `id`, laid out at `path`.
pub(crate) fn out(id: u32, path: &str) -> Input {
    Input::Output {
        action: ActionId(id),
        output: "out".to_owned(),
        path: path.to_owned(),
    }
}

pub(crate) fn graph(actions: Vec<Action>) -> Graph {
    Graph::build(actions).expect("a good graph")
}
