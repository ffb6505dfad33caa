//! The repository's own files, as git sees them: tracked, or new and not ignored.

use std::process::Command;

use harness::repository;

/// A text file of the repository.
pub(super) struct SourceFile {
    /// Relative to the repository's root.
    pub(super) path: String,
    /// What it holds.
    pub(super) text: String,
}

impl SourceFile {
    /// Whether it is Rust that this workspace builds.
    pub(super) fn is_ours(&self) -> bool {
        self.path.ends_with(".rs") && !self.path.starts_with("examples/")
    }

    /// Whether it is only there to test the code beside it.
    pub(super) fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }
}

/// Every path of the repository, sorted.
pub(super) fn paths() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(repository())
        .output()
        .expect("git can be run");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let listed = String::from_utf8(output.stdout).expect("paths are text");
    let mut paths: Vec<String> = listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect();
    paths.retain(|path| repository().join(path).is_file());
    paths.sort();
    paths.dedup();
    paths
}

/// Every text file of the repository.
pub(super) fn files() -> Vec<SourceFile> {
    let read = |path: String| {
        Some(SourceFile {
            text: std::fs::read_to_string(repository().join(&path)).ok()?,
            path,
        })
    };
    let files: Vec<SourceFile> = paths().into_iter().filter_map(read).collect();
    assert!(
        files.len() > 50,
        "only {} files found: is this the repository?",
        files.len()
    );
    files
}

/// A Rust text without its unit tests, which stand at the end.
pub(super) fn without_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]\nmod tests {")
        .map_or(text, |(before, _)| before)
}
