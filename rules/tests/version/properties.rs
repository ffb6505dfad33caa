//! What holds for every history.

use std::collections::BTreeMap;

use model::{Bump, Channel};
use proptest::prelude::*;

use crate::support::{Repo, package};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const MESSAGES: [&str; 6] = [
    "feat: x",
    "fix: x",
    "feat!: x",
    "docs: x",
    "chore: x\n\nBREAKING CHANGE: y",
    "words",
];

/// What happens to a repository, one step after another.
#[derive(Clone, Debug)]
enum Step {
    Commit { message: usize, package: usize },
    Branch { back: usize },
    Merge { back: usize },
    Release { only: usize, channel: usize },
}

/// Where the last release goes; those before it were releases.
fn channel() -> impl Strategy<Value = Channel> {
    (0..4_usize).prop_map(|at| match at {
        0 => Channel::default(),
        1 => Channel::named("latest", None),
        2 => Channel::named("rc", None),
        _ => Channel::named("nightly", None),
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..MESSAGES.len(), 0..NAMES.len()).prop_map(|(message, package)| Step::Commit { message, package }),
        1 => (0..5_usize).prop_map(|back| Step::Branch { back }),
        1 => (0..5_usize).prop_map(|back| Step::Merge { back }),
        // Any part of a release may be all that was finished.
        1 => (0..16_usize, 0..3_usize).prop_map(|(only, channel)| Step::Release { only, channel }),
    ]
}

/// Packages whose needs are drawn as bits; also circles.
fn repo(needs: &[u8]) -> Repo {
    let packages = NAMES.iter().zip(needs).map(|(name, bits)| {
        let needed = NAMES
            .iter()
            .enumerate()
            .filter(|(bit, other)| bits & (1 << bit) != 0 && other != &name);
        package(name, "0.1.0", &needed.map(|(_, name)| *name).collect::<Vec<_>>())
    });
    let mut repo = Repo::new(packages.collect());
    repo.commit("chore: start", &[]);
    repo
}

fn play(repo: &mut Repo, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Commit { message, package } => {
                let path = format!("{}/file", NAMES[*package]);
                repo.commit(MESSAGES[*message], &[&path]);
            }
            Step::Branch { back } => {
                let at = repo.log.len().saturating_sub(back + 1);
                let commit = repo.log[at].id.0.clone();
                // What is no longer reached is no longer in the log: only branch off what stays.
                let head = repo.commit("chore: side", &[]);
                repo.checkout(&commit);
                repo.commit("fix: on the side", &["a/file"]);
                repo.merge(&head);
            }
            Step::Merge { back } => {
                let at = repo.log.len().saturating_sub(back + 1);
                let commit = repo.log[at].id.0.clone();
                repo.merge(&commit);
            }
            Step::Release { only, channel } => {
                repo.channel = Channel::named(["latest", "rc", "nightly"][*channel], None);
                for (bit, one) in repo.plan().iter().enumerate() {
                    if only & (1 << bit) != 0 && one.bump != Bump::None {
                        repo.tag(&one.tag);
                    }
                }
                repo.channel = Channel::default();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// No version is planned twice for different commits, none goes down, and a release leaves nothing to do.
    #[test]
    fn releases_only_go_up_and_end(
        needs in proptest::collection::vec(0..16_u8, 4),
        steps in proptest::collection::vec(step(), 0..40),
        channel in channel(),
        dependents in 0..3_usize,
    ) {
        let mut repo = repo(&needs);
        repo.train.dependents = model::Dependents::ALL[dependents].1;
        play(&mut repo, &steps);
        repo.channel = channel;
        let plan = repo.plan();
        for one in &plan {
            if let Some(current) = &one.current {
                prop_assert!(one.next >= *current, "{one:#?}");
                prop_assert_eq!(one.next == *current, one.bump == Bump::None, "{:#?}", one);
            }
        }
        let released = repo.release();
        let again = repo.plan();
        for (before, after) in released.iter().zip(&again) {
            prop_assert_eq!(after.bump, Bump::None, "{:#?}", after);
            prop_assert_eq!(&after.next, &before.next);
        }
        // And what was interrupted goes on with the same versions.
        for only in 0..16_usize {
            let keep = repo.tags.clone();
            repo.tags.retain(|tag| {
                !released.iter().enumerate().any(|(bit, one)| {
                    one.bump != Bump::None && one.tag == tag.name && only & (1 << bit) != 0
                })
            });
            for (before, after) in released.iter().zip(repo.plan()) {
                prop_assert_eq!(&before.next, &after.next, "{} {:#?} {:#?}", only, before, after);
            }
            repo.tags = keep;
        }
    }

    /// One more commit never makes any package's next version smaller.
    #[test]
    fn bumps_are_monotonic(
        needs in proptest::collection::vec(0..16_u8, 4),
        steps in proptest::collection::vec(step(), 0..30),
        message in 0..MESSAGES.len(),
        touched in 0..NAMES.len(),
    ) {
        let mut repo = repo(&needs);
        play(&mut repo, &steps);
        let before: BTreeMap<_, _> = repo.plan().into_iter().map(|one| (one.package.clone(), one)).collect();
        let path = format!("{}/file", NAMES[touched]);
        repo.commit(MESSAGES[message], &[&path]);
        for one in repo.plan() {
            prop_assert!(one.next >= before[&one.package].next, "{one:#?}");
        }
    }
}
