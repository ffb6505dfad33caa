//! Catalogs of pnpm whose entries share a text with others.

use model::Version;

use crate::version_files::{Found, line};

#[test]
fn what_an_alias_shares_in_a_catalog_is_read_and_never_rewritten() {
    let with = |workspace: &str| {
        let files = [
            ("pnpm-workspace.yaml", workspace),
            ("package.json", "{\"name\": \"root\", \"private\": true}"),
            ("a/package.json", "{\"name\": \"qa\", \"version\": \"1.0.0\"}"),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        Found::of("pnpm", &files)
    };
    // The catalogs, what `check` reads, and the line of the refusal.
    let table = [
        (
            "packages: [a]\nx-versions:\n  own: &own workspace:^1.0.0\ncatalog:\n  qa: *own\n",
            "pnpm-workspace.yaml:5 catalog.qa Requirement qa workspace:^1.0.0",
            Some(5),
        ),
        (
            "packages: [a]\ncatalog:\n  qa: &v ^1.0.0\ncatalogs: {m: {ms: *v}}\n",
            "pnpm-workspace.yaml:3 catalog.qa Requirement qa ^1.0.0",
            Some(3),
        ),
        (
            "packages: [a]\ncatalog:\n  qa: \"^1\\x2e0.0\"\n",
            "pnpm-workspace.yaml:3 catalog.qa Requirement qa ^1.0.0",
            Some(3),
        ),
        (
            "packages: [a]\nx: &all\n  qa: ^9.0.0\ncatalog:\n  <<: *all\n",
            "pnpm-workspace.yaml:5 catalog.qa Requirement qa ^9.0.0 !",
            Some(5),
        ),
        (
            "packages: [a]\ncatalog:\n  qa: &v ^1.0.0\n",
            "pnpm-workspace.yaml:3 catalog.qa Requirement qa ^1.0.0",
            None,
        ),
    ];
    for (workspace, read, refused) in table {
        let found = with(workspace);
        let lines: Vec<String> = found.mentions().iter().map(line).collect();
        assert_eq!(lines.last().map(String::as_str), Some(read), "{workspace}");
        let versions = found.packages.iter().filter(|package| package.name() == "qa");
        let versions = versions
            .map(|package| (package.id.clone(), Version::new(2, 0, 0)))
            .collect();
        let written = adapters::version_files()["pnpm"].rewritten(&found.tree, &found.all(), &versions);
        let wrong = written
            .err()
            .map(|wrong| wrong[0].location.as_ref().expect("a place").line);
        assert_eq!(wrong, refused, "{workspace}");
    }
    // What a registry has of that name, and whatever is called like it, is nobody's here.
    for alias in ["npm:qa@^0.9.0", "npm:other@^1.0.0"] {
        let found = with(&format!("packages: [a]\ncatalog:\n  qa: {alias}\n"));
        let lines: Vec<String> = found.mentions().iter().map(line).collect();
        assert!(!lines.iter().any(|line| line.contains("catalog")), "{lines:?}");
    }
}
