//! Directives, lists in every style, comments, and complaints.

use model::{Diagnostic, Package};
use rules::{Declared, update};

use crate::support::{found, package, updated, workspace};

fn rust(name: &str) -> Package {
    package("cargo", name, name, "")
}

/// A file that declares packages `a` and `b`, with the group's list written as given.
fn with_list(list: &str) -> String {
    format!(
        "load(\"@releasekit//rules/cargo.star\", \"cargo_package\")\nload(\"@releasekit//rules/train.star\", \
         \"release_group\")\n\ncargo_package(name = \"b\", group = \"g\")\ncargo_package(name = \"d\", group = \
         \"g\")\n\nrelease_group(name = \"g\", packages = {list})\n"
    )
}

fn list_of(text: &str) -> &str {
    let start = text.find("packages = ").expect("a list") + "packages = ".len();
    text.get(start..text.len() - 2).expect("the end of the call")
}

#[test]
fn lists_grow_in_their_style() {
    let cases = [
        ("[]", "[\n    \"a\",\n    \"c\",\n    \"e\",\n]"),
        ("[\"b\", \"d\"]", "[\"a\", \"b\", \"c\", \"d\", \"e\"]"),
        ("[\"b\", \"d\",]", "[\"a\", \"b\", \"c\", \"d\", \"e\",]"),
        ("[\"d\", \"b\"]", "[\"d\", \"b\", \"a\", \"c\", \"e\"]"),
        ("[\"d\", X]", "[\"d\", X, \"a\", \"c\", \"e\"]"),
        (
            "[  # all\n    \"b\",  # bee\n    # dee\n    \"d\"  # d\n]",
            "[  # all\n    \"a\",\n    \"b\",  # bee\n    \"c\",\n    # dee\n    \"d\",  # d\n    \"e\",\n]",
        ),
        ("[\"b\",\n  \"d\"]", "[\"a\", \"b\",\n    \"c\",\n  \"d\", \"e\"]"),
        (
            "[\n  # none\n]",
            "[\n    \"a\",\n    \"c\",\n    \"e\",\n  # none\n]",
        ),
        ("[\"b\"] + [\"d\"]", "[\"b\"] + [\"d\"]"),
    ];
    for (before, after) in cases {
        let packages = ["a", "b", "c", "d", "e"].map(rust).to_vec();
        let text = updated(&with_list(before), packages);
        assert_eq!(list_of(&text), after, "{before}");
    }
}

#[test]
fn lists_shrink_in_their_style() {
    let cases = [
        ("[\"b\", \"d\"]", "[\"b\"]"),
        ("[\"d\", \"b\"]", "[\"b\"]"),
        ("[\"d\"]", "[]"),
        ("[\"d\",]", "[]"),
        ("[\n    \"d\",\n]", "[]"),
        ("[\n    \"d\",  # dee\n]", "[\n]"),
        (
            "[\n    # First.\n    \"d\",\n    \"b\",\n]",
            "[\n    # First.\n    \"b\",\n]",
        ),
        ("[\n    \"b\",\n    \"d\"\n]", "[\n    \"b\",\n]"),
        ("[\"b\",  # bee\n \"d\"]", "[\"b\",  # bee\n ]"),
        ("[\"d\", X, \"d\"]", "[X]"),
        (
            "[\n    \"b\",\n    \"d\",  # releasekit:generate ignore\n]",
            "[\n    \"b\",\n    \"d\",  # releasekit:generate ignore\n]",
        ),
    ];
    for (before, after) in cases {
        let text = updated(&with_list(before), vec![rust("b")]);
        assert!(!text.contains("cargo_package(name = \"d\""), "{text}");
        assert_eq!(list_of(&text), after, "{before}");
    }
}

