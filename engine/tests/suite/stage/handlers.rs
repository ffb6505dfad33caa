//! Handlers that make and see what a test wants.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use engine::*;

/// Makes `out` of its parameters and inputs: `params(a=...;b=...)`. Counts.
#[derive(Default)]
pub(crate) struct Join {
    pub(crate) calls: AtomicUsize,
}

impl PureHandler for Join {
    fn make(&self, params: &str, inputs: &dyn Provided) -> Result<BTreeMap<String, Bytes>, StepError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let mut text = format!("{params}(");
        for path in inputs.files().keys() {
            text.push_str(&format!(
                "{path}={};",
                String::from_utf8_lossy(&inputs.read(path)?)
            ));
        }
        Ok(BTreeMap::from([("out".to_owned(), Bytes::from(text + ")"))]))
    }
}

/// Does whatever the test says.
pub(crate) struct Scripted<F>(pub(crate) F);

impl<F> PureHandler for Scripted<F>
where
    F: Fn(&str, &dyn Provided) -> Result<Bytes, StepError> + Send + Sync,
{
    fn make(&self, params: &str, inputs: &dyn Provided) -> Result<BTreeMap<String, Bytes>, StepError> {
        Ok(BTreeMap::from([("out".to_owned(), (self.0)(params, inputs)?)]))
    }
}

/// Sees what it is told to see.
pub(crate) struct Eye {
    pub(crate) calls: AtomicUsize,
    pub(crate) sees: Mutex<VecDeque<Result<String, StepError>>>,
}

impl Eye {
    pub(crate) fn new(sees: Vec<Result<String, StepError>>) -> Self {
        Self {
            calls: AtomicUsize::new(0),
            sees: Mutex::new(sees.into()),
        }
    }
}

impl ObservedHandler for Eye {
    fn observe(&self, _: &str, _: &dyn Provided, _: Duration, _: &Cancel) -> Result<Facts, StepError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let next = self.sees.lock().expect("no panics").pop_front();
        next.unwrap_or_else(|| Ok("it is there".to_owned()))
            .map(|summary| Facts { summary })
    }
}
