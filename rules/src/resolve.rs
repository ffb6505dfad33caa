//! Resolution: declarations into a typed configuration, or everything that is wrong with them at once.

mod attribute;

mod read;

mod versions;

mod circle;

mod check;

mod unused;

pub use read::default_train;

use model::{Config, Diagnostic, Severity};

use crate::star::Evaluation;

/// How much is told at once.
const MAX_TOLD: usize = 100;

/// The configuration that an evaluation declared. What is declared and not carried out is in its `unused`.
///
/// # Errors
/// Everything that is wrong, in the order of the files it is in; what evaluating said if that failed already.
pub fn resolve(evaluation: &Evaluation) -> Result<Config, Vec<Diagnostic>> {
    if !evaluation.is_usable() {
        return Err(evaluation.diagnostics.clone());
    }
    let (mut config, mut wrong) = read::config(evaluation);
    wrong.extend(check::config(&mut config));
    if wrong.is_empty() {
        config.unused = unused::warnings(&config.declarations);
        let warnings = evaluation
            .diagnostics
            .iter()
            .filter(|told| told.severity == Severity::Warning);
        config.unused.extend(warnings.cloned());
        return Ok(config);
    }
    wrong.sort_by(|a, b| a.location.cmp(&b.location));
    if let Some(more) = wrong.len().checked_sub(MAX_TOLD).filter(|more| *more > 0) {
        wrong.truncate(MAX_TOLD);
        wrong.push(Diagnostic::error(format!("{more} more errors like these"), None));
    }
    Err(wrong)
}
