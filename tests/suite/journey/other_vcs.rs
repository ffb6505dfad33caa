//! Releases out of repositories of Mercurial and of Jujutsu, colocated and not.

use harness::{Sandbox, require_tool};

use super::python_packages::{Needs, workspace};

const PACKAGES: &[Needs<'_>] = &[("tern-a", &[]), ("tern-b", &["tern-a"])];

/// How a person works with a system.
struct System {
    name: &'static str,
    init: &'static [&'static [&'static str]],
    /// The arguments before a commit's message.
    commit: &'static [&'static [&'static str]],
    tags: &'static [&'static str],
    log: &'static [&'static str],
}

const HG: System = System {
    name: "hg",
    // A branch of Mercurial may hold spaces.
    init: &[&["hg", "init"], &["hg", "branch", "--quiet", "my branch"]],
    commit: &[
        &["hg", "addremove", "--quiet", "--similarity", "0"],
        &["hg", "commit", "-m"],
    ],
    tags: &["hg", "tags"],
    log: &["hg", "log", "-T", "{desc|firstline}\n"],
};
const JJ_LOG: &[&str] = &[
    "jj",
    "log",
    "--no-graph",
    "-r",
    "::@-",
    "-T",
    "description.first_line() ++ \"\\n\"",
];
const JJ: System = System {
    name: "jj",
    init: &[&["jj", "git", "init", "--no-colocate"]],
    commit: &[&["jj", "commit", "-m"]],
    tags: &["jj", "tag", "list"],
    log: JJ_LOG,
};
const COLOCATED: System = System {
    init: &[&["jj", "git", "init", "--colocate"]],
    ..JJ
};

/// Runs a program of a person's; its output.
fn does(sandbox: &Sandbox, args: &[&str]) -> String {
    let mut command = sandbox.tool(args[0]);
    command.args(&args[1..]).env("HGPLAIN", "1");
    harness::Running::start(command).finish().expect(0).stdout
}

fn commit(sandbox: &Sandbox, system: &System, message: &str) {
    for (index, args) in system.commit.iter().enumerate() {
        let is_last = index + 1 == system.commit.len();
        let message: &[&str] = if is_last { &[message] } else { &[] };
        drop(does(sandbox, &[args, message].concat()));
    }
    if system.name == "jj" {
        drop(does(
            sandbox,
            &["jj", "bookmark", "set", "main", "-r", "@-", "--allow-backwards"],
        ));
    }
}

/// A workspace of that system, with nothing of git's.
fn begin(system: &System) -> Sandbox {
    let sandbox = workspace(PACKAGES);
    std::fs::remove_dir_all(sandbox.path(".git")).expect("it was made");
    let home = sandbox.outside("home");
    std::fs::create_dir_all(home.join(".config/jj")).expect("ours");
    std::fs::write(
        home.join(".config/jj/config.toml"),
        "user.name = \"T\"\nuser.email = \"t@example.com\"\n",
    )
    .expect("ours");
    std::fs::write(home.join(".hgrc"), "[ui]\nusername = T <t@example.com>\n").expect("ours");
    sandbox.edit("RELEASE.star", "jobs = 2,", "jobs = 2, commit_back = True,");
    for args in system.init {
        drop(does(&sandbox, args));
    }
    // It says what is to be ignored, as each system reads it.
    let _ignored = sandbox.run(&["init", "--write"]).expect(0);
    commit(&sandbox, system, "feat: first version");
    sandbox
}

fn bumps(sandbox: &Sandbox) -> Vec<(String, String)> {
    let version = sandbox.run(&["version", "--format", "json"]).expect(0).json();
    let packages = version["packages"].as_array().expect("a list").clone();
    let field = |one: &serde_json::Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    packages
        .iter()
        .map(|one| (field(one, "next"), field(one, "bump")))
        .collect()
}

fn releases(system: &System) {
    if !require_tool("uv") || !require_tool(system.name) {
        return;
    }
    let sandbox = begin(system);
    let first = sandbox.publish().expect(0);
    assert_eq!(first.ids("failed"), [""; 0], "{first}");
    let tags = does(&sandbox, system.tags);
    assert!(
        tags.contains("tern-a/v0.1.0") && tags.contains("tern-b/v0.1.0"),
        "{tags}"
    );
    assert!(
        bumps(&sandbox).iter().all(|(_, bump)| bump == "none"),
        "{:?}",
        bumps(&sandbox)
    );

    sandbox.write(
        "tern-a/src/tern_a/__init__.py",
        "\"\"\"A.\"\"\"\n\nNAME = \"better\"\n",
    );
    commit(&sandbox, system, "feat: better");
    let pair = |next: &str, bump: &str| (next.to_owned(), bump.to_owned());
    assert_eq!(bumps(&sandbox), [pair("0.2.0", "minor"), pair("0.1.1", "patch")]);
    sandbox.write("notes.txt", "mine\n");
    let second = sandbox.publish().expect(0);
    assert_eq!(second.ids("failed"), [""; 0], "{second}");
    let tags = does(&sandbox, system.tags);
    assert!(
        tags.contains("tern-a/v0.2.0") && tags.contains("tern-b/v0.1.1"),
        "{tags}"
    );
    let log = does(&sandbox, system.log);
    assert!(log.starts_with("chore(release): default "), "{log}");
    assert!(
        sandbox
            .read("tern-a/pyproject.toml")
            .contains("version = \"0.2.0\"")
    );
    assert_eq!(sandbox.read("notes.txt"), "mine\n");
    assert!(
        bumps(&sandbox).iter().all(|(_, bump)| bump == "none"),
        "{:?}",
        bumps(&sandbox)
    );
    let third = sandbox.publish().expect(0);
    assert_eq!(
        (third.count("executed"), third.count("failed")),
        (0, 0),
        "{third}"
    );
    let status = sandbox.run(&["status"]).expect(0);
    assert!(status.stdout.contains("tern-a/v0.2.0"), "{status}");
}

#[test]
fn jujutsu_beside_git_is_released() {
    releases(&COLOCATED);
}

#[test]
fn jujutsu_by_itself_is_released() {
    releases(&JJ);
}

#[test]
fn mercurial_is_released() {
    releases(&HG);
}

/// Tags of Mercurial are commits on top of the released one, so that a release that fails after them has some on top.
#[test]
fn what_mercurial_refused_to_commit_is_finished_as_told() {
    if !require_tool("uv") || !require_tool("hg") {
        return;
    }
    let sandbox = begin(&HG);
    let _first = sandbox.publish().expect(0);
    sandbox.write("tern-a/src/tern_a/__init__.py", "NAME = \"better\"\n");
    commit(&sandbox, &HG, "feat: better");
    let released = does(&sandbox, &["hg", "log", "-r", ".", "-T", "{short(node)}"]);
    let refuse = "! hg log -r \"$HG_NODE\" -T \"{desc}\" | grep -q \"chore(release)\"";
    let hook = format!("[hooks]\npretxncommit.no = {refuse}\n");
    std::fs::write(sandbox.path(".hg/hgrc"), hook).expect("ours");
    let failed = sandbox.publish().expect(1);
    assert_eq!(failed.ids("failed"), ["default:commit_back"], "{failed}");
    std::fs::remove_file(sandbox.path(".hg/hgrc")).expect("ours");

    let told = sandbox.publish().expect(4);
    let command = format!("`hg update {} && releasekit publish`", &released[..7]);
    assert!(told.stderr.contains(&command), "{told}");
    drop(does(&sandbox, &["hg", "update", &released[..7]]));
    let finished = sandbox.publish().expect(0);
    assert_eq!(finished.ids("executed"), ["default:commit_back"], "{finished}");
    assert!(
        sandbox
            .read("tern-a/pyproject.toml")
            .contains("version = \"0.2.0\"")
    );
    drop(does(&sandbox, &["hg", "merge", "--quiet"]));
    drop(does(&sandbox, &["hg", "commit", "-m", "merge"]));
    let again = sandbox.publish().expect(0);
    assert_eq!(again.count("executed"), 0, "{again}");
}

#[test]
fn a_system_that_is_named_and_not_there_is_an_error() {
    let sandbox = workspace(PACKAGES);
    let text = sandbox.read("RELEASE.star");
    sandbox.write("RELEASE.star", format!("{text}vcs(\"hg\")\n"));
    let ran = sandbox.run(&["version"]);
    assert_eq!(ran.code, 3, "{ran}");
    assert!(
        ran.stderr.contains("no repository of `hg`") && ran.stderr.contains("hint:"),
        "{ran}"
    );
}
