//! The rules of this house, checked: who may import whom, which words are spoken where, how long anything gets.
//!
//! Every check is a function from text to complaints, so that it can be shown to complain.

mod dependencies;
mod imports;
mod layout;
mod sizes;
mod source;
mod words;

/// Fails with all complaints at once.
#[track_caller]
fn none(complaints: &[String]) {
    assert!(
        complaints.is_empty(),
        "{} complaints:\n  {}",
        complaints.len(),
        complaints.join("\n  ")
    );
}