#[test]
fn ignored_calls_stay() {
    let load = "load(\"@releasekit//rules/cargo.star\", \"cargo_package\")\n\n";
    for call in [
        "# releasekit:generate ignore\ncargo_package(name = \"gone\")\n",
        "# Why.\n#releasekit:generate  ignore -- because\n# More.\ncargo_package(name = \"gone\")\n",
        "cargo_package(name = \"gone\")  # releasekit:generate ignore\n",
        "cargo_package(  # releasekit:generate ignore\n    name = \"gone\",\n)\n",
        "cargo_package(\n    # releasekit:generate ignore\n    name = \"gone\",\n)\n",
        "# releasekit:generate ignore gone\n\ncargo_package(name = \"gone\")\n",
        "cargo_package(name = \"gone\")\n\n# releasekit:generate ignore other cargo/gone\n",
    ] {
        let existing = format!("{load}{call}");
        assert_eq!(updated(&existing, vec![]), existing);
    }
}

#[test]
fn ignored_names_are_not_added() {
    let existing = "# releasekit:generate ignore b, cargo/c  -- not ours\nvcs(\"git\")\n";
    assert_eq!(updated(existing, vec![rust("b"), rust("c")]), existing);
    let text = updated(existing, vec![rust("b"), rust("bb")]);
    assert!(text.contains("\"bb\"") && !text.contains("\"b\""), "{text}");
}

#[test]
fn ignored_folders_are_not_looked_into() {
    let existing = "# releasekit:generate ignore examples/ ./more/b/\nvcs(\"git\")\n";
    let at = |name: &str, path: &str| package("cargo", name, path, "");
    let packages = vec![at("a", "examples/a"), at("b", "more/b"), at("c", "examples2/c")];
    let text = updated(existing, packages);
    assert!(text.contains("\"c\""), "{text}");
    assert!(!text.contains("\"a\"") && !text.contains("\"b\""), "{text}");
}

#[test]
fn an_ignored_group_is_not_touched() {
    let existing = with_list("[\"b\", \"d\"]")
        .replace("release_group(n", "# releasekit:generate ignore\nrelease_group(n");
    let text = updated(&existing, vec![rust("b"), rust("c")]);
    assert_eq!(list_of(&text), "[\"b\", \"d\"]");
}

#[test]
fn a_group_directive_moves_a_package() {
    let existing = with_list("[\"b\", \"d\"]").replace(
        "cargo_package(name = \"d\"",
        "# releasekit:generate group=custom\ncargo_package(name = \"d\"",
    );
    let text = updated(&existing, vec![rust("b"), rust("d")]);
    let expected = existing
        .replace("\"d\", group = \"g\"", "\"d\", group = \"custom\"")
        .replace(
            "[\"b\", \"d\"])\n",
            "[\"b\"])\n\nrelease_group(\n    name = \"custom\",\n    packages = [\"d\"],\n)\n",
        );
    assert_eq!(text, expected);
}

#[test]
fn a_group_directive_adds_the_attribute() {
    let load = "load(\"@releasekit//rules/cargo.star\", \"cargo_package\")\n";
    let cases = [
        (
            "cargo_package(name = \"a\", skip = True)",
            "cargo_package(name = \"a\", group = \"g\", skip = True)",
        ),
        ("cargo_package(\"a\")", "cargo_package(\"a\", group = \"g\")"),
        (
            "cargo_package(\n    name = \"a\",  # it\n    skip = True,\n)",
            "cargo_package(\n    name = \"a\",  # it\n    group = \"g\",\n    skip = True,\n)",
        ),
        (
            "cargo_package(\n    name = \"a\"\n)",
            "cargo_package(\n    name = \"a\",\n    group = \"g\",\n)",
        ),
        (
            "cargo_package(name = \"a\", group = G)",
            "cargo_package(name = \"a\", group = G)",
        ),
    ];
    for (before, after) in cases {
        let existing = format!("{load}\n# releasekit:generate group=g\n{before}\n");
        let text = updated(&existing, vec![rust("a")]);
        assert!(text.contains(&format!("group=g\n{after}\n")), "{text}");
        assert_eq!(text.contains("release_group("), !before.contains('G'), "{text}");
    }
}

#[test]
fn a_group_directive_with_names_waits_for_packages() {
    let existing = "# releasekit:generate group=tools new\n\nvcs(\"git\")\n";
    let text = updated(existing, vec![rust("new"), rust("other")]);
    assert!(text.contains("name = \"new\",\n    group = \"tools\""), "{text}");
    assert!(
        text.contains("name = \"other\",\n    group = \"cargo\""),
        "{text}"
    );
    assert!(
        text.contains("name = \"tools\",\n    packages = [\"new\"]"),
        "{text}"
    );
}

