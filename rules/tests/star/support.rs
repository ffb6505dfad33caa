//! Workspaces in memory.

use std::collections::BTreeMap;

use model::{Config, Diagnostic};
use rules::{Evaluation, Loader, Request, evaluate, resolve};

/// The loads that most files need, on one line.
pub(crate) const LOADS: &str = "load(\"@releasekit//rules/uv.star\", \"uv_package\", \"uv_workspace\"); load(\"@releasekit//rules/train.star\", \"release_group\", \"release_train\")\n";

/// A workspace in memory.
pub(crate) struct Files<'a>(pub(crate) &'a [(&'a str, &'a str)]);

impl Loader for Files<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found
            .map(|(_, text)| text.as_bytes().to_vec())
            .ok_or_else(|| "no such file".to_owned())
    }
}

/// What the variable `HOOK` holds.
pub(crate) const HOOK: &str = "https://hooks.example/T0/B0";

/// Evaluates a workspace's files on a deep stack; roots are those named RELEASE.star.
pub(crate) fn evaluated(files: &[(&str, &str)]) -> Evaluation {
    let roots = files
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| path.ends_with("RELEASE.star"));
    let roots: Vec<String> = roots.map(str::to_owned).collect();
    let env = BTreeMap::from([
        ("HOOK".to_owned(), HOOK.to_owned()),
        ("CI".to_owned(), "true".to_owned()),
    ]);
    std::thread::scope(|scope| {
        let run = || {
            evaluate(&Request {
                roots,
                loader: &Files(files),
                env: &env,
                trace: None,
                calls: &[],
            })
        };
        let thread = std::thread::Builder::new()
            .stack_size(256 << 20)
            .spawn_scoped(scope, run);
        thread.expect("a thread").join().expect("an evaluation")
    })
}

/// The configuration in one file.
pub(crate) fn config(text: &str) -> Config {
    resolve(&evaluated(&[("RELEASE.star", text)])).unwrap_or_else(|wrong| panic!("{wrong:#?}"))
}

/// What is wrong with a workspace, as lines: place, message, hint.
pub(crate) fn told(files: &[(&str, &str)]) -> Vec<String> {
    resolve(&evaluated(files))
        .err()
        .unwrap_or_default()
        .iter()
        .map(line)
        .collect()
}

/// A diagnostic as a line.
pub(crate) fn line(diagnostic: &Diagnostic) -> String {
    match &diagnostic.hint {
        Some(hint) => format!("{diagnostic} ({hint})"),
        None => diagnostic.to_string(),
    }
}
