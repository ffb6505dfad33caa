//! Remembers what was observed earlier in the same run.

use cas::Digest;

use crate::{Error, Journal, Observation, Record};

/// What was observed under `key`, if it was in this run.
pub(crate) fn find(journal: Option<&Journal>, run: &str, key: &Digest) -> Option<Observation> {
    journal?.observation(run, key)
}

/// Writes down what was observed.
pub(crate) fn keep(
    journal: Option<&Journal>,
    run: &str,
    action: &str,
    key: &Digest,
    seen: Observation,
) -> Result<(), Error> {
    let Some(journal) = journal else { return Ok(()) };
    let Observation {
        summary,
        unix_seconds,
    } = seen;
    let (run, action) = (run.to_owned(), action.to_owned());
    journal.append(Record::Observed {
        run,
        action,
        key: *key,
        summary,
        unix_seconds,
    })
}