#[test]
fn remarks_stay_unless_they_belong_to_what_went() {
    let load = "load(\"@releasekit//rules/cargo.star\", \"cargo_package\")\n\n";
    let cases = [
        // A remark right above, and a gap behind: it goes along.
        (
            "# About a.\ncargo_package(name = \"a\")\n\ncargo_package(name = \"b\")\n",
            "cargo_package(name = \"b\")\n",
        ),
        // No gap: it may speak of both.
        (
            "# Both.\ncargo_package(name = \"a\")\ncargo_package(name = \"b\")\n",
            "# Both.\ncargo_package(name = \"b\")\n",
        ),
        // A heading.
        (
            "# --------\n# Rust\n# --------\ncargo_package(name = \"a\")\n\ncargo_package(name = \"b\")\n",
            "# --------\n# Rust\n# --------\n\ncargo_package(name = \"b\")\n",
        ),
        // A gap above.
        (
            "# Rust.\n\ncargo_package(name = \"a\")\n\ncargo_package(name = \"b\")\n",
            "# Rust.\n\ncargo_package(name = \"b\")\n",
        ),
        // At the end of the file.
        (
            "cargo_package(name = \"b\")\n\ncargo_package(name = \"a\")\n",
            "cargo_package(name = \"b\")\n",
        ),
        (
            "cargo_package(name = \"b\")\n\ncargo_package(name = \"a\")",
            "cargo_package(name = \"b\")\n",
        ),
        (
            "cargo_package(name = \"b\")\n\ncargo_package(name = \"a\")\n# End.\n",
            "cargo_package(name = \"b\")\n\n# End.\n",
        ),
        // A directive goes along whatever stays.
        (
            "# Both.\n# releasekit:generate group=g\ncargo_package(name = \"a\")\ncargo_package(name = \"b\")\n",
            "# Both.\ncargo_package(name = \"b\")\n",
        ),
    ];
    for (before, after) in cases {
        assert_eq!(
            updated(&format!("{load}{before}"), vec![rust("b")]),
            format!("{load}{after}"),
            "{before}"
        );
    }
}

#[test]
fn hashes_and_calls_in_texts_are_not_read() {
    let existing = "NOTE = \"\"\"\n# releasekit:generate nonsense\ncargo_package(name = \"x\")\n\"\"\"\n";
    assert_eq!(updated(existing, vec![]), existing);
}

#[test]
fn trains_that_take_all_groups_stay() {
    let train = "\nrelease_train(name = \"default\")\n";
    let text = updated(
        &format!("{}{train}", with_list("[\"b\", \"d\"]")),
        vec![rust("b"), rust("d"), package("uv", "p", "py", "py")],
    );
    assert!(text.contains(train), "{text}");
}

fn complaints(existing: &str) -> Vec<Diagnostic> {
    let workspace = workspace(vec![]);
    update(
        existing,
        "RELEASE.star",
        &found(&workspace, &[]),
        &Declared::default(),
    )
    .expect_err("a complaint")
}

#[test]
fn a_file_that_does_not_parse_is_left_alone() {
    let complaints = complaints("vcs(\"git\")\nuv_package(name = \n");
    let location = complaints[0].location.clone().expect("a place");
    assert_eq!(location.file, "RELEASE.star");
    assert!(location.line >= 2, "{location}");
}

#[test]
fn directives_that_make_no_sense_are_complained_about() {
    let complaints = complaints(
        "vcs(\"git\")  # releasekit:generate ingore\n\n# releasekit:generate ignore\n\n# releasekit:generate\n\
         # releasekit:generate group=\n# releasekit:generated by hand\n",
    );
    let messages: Vec<String> = complaints.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "RELEASE.star:1:13: there is no directive `ingore`",
            "RELEASE.star:3:1: this directive stands at no call and names no package",
            "RELEASE.star:5:1: this directive says nothing",
            "RELEASE.star:6:1: there is no directive `group=`",
        ]
    );
    assert!(complaints[0].hint.is_some());
}
