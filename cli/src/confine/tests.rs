//! Hostile files, each contained and named by file and line.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use model::Diagnostic;
use rules::Evaluation;

use super::{Texts, child, evaluate};

/// Not a test: what the child of one runs. Answers on descriptor 3, because a test program talks on 1.
#[test]
#[ignore = "run by the other tests, as their child"]
fn as_child() {
    let mut question = Vec::new();
    std::io::stdin().read_to_end(&mut question).expect("a question");
    let Ok(question) = serde_json::from_slice(&question) else {
        return;
    };
    let output = fs::File::options()
        .write(true)
        .open("/dev/fd/3")
        .expect("a descriptor for the answer");
    child::answer(question, output).expect("an answer");
}

/// A program that, called with any argument, is a child.
fn program(folder: &Path) -> PathBuf {
    let path = folder.join("program");
    let test = std::env::current_exe().expect("a test program");
    let script = format!(
        "#!/bin/sh\nexec 3>&1 >/dev/null\nexec '{}' --exact confine::tests::as_child --ignored --nocapture\n",
        test.display()
    );
    fs::write(&path, script).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("an executable script");
    path
}

fn confined(files: &[(&str, &str)]) -> (Evaluation, Duration) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("workspace");
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let program = program(folder.path());
    let started = Instant::now();
    let env = BTreeMap::from([("HOME".to_owned(), "/home/x".to_owned())]);
    let evaluation = evaluate(
        &program,
        &Texts::Folder(root),
        &["RELEASE.star".to_owned()],
        &env,
        &[],
    );
    (evaluation, started.elapsed())
}

#[test]
fn a_good_file_is_evaluated() {
    let (evaluation, _) = confined(&[
        (
            "RELEASE.star",
            "load(\"//lib/a.star\", \"names\")\nprint(names, env(\"HOME\"), env(\"PATH\"))\nvcs(\"git\")\n",
        ),
        ("lib/a.star", "names = [\"a\"]\n"),
    ]);
    assert_eq!(evaluation.diagnostics, []);
    assert_eq!(evaluation.printed, ["[\"a\"] /home/x None"]);
    assert_eq!(evaluation.declarations.len(), 1);
    assert_eq!(evaluation.files.len(), 2);
    assert_eq!(evaluation.env_read, ["HOME", "PATH"]);
}

#[test]
fn only_files_of_the_workspace_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("workspace");
    fs::create_dir_all(root.join("folder.star")).expect("a folder");
    fs::write(folder.path().join("outside.star"), "x = 1\n").expect("a file");
    fs::write(root.join("latin.star"), [b'#', 0xe9]).expect("a file");
    fs::write(root.join("long.star"), " ".repeat(rules::MAX_FILE_BYTES + 1)).expect("a file");
    std::os::unix::fs::symlink("../outside.star", root.join("link.star")).expect("a link");
    for (name, message) in [
        (
            "link",
            "`link.star` cannot be loaded: it is a link that leaves the workspace",
        ),
        ("folder", "`folder.star` cannot be loaded: it is not a file"),
        ("latin", "`latin.star` cannot be loaded: it is not UTF-8 text"),
        (
            "long",
            "`long.star` cannot be loaded: it has 8388609 bytes, more than 8388608",
        ),
        ("none", "`none.star` cannot be loaded: no such file"),
    ] {
        fs::write(
            root.join("RELEASE.star"),
            format!("\nload(\"{name}.star\", \"x\")\n"),
        )
        .expect("a file");
        let program = program(folder.path());
        let evaluation = evaluate(
            &program,
            &Texts::Folder(root.clone()),
            &["RELEASE.star".to_owned()],
            &BTreeMap::new(),
            &[],
        );
        let told: Vec<String> = evaluation.diagnostics.iter().map(Diagnostic::to_string).collect();
        assert_eq!(told, [format!("RELEASE.star:2:6: {message}")]);
    }
}

#[test]
fn a_program_that_is_none_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let evaluation = evaluate(
        &folder.path().join("none"),
        &Texts::Folder(folder.path().to_owned()),
        &[],
        &BTreeMap::new(),
        &[],
    );
    assert!(
        evaluation.diagnostics[0].message.contains("cannot start"),
        "{:?}",
        evaluation.diagnostics
    );
    let evaluation = evaluate(
        Path::new("/bin/false"),
        &Texts::Folder(folder.path().to_owned()),
        &["RELEASE.star".to_owned()],
        &BTreeMap::new(),
        &[],
    );
    assert!(
        evaluation.diagnostics[0].message.contains("evaluation died"),
        "{:?}",
        evaluation.diagnostics
    );
}

