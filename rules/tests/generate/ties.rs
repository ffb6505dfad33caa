//! Packages that have one version whatever their tags say.

use model::{Package, VERSION_PLACE};
use rules::{Changesets, Found, forms, generate};

use crate::support::{found, id, workspace};
use crate::tags::{at, tags, trains};

#[test]
fn a_version_in_one_place_is_on_one_train() {
    let here = |one: &(&str, &str)| {
        let mut package: Package = at(one);
        let place = "Cargo.toml".to_owned();
        package.notes.insert(VERSION_PLACE.to_owned(), place);
        package
    };
    let mut packages: Vec<Package> = [("cargo/acme-cli", "0.4.2"), ("cargo/acme-core", "0.4.2")]
        .iter()
        .map(here)
        .collect();
    packages.push(at(&("cargo/other", "1.0.0")));
    let tags = tags(&["v0.4.2", "acme-core-v0.4.2", "other-v1.0.0"]);
    let workspace = workspace(packages);
    let found = Found {
        tags: &tags,
        ..found(&workspace, &[])
    };
    let text = generate(&found);
    let expected = [
        "default: v{version} fixed: lockstep(cargo/acme-cli cargo/acme-core)",
        "others: {name}-v{version}: cargo(cargo/other)",
    ];
    assert_eq!(trains(&text), expected, "{text}");
    assert!(
        text.contains("secondary_tags = [\"{name}-v{version}\"]"),
        "{text}"
    );
}

#[test]
fn what_changesets_kept_together_stays_together() {
    let packages = [
        ("npm/@x/a", "1.2.0"),
        ("npm/@x/b", "1.2.0"),
        ("npm/c", "2.0.0"),
        ("npm/d", "2.0.0"),
    ];
    let workspace = workspace(packages.iter().map(at).collect());
    let config = r#"{"fixed": [["@x/*"], ["gone"]], "ignore": ["d"], "linked": []}"#;
    let pre = r#"{"mode": "pre", "tag": "next"}"#;
    let read = |config, pre| Changesets::read(("config.json", config), Some(("pre.json", pre)), &workspace);
    let changesets = read(config, pre).expect("JSON");
    assert_eq!(changesets.fixed[0], [id("npm", "@x/a"), id("npm", "@x/b")]);
    let tags = tags(&["@x/a@1.2.0", "@x/b@1.2.0", "c@2.0.0"]);
    let found = Found {
        tags: &tags,
        fixed: &changesets.fixed,
        remarks: &changesets.remarks,
        ..found(&workspace, &[])
    };
    let texts = forms(&found);
    let expected = "default: {name}@{version}: fixed!(npm/@x/a npm/@x/b) npm(npm/c npm/d)";
    assert_eq!(trains(&texts[0]), [expected], "{}", texts[0]);
    for text in &texts {
        let text = text.replace("\n# ", " ");
        assert!(text.contains("versioning = \"fixed\""), "{text}");
        assert!(
            text.contains("leaves out `d`") && text.contains("--channel next"),
            "{text}"
        );
    }
    let left = read("{}", r#"{"mode": "exit", "tag": "next"}"#).expect("JSON");
    assert_eq!(left, Changesets::default());
    assert!(read("{", "{}").is_err());
}

#[test]
fn tags_that_do_not_go_on_are_spoken_of() {
    let workspace = workspace(vec![
        at(&("npm/acme-core:packages/core", "1.4.0")),
        at(&("npm/acme-ui:packages/ui", "0.3.1")),
    ]);
    let tags = |names: &[&str]| {
        let tags = tags(names);
        generate(&Found {
            tags: &tags,
            ..found(&workspace, &[])
        })
    };
    let ended = "The tags so far cannot go on";
    assert!(tags(&["core-v1.4.0", "ui-v0.3.1"]).contains(ended));
    assert!(!tags(&["acme-core-v1.4.0", "acme-ui-v0.3.1"]).contains(ended));
    assert!(!tags(&[]).contains(ended));
}
