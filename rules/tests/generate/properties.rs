//! What holds of every update.

use std::collections::BTreeSet;

use model::Package;
use proptest::prelude::*;
use rules::{Declared, generate, update};

use crate::evaluation::config;
use crate::support::{found, package, private, root, workspace};

/// Packages by ecosystem (four), number and privacy.
fn packages() -> impl Strategy<Value = Vec<(usize, usize, bool)>> {
    prop::collection::vec((0..4_usize, 0..20_usize, prop::bool::weighted(0.1)), 0..40)
}

fn build(choices: &[(usize, usize, bool)]) -> Vec<Package> {
    let ecosystems = ["cargo", "npm", "pnpm", "uv"];
    let mut seen = BTreeSet::new();
    let fresh = choices
        .iter()
        .filter(|(ecosystem, number, _)| seen.insert((*ecosystem, *number)));
    fresh
        .map(|(ecosystem, number, hidden)| {
            let name = format!("p{number}");
            let folder = ["", "js", "ts", "a/py"][*ecosystem];
            let path = format!("{folder}/f{}/{name}", number % 3);
            let package = package(
                ecosystems[*ecosystem],
                &name,
                path.trim_start_matches('/'),
                folder,
            );
            if *hidden { private(package) } else { package }
        })
        .collect()
}

/// Every line a person may have changed, in one of several ways.
fn by_hand(text: &str, style: u8) -> String {
    match style % 5 {
        0 => text.to_owned(),
        1 => text.replace('\n', "\r\n"),
        2 => text.replace("(\n    name", "(name").replace(",\n)", ")"),
        3 => text
            .replace(",\n)", ",\n    # A remark.\n)")
            .replace("\n\n", "\n"),
        _ => text.replace("\n\n", "\n\n\n").replace(",\n)", ")  # A remark."),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_update_settles_and_declares_what_there_is(before in packages(), after in packages(), style in 0..5_u8) {
        let old = workspace(build(&before));
        let now = workspace(build(&after));
        let text = by_hand(&generate(&found(&old, &[])), style);
        let roots = [root("cargo", ""), root("uv", "a/py")];
        let present = found(&now, &roots);
        let declared = Declared::default();
        let once = update(&text, "RELEASE.star", &present, &declared).expect("it parses");
        let twice = update(&once, "RELEASE.star", &present, &declared).expect("it parses");
        prop_assert_eq!(&once, &twice);
        for package in now.packages() {
            let name = format!("name = \"{}\"", package.name());
            let call = format!("\n{}_package(", package.id.ecosystem);
            let calls = once.split(&call).skip(1);
            let count = calls.filter(|rest| rest.trim_start().starts_with(&name)).count();
            let was_public = old.get(&package.id).is_some_and(|package| !package.private);
            prop_assert_eq!(count, usize::from(!package.private || was_public), "{} in\n{}", package.id, once);
        }
        prop_assert_eq!(once.matches("_package(").count(), now.packages().filter(|package| {
            !package.private || old.get(&package.id).is_some_and(|package| !package.private)
        }).count());
        if style % 5 == 1 {
            prop_assert!(!once.replace("\r\n", "").contains('\n'), "{once}");
        }
        // No package is in two groups, no group is missing, nothing is loaded in vain or not at all.
        prop_assert_eq!(config(&once).packages.len(), once.matches("_package(").count());
        let remarks = |text: &str| text.matches("# A remark.").count();
        prop_assert!(remarks(&once) <= remarks(&text));
    }

    #[test]
    fn a_file_for_the_same_repository_does_not_change(choices in packages(), style in 0..5_u8) {
        let workspace = workspace(build(&choices));
        let found = found(&workspace, &[]);
        let text = by_hand(&generate(&found), style);
        prop_assert_eq!(update(&text, "RELEASE.star", &found, &Declared::default()).expect("it parses"), text);
    }
}