/// Name, text, line, and what the message may start with.
type Hostile = (&'static str, &'static str, u32, &'static [&'static str]);

const STEPS: &str = "evaluation takes more than";
const TIME: &str = "evaluation took longer than 8 s";
const MEMORY: &str = "evaluation used more than";
const STACK: &str = "evaluation ran out of stack";

const HOSTILE: [Hostile; 16] = [
    (
        "endless loop",
        "x = 1\nfor i in range(1000000000):\n    x = i\n",
        3,
        &[STEPS],
    ),
    (
        "nested loops",
        "def f():\n    for i in range(1000000):\n        for j in range(1000000):\n            x = 1\nf()\n",
        4,
        &[STEPS],
    ),
    (
        "doubling texts",
        "s = 'x'\nfor i in range(60):\n    s = s + s\n",
        3,
        &[MEMORY],
    ),
    (
        "squaring numbers",
        "x = 3\nfor i in range(40):\n    x = x * x\n",
        3,
        &[TIME, MEMORY],
    ),
    (
        "deep list",
        "def f():\n    l = []\n    for i in range(4000000):\n        l = [l]\n    return l\nx = f()\ny = repr(x)\n",
        0,
        &[STACK, MEMORY],
    ),
    (
        "deep json",
        "l = []\nfor i in range(1000000):\n    l = [l]\ny = json.encode(l)\n",
        4,
        &[STACK],
    ),
    ("sorting", "\nx = sorted(range(20000000))\ny = 1\n", 2, &[MEMORY]),
    (
        "sorting by key",
        "\nx = sorted(range(20000000), key = lambda v: -v)\n",
        2,
        &[STEPS, TIME, MEMORY],
    ),
    (
        "replacing",
        "x = 'a' * 100000\ny = x.replace('a', 'b' * 100000)\n",
        2,
        &[MEMORY],
    ),
    ("long list", "x = 1\n\ny = [0] * (1 << 28)\n", 3, &[MEMORY]),
    ("long range", "x = list(range(1 << 30))\n", 1, &[MEMORY]),
    (
        "long maximum",
        "load('//a.star', 'z')\nx = 1\nvcs(name = 'git')\ny = [z, x, max(range(2000000000))]\n",
        4,
        &[TIME],
    ),
    (
        "recursion",
        "def f(n):\n    return f(n + 1)\nf(0)\n",
        2,
        &["calls are nested more than"],
    ),
    (
        "deep parse",
        "x = json.decode('[' * 1000000 + ']' * 1000000)\n",
        1,
        &[STACK, "recursion limit exceeded"],
    ),
    (
        "many declarations",
        "for i in range(3000000):\n    vcs('x' * 1000)\n",
        2,
        &["`name` of `vcs`: more is declared"],
    ),
    (
        "much printing",
        "for i in range(3000000):\n    print('x' * 1000)\n",
        2,
        &["more is printed"],
    ),
];

#[test]
fn hostile_files_are_contained() {
    let parens = format!("x = 1\ny = {}1{}\n", "(".repeat(200_000), ")".repeat(200_000));
    let mut all = HOSTILE.to_vec();
    all.push(("parentheses", parens.leak(), 2, &["brackets are nested"]));
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let halves = all.chunks(all.len().div_ceil(2));
        let threads: Vec<_> = halves
            .map(|half| scope.spawn(|| half.iter().filter_map(uncontained).collect::<Vec<_>>()))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a verdict"))
            .collect()
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is not as it should be with a hostile file.
fn uncontained((name, text, line, messages): &Hostile) -> Option<String> {
    let (evaluation, took) = confined(&[("RELEASE.star", text), ("a.star", "z = 1\n")]);
    let told = evaluation.diagnostics.first();
    let at = told
        .and_then(|told| told.location.as_ref())
        .map_or(0, |place| place.line);
    let fits = told.is_some_and(|told| messages.iter().any(|message| told.message.starts_with(message)));
    let contained = fits && (at == *line || *line == 0) && took < Duration::from_secs(10);
    (!contained).then(|| format!("{name}: {took:?}, {told:?}"))
}
