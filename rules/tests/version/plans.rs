//! Version plans whose files were given another name.

use model::{Bump, CommitId, VersionPlan};
use rules::plans::{Renamed, renamed};

use crate::support::{Repo, package};

const ONE: &str = ".releases/1.md";
const TWO: &str = ".releases/2.md";

fn plan(file: &str) -> VersionPlan {
    VersionPlan {
        file: file.to_owned(),
        bumps: vec![("core".to_owned(), Bump::Minor)],
        text: String::new(),
    }
}

/// A plan that was released, and renamed afterwards in the commit that is given back.
fn repo() -> (Repo, String) {
    let mut repo = Repo::new(vec![package("core", "0.1.0", &[])]);
    repo.commit("chore: start", &["core/a"]);
    repo.release();
    repo.commit("chore: plan", &[ONE]);
    repo.plans = vec![plan(ONE)];
    repo.release();
    assert_eq!(repo.words(), ["core 0.2.0 none"]);
    repo.plans = vec![plan(TWO)];
    let commit = repo.moving("chore: rename", &[TWO], &[ONE]);
    (repo, commit)
}

#[test]
fn a_released_plan_is_not_released_again_under_another_name() {
    let (mut repo, commit) = repo();
    assert_eq!(repo.words(), ["core 0.3.0 minor"]);
    repo.renamed = vec![Renamed {
        commit: CommitId(commit),
        from: ONE.to_owned(),
        to: TWO.to_owned(),
    }];
    assert_eq!(repo.words(), ["core 0.2.0 none"]);
    // What is changed afterwards, or a new plan of the old name, is news.
    repo.commit("chore: another", &[ONE]);
    assert_eq!(repo.words(), ["core 0.2.0 none"]);
    repo.plans.insert(0, plan(ONE));
    assert_eq!(repo.plan()[0].plans, [ONE]);
    repo.commit("chore: more", &[TWO]);
    assert_eq!(repo.plan()[0].plans, [ONE, TWO]);
}

#[test]
fn a_plan_is_renamed_if_nothing_in_it_is_changed() {
    let (repo, commit) = repo();
    let found = |before: &str| {
        let contents = |files: &[(CommitId, String)]| {
            let one = |(at, file): &(CommitId, String)| match file.as_str() {
                TWO if at.0 == commit => Some(b"text".to_vec()),
                ONE if at.0 != commit => Some(before.as_bytes().to_vec()),
                _ => None,
            };
            Ok::<_, ()>(files.iter().map(one).collect())
        };
        renamed(&repo.log, ".releases", contents).expect("contents are there")
    };
    assert_eq!(found("text").len(), 1);
    assert_eq!(
        (found("text")[0].from.as_str(), found("text")[0].to.as_str()),
        (ONE, TWO)
    );
    assert_eq!(found("another text"), []);
}
