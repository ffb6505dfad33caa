//! Checksums: the SHA-256 of every artifact, in the format of `sha256sum`.

use std::collections::BTreeMap;

use bytes::Bytes;
use engine::{Mnemonic, Provided, PureHandler, StepError};

use super::artifacts::ARTIFACTS;

/// The kind of these actions.
pub const CHECKSUMS: Mnemonic = Mnemonic::new("Checksums");

/// What is made.
pub const CHECKSUMS_FILE: &str = "SHA256SUMS";

/// Lists digests: `<hash>  <name>`, sorted by name. It has no parameters; its input is the folder of artifacts.
pub struct ChecksumsStep;

impl PureHandler for ChecksumsStep {
    fn make(&self, _params: &str, inputs: &dyn Provided) -> Result<BTreeMap<String, Bytes>, StepError> {
        let mut lines = String::new();
        for (path, digest) in inputs.files() {
            let Some(name) = path
                .strip_prefix(ARTIFACTS)
                .and_then(|rest| rest.strip_prefix('/'))
            else {
                continue;
            };
            let (mark, name) = quoted(name);
            lines.push_str(&format!("{mark}{}  {name}\n", digest.hex()));
        }
        Ok(BTreeMap::from([(CHECKSUMS_FILE.to_owned(), Bytes::from(lines))]))
    }
}

/// A name as `sha256sum` writes it: unusual characters are spelled out, and a backslash before the hash says so.
fn quoted(name: &str) -> (&'static str, String) {
    if name.contains(['\\', '\n', '\r']) {
        (
            "\\",
            name.replace('\\', "\\\\")
                .replace('\n', "\\n")
                .replace('\r', "\\r"),
        )
    } else {
        ("", name.to_owned())
    }
}
