//! What a repository or an environment cannot make us do.

use std::os::unix::fs::PermissionsExt as _;

use adapters::{Git, GitTree};
use model::{NewTag, SourceTree as _, Vcs};

use crate::repository::{Repository, log};

/// A program that leaves a trace when it is run.
fn canary(repository: &Repository) -> (String, std::path::PathBuf) {
    let (program, trace) = (repository.beside("canary.sh"), repository.beside("trace"));
    let script = format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\n", trace.display());
    std::fs::write(&program, script).expect("our own folder");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("our own file");
    (program.display().to_string(), trace)
}

fn everything(repository: &Repository, git: &dyn Vcs) {
    let head = git.head().expect("a head").commit.expect("a commit");
    git.tags().expect("tags");
    log(git, &[]).expect("history");
    log(git, std::slice::from_ref(&head)).expect("history");
    git.changed_files().expect("a status");
    let tree = GitTree::staged(&repository.root(), repository.env()).expect("an index");
    for file in tree.files() {
        tree.read(file).expect("a text");
    }
    let tag = NewTag {
        name: "v1".to_owned(),
        commit: head,
        message: "m".to_owned(),
    };
    git.create_tag(&tag).expect("the name is free");
    assert_eq!(repository.git(["tag", "--list", "v1"]), "v1");
}

#[test]
fn programs_that_settings_name_are_not_run() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("one", &["a"]);
    let (program, trace) = canary(&repository);
    let hooks = repository.beside("hooks");
    std::fs::create_dir(&hooks).expect("our own folder");
    for hook in ["reference-transaction", "post-index-change", "fsmonitor-watchman"] {
        std::fs::copy(&program, hooks.join(hook)).expect("our own file");
        std::fs::copy(&program, repository.root().join(".git/hooks").join(hook)).expect("our own file");
    }
    for setting in [
        "core.fsmonitor",
        "core.pager",
        "pager.log",
        "pager.status",
        "core.editor",
        "gpg.program",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "core.sshCommand",
        "core.askPass",
        "credential.helper",
        "sequence.editor",
        "alias.log",
        "alias.status",
        "core.alternateRefsCommand",
        "uploadpack.packObjectsHook",
    ] {
        repository.git(["config", setting, &program]);
    }
    for (setting, value) in [
        ("core.hooksPath", hooks.to_str().expect("UTF-8")),
        ("log.showSignature", "true"),
        ("tag.gpgSign", "true"),
        ("core.untrackedCache", "true"),
    ] {
        repository.git(["config", setting, value]);
    }
    repository.write(".gitattributes", "* diff=evil\n");
    repository.write("a", "changed");
    everything(&repository, &repository.open());
    let ran = std::fs::read_to_string(&trace).unwrap_or_default();
    assert_eq!(ran, "", "a program that the repository names was run");
}

#[test]
fn settings_do_not_change_the_answers() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("one\n\nbody", &["a", "sub/ü"]);
    repository.git(["mv", "a", "b"]);
    repository.commit("two", &[]);
    let plain = log(&repository.open(), &[]).expect("history");
    let at_sub = log(&repository.open_at("sub"), &[]).expect("history");
    for (setting, value) in [
        ("log.showRoot", "false"),
        ("log.follow", "true"),
        ("log.abbrevCommit", "true"),
        ("log.decorate", "full"),
        ("log.date", "iso"),
        ("log.mailmap", "true"),
        ("log.diffMerges", "combined"),
        ("diff.renames", "copies"),
        ("diff.relative", "true"),
        ("diff.noprefix", "true"),
        ("diff.ignoreSubmodules", "all"),
        ("core.quotePath", "true"),
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("i18n.logOutputEncoding", "ISO-8859-1"),
        ("diff.orderFile", "/nope"),
        ("format.pretty", "oneline"),
        ("status.relativePaths", "true"),
        ("status.renames", "copies"),
        ("status.short", "true"),
        ("status.branch", "true"),
        ("core.abbrev", "7"),
        ("tag.sort", "-version:refname"),
        ("column.ui", "always"),
        ("status.showUntrackedFiles", "all"),
        ("notes.displayRef", "*"),
        ("core.logAllRefUpdates", "always"),
        ("user.useConfigOnly", "true"),
        ("status.showStash", "true"),
        ("diff.mnemonicPrefix", "true"),
    ] {
        repository.git(["config", setting, value]);
        if setting == "diff.orderFile" {
            repository.git(["config", setting, "/dev/null"]);
        }
    }
    repository.write(".mailmap", "Somebody Else <ada@example.com>\n");
    assert_eq!(log(&repository.open(), &[]).expect("history"), plain);
    assert_eq!(log(&repository.open_at("sub"), &[]).expect("history"), at_sub);
    assert_eq!(repository.open().changed_files().expect("a status"), [""; 0]);
    everything(&repository, &repository.open());
}

