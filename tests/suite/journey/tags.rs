//! Tags of a release: all that are declared, on the released commit, pushed as one, and made by hand.

use std::os::unix::fs::PermissionsExt;

use harness::{listing, require_tool};

use super::releases::{head, publish, references, with_origin, with_train};

const PUSHED: &str = "umbrella_tag = \"{name}-{version}\", push = True, registry = \"directory:{registry}\"";

#[test]
fn a_release_into_folders_makes_all_tags_and_pushes_none() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = with_train(PUSHED);
    let origin = with_origin(&sandbox);
    let _first = sandbox.publish().expect(0);
    let at = head(&sandbox);
    let expected =
        ["default-0.1.0", "tern-a/v0.1.0", "tern-b/v0.1.0"].map(|tag| format!("refs/tags/{tag} {at}"));
    assert_eq!(references(&sandbox, ".git", "refs/tags"), expected);
    assert_eq!(references(&sandbox, &origin, "refs/tags"), [""; 0]);
    let again = sandbox.publish().expect(0);
    assert_eq!(again.count("executed"), 0, "{again}");
}

#[test]
fn tags_of_this_release_are_pushed_and_read_back() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = with_train(PUSHED);
    let origin = with_origin(&sandbox);
    sandbox.git(&["tag", "somebodys"]);
    let first = publish(&sandbox).expect(0);
    assert!(
        first.ids("executed").contains(&"default:push".to_owned()),
        "{first}"
    );
    let at = head(&sandbox);
    let expected =
        ["default-0.1.0", "tern-a/v0.1.0", "tern-b/v0.1.0"].map(|tag| format!("refs/tags/{tag} {at}"));
    assert_eq!(references(&sandbox, &origin, "refs/tags"), expected);
    let again = publish(&sandbox).expect(0);
    assert_eq!(
        (again.count("executed"), again.count("failed")),
        (0, 0),
        "{again}"
    );
    assert!(
        again.ids("confirmed").contains(&"default:push".to_owned()),
        "{again}"
    );
}

#[test]
fn a_refused_push_is_made_up_for_by_the_next_run() {
    if !require_tool("uv") {
        return;
    }
    let sandbox = with_train(PUSHED);
    let origin = with_origin(&sandbox);
    let hook = std::path::Path::new(&origin).join("hooks/update");
    std::fs::write(
        &hook,
        "#!/bin/sh\ncase $1 in refs/tags/tern-b/*) echo 'tern-b is frozen'; exit 1;; esac\n",
    )
    .expect("ours");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("ours");
    let first = publish(&sandbox).expect(1);
    assert_eq!(first.ids("failed"), ["default:push"], "{first}");
    assert!(
        first.stdout.contains("tern-b is frozen") && first.stdout.contains("refs/tags/tern-b/v0.1.0"),
        "{first}"
    );
    assert_eq!(
        references(&sandbox, &origin, "refs/tags"),
        [""; 0],
        "some were pushed"
    );
    let there = listing(&sandbox.registry());

    std::fs::remove_file(&hook).expect("it was there");
    let second = publish(&sandbox).expect(0);
    assert_eq!(second.ids("executed"), ["default:push"], "{second}");
    assert_eq!(references(&sandbox, &origin, "refs/tags").len(), 3);
    assert_eq!(listing(&sandbox.registry()), there);
}

#[test]
fn what_stands_in_the_way_is_said_before_anything_is_published() {
    if !require_tool("uv") {
        return;
    }
    let sandbox =
        with_train("umbrella_tag = \"all-{version}\", umbrella_package = \"tern-z\", push = \"nowhere\"");
    let registry = sandbox.registry().display().to_string();
    let ran = sandbox.run(&["publish", "--to-directory", &registry]).expect(3);
    assert!(
        ran.stderr.contains("`tern-z`") && ran.stderr.contains("RELEASE.star:"),
        "{ran}"
    );
    sandbox.edit("RELEASE.star", "tern-z", "tern-b");
    sandbox.commit("chore: fix");
    let ran = sandbox.run(&["publish"]).expect(3);
    assert!(ran.stderr.contains("no remote called `nowhere`"), "{ran}");
    assert!(!sandbox.registry().exists());

    // The umbrella bears the version of its package only when that is released.
    let _first = sandbox.publish().expect(0);
    let names = |sandbox: &harness::Sandbox| references(sandbox, ".git", "refs/tags").len();
    assert_eq!(names(&sandbox), 3);

    // A tag that somebody set elsewhere: one of its package would be understood.
    sandbox.edit("RELEASE.star", ", umbrella_package = \"tern-b\"", "");
    sandbox.git(&["tag", "all-0.1.1", "HEAD~"]);
    sandbox.write("tern-b/src/tern_b/__init__.py", "NAME = 'b'\n");
    sandbox.commit("fix: b");
    let before = listing(&sandbox.registry());
    let ran = sandbox.publish().expect(5);
    assert!(ran.stderr.contains("already names commit"), "{ran}");
    assert_eq!(listing(&sandbox.registry()), before, "something was published");
}
