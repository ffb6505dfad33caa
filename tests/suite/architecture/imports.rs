//! Who may import whom: `cas` ← `engine` ← `model` ← {`rules`, `adapters`} ← `cli`.

use std::collections::BTreeSet;

use harness::repository;
use toml_edit::DocumentMut;

use super::none;
use super::source::{SourceFile, files, without_tests};

/// A room: its folder, the rooms it may import, and what its source must not name.
struct Room {
    folder: &'static str,
    imports: &'static [&'static str],
    not_named: &'static [&'static str],
}

const OUTSIDE: &[&str] = &[
    "std::process",
    "std::fs",
    "std::net",
    "std::env",
    "tokio::process",
    "tokio::fs",
    "reqwest",
];

const ROOMS: &[Room] = &[
    Room {
        folder: "cas",
        imports: &[],
        not_named: &["std::process", "clap", "starlark"],
    },
    Room {
        folder: "engine",
        imports: &["cas"],
        not_named: &["clap", "starlark"],
    },
    Room {
        folder: "rules/model",
        imports: &["cas", "engine"],
        not_named: OUTSIDE,
    },
    Room {
        folder: "rules",
        imports: &["cas", "engine", "model"],
        not_named: OUTSIDE,
    },
    Room {
        folder: "rules/adapters",
        imports: &["cas", "engine", "model"],
        not_named: &["starlark", "clap", "rules"],
    },
    Room {
        folder: "cli",
        imports: &["adapters", "cas", "engine", "model", "rules"],
        not_named: &["starlark"],
    },
];

/// Crates that one room alone may use: it hides them from all others.
const HIDDEN: &[(&str, &str)] = &[
    ("annotate-snippets", "cli"),
    ("clap", "cli"),
    ("indicatif", "cli"),
    ("petgraph", "engine"),
    ("starlark", "rules"),
    ("starlark_syntax", "rules"),
];

const OURS: &[&str] = &["adapters", "cas", "engine", "model", "rules"];

fn dependencies(manifest: &str) -> BTreeSet<String> {
    let document: DocumentMut = manifest.parse().expect("a manifest is TOML");
    let mut tables = vec![document.as_table()];
    if let Some(targets) = document.get("target").and_then(|target| target.as_table()) {
        tables.extend(targets.iter().filter_map(|(_, target)| target.as_table()));
    }
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let named = tables
        .iter()
        .flat_map(|table| kinds.iter().filter_map(|kind| table.get(kind)?.as_table()));
    named
        .flat_map(|table| table.iter().map(|(name, _)| name.to_owned()))
        .collect()
}

fn edges(room: &Room, manifest: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for name in dependencies(manifest) {
        let short = name.strip_prefix("releasekit-").unwrap_or(&name);
        if (OURS.contains(&short) || short == "releasekit") && !room.imports.contains(&short) {
            complaints.push(format!(
                "{}/Cargo.toml: `{}` may not import `{short}`",
                room.folder, room.folder
            ));
        }
        if let Some((_, owner)) = HIDDEN
            .iter()
            .find(|(hidden, owner)| *hidden == name && *owner != room.folder)
        {
            complaints.push(format!(
                "{}/Cargo.toml: only `{owner}` may use `{name}`",
                room.folder
            ));
        }
    }
    complaints
}