#[test]
fn the_environment_does_not_lead_elsewhere() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let Some(other) = Repository::new() else { return };
    repository.commit("one", &["a"]);
    other.commit("other", &["a"]);
    let (program, trace) = canary(&repository);
    let mut env = repository.env();
    for (name, value) in [
        ("GIT_DIR", other.root().join(".git").display().to_string()),
        ("GIT_WORK_TREE", other.root().display().to_string()),
        ("GIT_INDEX_FILE", "/nowhere".to_owned()),
        ("GIT_OBJECT_DIRECTORY", "/nowhere".to_owned()),
        (
            "GIT_CEILING_DIRECTORIES",
            repository.beside("").display().to_string(),
        ),
        ("GIT_CONFIG_COUNT", "1".to_owned()),
        ("GIT_CONFIG_KEY_0", "core.fsmonitor".to_owned()),
        ("GIT_CONFIG_VALUE_0", program.clone()),
        ("GIT_EXTERNAL_DIFF", program.clone()),
        ("GIT_PAGER", program.clone()),
        ("GIT_TRACE", repository.beside("git-trace").display().to_string()),
        ("LC_ALL", "de_DE.UTF-8".to_owned()),
        ("LANGUAGE", "de".to_owned()),
        ("GIT_EXEC_PATH", "/nowhere".to_owned()),
        ("PAGER", program),
    ] {
        env.insert(name.to_owned(), value);
    }
    let git = Git::open(&repository.root(), env)
        .expect("git answers")
        .expect("a repository");
    assert_eq!(log(&git, &[]).expect("history")[0].message, "one");
    everything(&repository, &git);
    assert!(!trace.exists() && !repository.beside("git-trace").exists());
}

#[test]
fn names_that_look_like_options_are_names() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let one = repository.commit("one", &["a", "--output=x", "-c"]);
    for name in [
        "refs/heads/--output=canary",
        "refs/tags/--output=canary",
        "refs/tags/--exec=canary",
        "refs/heads/HEAD",
    ] {
        repository.git(["update-ref", name, "HEAD"]);
    }
    repository.git(["symbolic-ref", "HEAD", "refs/heads/--output=canary"]);
    let git = repository.open();
    let head = git.head().expect("a head");
    assert_eq!(
        (head.commit, head.branch.as_deref()),
        (Some(one), Some("--output=canary"))
    );
    assert_eq!(
        log(&git, &[]).expect("history")[0].paths,
        ["--output=x", "-c", "a"]
    );
    repository.write("--output=x", "changed");
    assert_eq!(git.changed_files().expect("a status"), ["--output=x"]);
    assert_eq!(git.tags().expect("tags").len(), 2);
    everything(&repository, &git);
    assert!(!repository.root().join("canary").exists());
    // A branch that does not exist yet and looks like one.
    repository.git(["symbolic-ref", "HEAD", "refs/heads/--format=x"]);
    assert_eq!(git.head().expect("a head").commit, None);
}

#[test]
fn looking_writes_nothing() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.commit("one", &["a"]);
    repository.write("a", "one a");
    let index = repository.root().join(".git/index");
    let before = (
        std::fs::read(&index).expect("an index"),
        index.metadata().expect("an index").modified().ok(),
    );
    repository.open().changed_files().expect("a status");
    assert_eq!(
        (
            std::fs::read(&index).expect("an index"),
            index.metadata().expect("an index").modified().ok()
        ),
        before
    );
}
