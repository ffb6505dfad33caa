//! Everyone who is present: known under one plain name, and complete.

use std::collections::BTreeSet;

use adapters::ecosystem::standard;
use harness::repository;

#[test]
fn ecosystems_have_plain_names_of_their_own() {
    let present = standard();
    assert_eq!(
        present.keys().copied().collect::<Vec<_>>(),
        ["cargo", "npm", "pnpm", "uv"]
    );
    for (name, ecosystem) in &present {
        assert_eq!(*name, ecosystem.name());
        assert!(name.chars().all(|c| c.is_ascii_lowercase()), "{name}");
        let tool = ecosystem.tool();
        assert!(
            !tool.program.is_empty() && !tool.version_args.is_empty(),
            "{name}"
        );
        assert!(
            tool.hint.len() > 10 && !tool.hint.contains('\n'),
            "{name}: {}",
            tool.hint
        );
    }
}

#[test]
fn every_ecosystem_has_a_registry_in_a_folder() {
    let directories = adapters::directories();
    assert_eq!(
        directories.keys().collect::<Vec<_>>(),
        standard().keys().collect::<Vec<_>>()
    );
    let scratch = tempfile::tempdir().expect("there is room");
    let mut folders = BTreeSet::new();
    for (name, open) in directories {
        let folder = scratch.path().join(adapters::directory_name(name));
        let registry = open(&folder);
        assert!(
            registry.location().contains(&*folder.to_string_lossy()),
            "{name}: {}",
            registry.location()
        );
        assert!(registry.is_cheap_to_observe(), "{name}");
        folders.insert(registry.identity());
    }
    // npm and pnpm share one.
    assert_eq!(folders.len(), 3, "{folders:?}");
    assert!(
        std::fs::read_dir(scratch.path())
            .expect("it was made")
            .next()
            .is_none(),
        "opening wrote something"
    );
}

#[test]
fn every_ecosystem_knows_where_its_versions_stand() {
    assert_eq!(
        adapters::version_files().keys().collect::<Vec<_>>(),
        standard().keys().collect::<Vec<_>>()
    );
}

#[test]
fn every_ecosystem_has_its_words_where_its_label_says() {
    for name in standard().keys() {
        let file = repository().join("rules").join(format!("{name}.star"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{name}.star: {error}"));
        assert!(
            text.starts_with("\"\"\""),
            "{name}.star does not open with what it is"
        );
        for function in [format!("def {name}_workspace("), format!("def {name}_package(")] {
            assert!(text.contains(&function), "{name}.star has no `{function}`");
        }
    }
}