/// The paths a text names, `std::{fs, io}` written out as `std::fs` and `std::io`. Only first two parts matter.
fn named(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |mut code, line| {
            code.push_str(line);
            code.push('\n');
            code
        });
    let mut found = BTreeSet::new();
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    for (at, _) in code.match_indices("::") {
        let start = code[..at].rfind(|c| !is_name(c)).map_or(0, |before| before + 1);
        let (first, rest) = (&code[start..at], &code[at + 2..]);
        if first.is_empty() || code[..start].ends_with("::") || code[..start].ends_with('$') {
            continue;
        }
        found.insert(first.to_owned());
        match rest.strip_prefix('{') {
            None => {
                found.insert(format!(
                    "{first}::{}",
                    rest.split(|c| !is_name(c)).next().unwrap_or_default()
                ));
            }
            Some(group) => {
                let mut depth = 0_u32;
                let top = group.chars().take_while(|c| {
                    depth = depth + u32::from(*c == '{') - u32::from(*c == '}' && depth > 0);
                    *c != ';'
                });
                let top: String = top.collect();
                for part in top.split([',', '{', '}']) {
                    let part = part.trim().split(|c| !is_name(c)).next().unwrap_or_default();
                    if !part.is_empty() {
                        found.insert(format!("{first}::{part}"));
                    }
                }
            }
        }
    }
    found
}

fn reaches_out(room: &Room, file: &SourceFile) -> Vec<String> {
    let named = named(without_tests(&file.text));
    let forbidden = |name: &&&str| named.contains(**name);
    let complain = |name: &&str| format!("{}: `{}` may not name `{name}`", file.path, room.folder);
    room.not_named.iter().filter(forbidden).map(complain).collect()
}

#[test]
fn every_edge_between_crates_is_an_allowed_one() {
    let manifest = |room: &Room| std::fs::read_to_string(repository().join(room.folder).join("Cargo.toml"));
    let complaints: Vec<String> = ROOMS
        .iter()
        .flat_map(|room| edges(room, &manifest(room).expect("every room has a manifest")))
        .collect();
    none(&complaints);
}

#[test]
fn no_room_names_what_it_must_not_reach() {
    let files = files();
    let mut complaints = Vec::new();
    for room in ROOMS {
        let source = format!("{}/src/", room.folder);
        let of_room: Vec<&SourceFile> = files
            .iter()
            .filter(|file| file.path.starts_with(&source))
            .collect();
        assert!(of_room.iter().any(|file| file.is_ours()), "no source in {source}");
        let tested = of_room.iter().filter(|file| file.is_ours() && !file.is_test());
        complaints.extend(tested.flat_map(|file| reaches_out(room, file)));
    }
    none(&complaints);
}

#[test]
fn these_checks_can_complain() {
    let room = |folder: &str| {
        ROOMS
            .iter()
            .find(|room| room.folder == folder)
            .expect("it is a room")
    };
    let bad = "[dependencies]\nadapters.workspace = true\nclap.workspace = true\nserde = \"1\"\n";
    assert_eq!(edges(room("rules"), bad).len(), 2);
    assert_eq!(
        edges(room("engine"), "[dev-dependencies]\nmodel.workspace = true\n").len(),
        1
    );
    assert_eq!(
        edges(
            room("cas"),
            "[target.'cfg(unix)'.dependencies]\nreleasekit-engine = \"1\"\n"
        )
        .len(),
        1
    );
    assert_eq!(edges(room("cli"), bad), Vec::<String>::new());

    let complaints = |folder: &str, text: &str| {
        let file = SourceFile {
            path: format!("{folder}/src/x.rs"),
            text: text.to_owned(),
        };
        reaches_out(room(folder), &file).len()
    };
    assert_eq!(
        complaints(
            "rules",
            "use std::{collections::BTreeMap, fs, io::{self, Read}};\n"
        ),
        1
    );
    assert_eq!(
        complaints(
            "rules",
            "fn f() { std::env::var(\"X\"); std::process::exit(1) }\n"
        ),
        2
    );
    assert_eq!(
        complaints(
            "rules",
            "use std::collections::BTreeMap;\n// std::fs is named here only\n"
        ),
        0
    );
    assert_eq!(
        complaints("rules", "#[cfg(test)]\nmod tests {\n use std::fs;\n}\n"),
        0
    );
    assert_eq!(
        complaints(
            "rules/adapters",
            "use rules::lower;\nuse starlark::values::Value;\n"
        ),
        2
    );
    assert_eq!(complaints("rules/adapters", "use crate::rules::lower;\n"), 0);
}
