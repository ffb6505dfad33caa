//! A repository of npm packages with a long history, made by one `git fast-import`; the same every time.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// A repository in a temporary folder. Every package was released as 1.0.0 from the first commit, every second one
/// as 1.1.0 from somewhere later.
pub(crate) struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    pub(crate) fn new(packages: usize, commits: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path();
        git(root, &["init", "--quiet", "--initial-branch=main"], "");
        git(root, &["fast-import", "--quiet"], &history(packages, commits));
        git(root, &["reset", "--quiet", "--hard", "main"], "");
        Self { folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        // What is left in the temporary folder is the system's to clean.
        let _ = fs::remove_dir_all(crate::measure::cache_of(self.folder.path()));
    }
}

/// Numbers that look random and are the same every time (Knuth's linear congruence).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let high = usize::try_from(self.0 >> 33).expect("31 bits fit");
        high % limit
    }
}

fn history(packages: usize, commits: usize) -> String {
    let mut text = String::new();
    let mut numbers = Numbers(7);
    commit(&mut text, 0, "chore: start", &start(packages, &mut numbers));
    for package in 0..packages {
        tag(&mut text, &format!("p{package}@1.0.0"), 1);
    }
    let mut releases: Vec<usize> = (0..packages / 2).map(|_| 1 + numbers.below(commits)).collect();
    releases.sort_unstable();
    let mut released = 0;
    for number in 1..=commits {
        let package = numbers.below(packages).min(numbers.below(packages));
        let mut files = Vec::new();
        let touched = if numbers.below(5) == 0 { 3 } else { 1 };
        for other in 0..touched {
            let package = (package + other * 7) % packages;
            let path = format!("packages/p{package}/src/f{}.js", numbers.below(20));
            files.push((path, format!("// {number}\n")));
        }
        let kind = match numbers.below(100) {
            0..25 => "feat",
            25..60 => "fix",
            60..61 => "feat!",
            61..75 => "docs",
            _ => "chore",
        };
        let body = "What was done, why, and what to look out for.\n\nRefs: #12\nReviewed-by: Somebody Else";
        commit(
            &mut text,
            number,
            &format!("{kind}: change number {number} of p{package}\n\n{body}"),
            &files,
        );
        while releases.get(released).is_some_and(|at| *at == number) {
            tag(&mut text, &format!("p{}@1.1.0", released * 2), number + 1);
            released += 1;
        }
    }
    text
}

/// The manifests: packages need a few of those with smaller numbers.
fn start(packages: usize, numbers: &mut Numbers) -> Vec<(String, String)> {
    let mut files = vec![
        (
            "package.json".to_owned(),
            "{\"name\": \"root\", \"private\": true, \"workspaces\": [\"packages/*\"]}\n".to_owned(),
        ),
        (
            "lerna.json".to_owned(),
            "{\"version\": \"independent\", \"packages\": [\"packages/*\"]}\n".to_owned(),
        ),
    ];
    let mut star = "load(\"@releasekit//rules/npm.star\", \"npm_package\", \"npm_workspace\")\n\
         load(\"@releasekit//rules/train.star\", \"release_train\")\n\
         npm_workspace(name = \"root\")\n\
         release_train(name = \"default\", tag_format = \"{name}@{version}\")\n"
        .to_owned();
    for package in 0..packages {
        let _ = writeln!(star, "npm_package(name = \"p{package}\")");
        let mut needs = String::new();
        for _ in 0..numbers.below(3).min(package) {
            let need = numbers.below(package);
            if !needs.contains(&format!("\"p{need}\"")) {
                let comma = if needs.is_empty() { "" } else { ", " };
                let _ = write!(needs, "{comma}\"p{need}\": \"^1.0.0\"");
            }
        }
        let manifest =
            format!("{{\"name\": \"p{package}\", \"version\": \"1.0.0\", \"dependencies\": {{{needs}}}}}\n");
        files.push((format!("packages/p{package}/package.json"), manifest));
    }
    files.push(("RELEASE.star".to_owned(), star));
    files
}

fn commit(text: &mut String, number: usize, message: &str, files: &[(String, String)]) {
    let _ = writeln!(text, "commit refs/heads/main\nmark :{}", number + 1);
    let _ = writeln!(
        text,
        "committer A <a@example.com> {} +0000",
        1_700_000_000 + number * 60
    );
    let _ = writeln!(text, "data {}\n{message}", message.len());
    for (path, content) in files {
        let _ = writeln!(text, "M 100644 inline {path}\ndata {}\n{content}", content.len());
    }
    text.push('\n');
}

fn tag(text: &mut String, name: &str, mark: usize) {
    let _ = writeln!(
        text,
        "tag {name}\nfrom :{mark}\ntagger A <a@example.com> 1700000000 +0000"
    );
    let _ = writeln!(text, "data {}\n{name}", name.len());
}

fn git(folder: &Path, arguments: &[&str], input: &str) {
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .spawn()
        .expect("git can be started");
    let mut stdin = child.stdin.take().expect("it was asked for");
    stdin.write_all(input.as_bytes()).expect("git reads");
    drop(stdin);
    assert!(child.wait().expect("git ends").success(), "git {arguments:?}");
}
