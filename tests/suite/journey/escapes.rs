//! Names that hold what a terminal obeys: it is shown and never obeyed.

use harness::{Ran, Sandbox};

const RED: &str = "\u{1b}[31m";
const SHOWN: &str = "\\u{1b}[31m";

/// Two packages, one of which needs the other; the name of one and the folder of the other hold an escape. The first is
/// private, for no tag can be called so.
fn escapes() -> Sandbox {
    let sandbox = Sandbox::new();
    let manifest = |name: &str, needs: &str| {
        let private = needs.is_empty();
        format!(
            "{{\"name\": \"{name}\", \"version\": \"1.0.0\", \"private\": {private}, \"dependencies\": {{{needs}}}}}\n"
        )
    };
    let workspaces = "{\"private\": true, \"workspaces\": [\"packages/*\"]}\n";
    sandbox.write("package.json", workspaces);
    sandbox.write("packages/red/package.json", manifest("r\\u001b[31med", ""));
    let needs = "\"r\\u001b[31med\": \"^1.0.0\"";
    sandbox.write(
        &format!("packages/b{RED}lue/package.json"),
        manifest("blue", needs),
    );
    sandbox.begin();
    sandbox
}

#[track_caller]
fn is_harmless(ran: &Ran) {
    for said in [&ran.stdout, &ran.stderr] {
        assert!(!said.contains('\u{1b}'), "a terminal would obey: {said:?}");
    }
}

#[test]
fn no_command_lets_a_name_speak_to_the_terminal() {
    let sandbox = escapes();
    let commands: [&[&str]; 9] = [
        &["discover"],
        &["query", "deps(blue)"],
        &["graph", "--format", "levels"],
        &["version"],
        &["status"],
        &["check"],
        &["changelog"],
        &["bump", "minor", "--all", "--no-lock", "--dry-run"],
        &["bump", "minor", "--all", "--no-lock"],
    ];
    let mut shown = String::new();
    for args in commands {
        let ran = sandbox.run(args).expect(0);
        is_harmless(&ran);
        shown.push_str(&format!("{args:?}\n{}{}", ran.stdout, ran.stderr));
    }
    for what in [
        format!("\nr{SHOWN}ed\n"),
        format!("+++ b/packages/b{SHOWN}lue/package.json"),
        format!("wrote packages/b{SHOWN}lue/package.json"),
    ] {
        assert!(shown.contains(&what), "{what:?} is not in {shown}");
    }
}

#[test]
fn a_place_does_not_speak_to_the_terminal() {
    let sandbox = escapes();
    // With the text at hand, its lines are shown; without, only the place is.
    for manifest in [
        "{\"name\": 3}\n".to_owned(),
        format!("{{\"name\": 3, \"x\": \"{}\"}}\n", "x".repeat(3_000)),
    ] {
        sandbox.write(&format!("packages/b{RED}lue/package.json"), manifest);
        let refused = sandbox.run(&["discover"]).expect(3);
        is_harmless(&refused);
        let place = format!("packages/b{SHOWN}lue/package.json:1");
        assert!(refused.stderr.contains(&place), "{refused}");
    }
}
