//! Real tools: where they are looked for, and what happens when one is not there.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::{repository, tell};

/// The folders programs are looked for in: the project's own tools, the real toolchain and the real Python (a proxy
/// in front of them would need settings from a home that a sandbox does not have), then the machine's.
#[must_use]
pub fn search_path() -> &'static [PathBuf] {
    static FOLDERS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FOLDERS.get_or_init(|| {
        let mut folders = vec![repository().join(".tools/bin")];
        folders.extend(says("rustc", &["--print", "sysroot"]).map(|root| Path::new(&root).join("bin")));
        let python = says("python3", &["-c", "import sys; print(sys.executable)"]);
        folders.extend(python.and_then(|python| Some(Path::new(&python).parent()?.to_path_buf())));
        let path = std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/bin:/bin"));
        folders.extend(std::env::split_paths(&path));
        let mut seen = BTreeSet::new();
        folders.retain(|folder| seen.insert(folder.clone()));
        folders
    })
}

fn says(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a real tool is there. If it is not, the caller's test ends early: the skip is printed and counted, and
/// is a failure where `CI=true`.
///
/// # Panics
/// The tool is not there and this is CI.
#[must_use]
pub fn require_tool(name: &str) -> bool {
    if search_path().iter().any(|folder| folder.join(name).is_file()) {
        return true;
    }
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "`{name}` is not there, and {test} needs it"
    );
    let line = format!("{test}: `{name}` is not there");
    tell(&format!("skipped: {line}"));
    if let Some(folder) = std::env::var_os("RELEASEKIT_TEST_SKIPS") {
        // A skip that cannot be counted is still a skip.
        let _ = std::fs::write(
            PathBuf::from(folder).join(test.replace("::", ".")),
            format!("{line}\n"),
        );
    }
    false
}
