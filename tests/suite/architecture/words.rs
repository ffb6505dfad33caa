//! Which words are spoken where, and which nowhere.

use super::none;
use super::source::{SourceFile, files, paths};

const ENGINE: &[&str] = &[
    "package",
    "publish",
    "registr",
    "forge",
    "ecosystem",
    "changelog",
    "semver",
];
const CAS: &[&str] = &["mnemonic", "target", "label", "exit code", "stdout"];

/// Spelt in two halves, so that this file passes its own check.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
    concat!("db", "g!"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
];

const HOSTS: &[&str] = &[
    concat!("py", "pi.org"),
    concat!("python", "hosted.org"),
    concat!("npm", "js.org"),
    concat!("npm", "js.com"),
    concat!("yarn", "pkg.com"),
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("//crates", ".io"),
    concat!("debian", ".org"),
];

/// Places that only the machines we write this on have.
const PATHS: &[&str] = &[concat!("/ro", "ot/"), concat!("/wo", "rk/")];

const NAMES: &[&str] = &[
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "misc",
    "manager",
    "backend",
    "plugin",
    "plugins",
    "imp",
    "data",
    "base",
    "core",
    "handler_impl",
];

/// The words of a line, `camelCase` and `snake_case` taken apart, in lower case.
fn tokens(line: &str) -> Vec<String> {
    let mut tokens = vec![String::new()];
    let mut was_lower = false;
    for c in line.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            tokens.push(String::new());
        }
        was_lower = c.is_lowercase();
        if c.is_alphanumeric()
            && let Some(token) = tokens.last_mut()
        {
            token.extend(c.to_lowercase());
        }
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

fn speaks(file: &SourceFile, banned: &[&str]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        // What the compiler is told about the machine is not the room's own language.
        if line.trim_start().starts_with("#[cfg(") {
            continue;
        }
        let tokens = tokens(line);
        let spoken = tokens.join(" ");
        for word in banned {
            let is_said = if word.contains(' ') {
                spoken.contains(word)
            } else {
                tokens
                    .iter()
                    .any(|token| token.starts_with(word) && !token.starts_with("forget"))
            };
            if is_said {
                complaints.push(format!("{}:{}: says `{word}`", file.path, index + 1));
            }
        }
    }
    complaints
}

fn holds(file: &SourceFile, banned: &[&str], is_apart: impl Fn(char) -> bool) -> Vec<String> {
    let mut complaints = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for word in banned {
            let found = line.match_indices(word).any(|(at, _)| {
                let (before, after) = (
                    line[..at].chars().next_back(),
                    line[at + word.len()..].chars().next(),
                );
                let open = word.ends_with(|c: char| !c.is_alphanumeric());
                before.is_none_or(&is_apart) && (open || after.is_none_or(&is_apart))
            });
            if found {
                complaints.push(format!("{}:{}: holds `{word}`", file.path, index + 1));
            }
        }
    }
    complaints
}

fn unfinished(file: &SourceFile) -> Vec<String> {
    holds(file, UNFINISHED, |c| !c.is_alphanumeric() && c != '_')
}

fn places(file: &SourceFile) -> Vec<String> {
    // A lock file must say where crates come from, in the words cargo chose.
    let hosts = if file.path == "Cargo.lock" { &[][..] } else { HOSTS };
    let mut complaints = holds(file, hosts, |_| true);
    complaints.extend(holds(file, PATHS, |c| {
        !c.is_alphanumeric() && !"._-]})".contains(c)
    }));
    complaints.dedup();
    complaints
}

fn name(path: &str) -> Option<String> {
    let mut parts = path
        .split('/')
        .map(|part| part.split('.').next().unwrap_or_default());
    let bad = parts.find(|part| NAMES.contains(part))?;
    Some(format!("{path}: `{bad}` says nothing about what is inside"))
}

#[test]
fn engine_speaks_no_release_word_and_cas_no_action_word() {
    let files = files();
    let mut complaints = Vec::new();
    for (room, banned) in [("engine/src/", ENGINE), ("cas/src/", CAS)] {
        complaints.extend(
            files
                .iter()
                .filter(|file| file.path.starts_with(room))
                .flat_map(|file| speaks(file, banned)),
        );
    }
    none(&complaints);
}

#[test]
fn nothing_is_left_unfinished_by_its_own_words() {
    none(&files().iter().flat_map(unfinished).collect::<Vec<_>>());
}

#[test]
fn no_file_names_a_package_host_or_a_place_on_one_machine() {
    none(&files().iter().flat_map(places).collect::<Vec<_>>());
}

#[test]
fn file_names_say_what_is_inside() {
    let ours = |path: &String| !path.starts_with("examples/");
    none(
        &paths()
            .iter()
            .filter(|path| ours(path))
            .filter_map(|path| name(path))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn these_checks_can_complain() {
    let file = |text: &str| SourceFile {
        path: "engine/src/x.rs".to_owned(),
        text: text.to_owned(),
    };
    assert_eq!(
        tokens("fn sendPackage(snake_case: XMLFile)"),
        ["fn", "send", "package", "snake", "case", "xmlfile"]
    );
    for bad in [
        "// sends a package",
        "struct PackageId;",
        "let published = 1;",
        "fn open_registry() {}",
        "Registries",
    ] {
        assert_eq!(speaks(&file(bad), ENGINE).len(), 1, "{bad}");
    }
    for good in ["std::mem::forget(x);", "// sends bytes"] {
        assert_eq!(speaks(&file(good), ENGINE), Vec::<String>::new());
    }
    assert_eq!(speaks(&file("// the exit code"), CAS).len(), 1);
    assert_eq!(
        speaks(&file("#[cfg(target_os = \"linux\")]"), CAS),
        Vec::<String>::new()
    );

    for word in UNFINISHED {
        assert_eq!(unfinished(&file(&format!("    // {word}(x)"))).len(), 1, "{word}");
    }
    assert_eq!(
        unfinished(&file("mktemp XXXXXX; let todos = 1;")),
        Vec::<String>::new()
    );

    for host in HOSTS {
        assert_eq!(
            places(&file(&format!("https://{host}/simple"))).len(),
            1,
            "{host}"
        );
    }
    for place in PATHS {
        assert_eq!(places(&file(&format!("see {place}x"))).len(), 1, "{place}");
    }
    assert_eq!(
        places(&file(concat!("a/wo", "rk/b and ~/ro", "ots"))),
        Vec::<String>::new()
    );

    assert!(name("engine/src/utils.rs").is_some());
    assert!(name("cli/src/common/x.rs").is_some());
    assert!(name("cli/src/database.rs").is_none());
}
