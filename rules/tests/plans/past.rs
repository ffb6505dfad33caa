//! Version plans that are in history alone.

use std::collections::BTreeMap;
use std::convert::Infallible;

use model::{Channel, Commit, CommitId, Package, PackageId, Tag, Version, Workspace};
use rules::{VersionInput, default_train, plan_versions, plans, released};

/// What a commit does to a file: writes it, or deletes it.
type Step<'a> = (&'a str, &'a [(&'a str, Option<&'a str>)], &'a [&'a str]);

fn id(name: &str) -> PackageId {
    PackageId {
        ecosystem: "uv".to_owned(),
        name: name.to_owned(),
    }
}

fn package(name: &str) -> Package {
    Package {
        id: id(name),
        version: Version::new(1, 0, 0),
        written_version: "1.0.0".to_owned(),
        path: name.to_owned(),
        manifest: format!("{name}/pyproject.toml"),
        workspace: String::new(),
        private: false,
        dependencies: Vec::new(),
        registry: None,
        notes: BTreeMap::new(),
    }
}

/// A line of history with its files and tags.
struct Line {
    /// Newest first.
    log: Vec<Commit>,
    trees: BTreeMap<CommitId, BTreeMap<String, String>>,
    tags: Vec<Tag>,
}

impl Line {
    /// Each commit: its message, what it does to plans, its tags.
    fn of(steps: &[Step<'_>]) -> Self {
        let (mut line, mut tree) = (
            Self {
                log: Vec::new(),
                trees: BTreeMap::new(),
                tags: Vec::new(),
            },
            BTreeMap::new(),
        );
        for (number, (message, changes, tags)) in steps.iter().enumerate() {
            let commit = CommitId(format!("{number:040x}"));
            let path = |name: &str| format!(".releases/{name}.md");
            for (name, text) in *changes {
                match text {
                    Some(text) => tree.insert(path(name), format!("---\n{text}")),
                    None => tree.remove(&path(name)),
                };
            }
            line.trees.insert(commit.clone(), tree.clone());
            line.tags.extend(tags.iter().map(|name| Tag {
                name: (*name).to_owned(),
                commit: commit.clone(),
            }));
            let parents = line.log.first().map(|commit| commit.id.clone());
            let commit = Commit {
                id: commit,
                parents: parents.into_iter().collect(),
                author: String::new(),
                time: 0,
                message: (*message).to_owned(),
                paths: changes
                    .iter()
                    .map(|(name, _)| path(name))
                    .chain(["core/a".to_owned()])
                    .chain(
                        message
                            .starts_with("Version")
                            .then(|| "core/CHANGELOG.md".to_owned()),
                    )
                    .collect(),
                added: Vec::new(),
                removed: Vec::new(),
                is_empty: false,
            };
            line.log.insert(0, commit);
        }
        line.tags.sort();
        line
    }

    /// The texts of the plans in a version of `core`: one that is released, or the next.
    fn told(&self, at: Option<&str>) -> Vec<String> {
        let workspace = Workspace::new(vec![package("core"), package("app")]).expect("two packages");
        let (channel, train) = (Channel::default(), default_train());
        let (set, answers) = (BTreeMap::new(), BTreeMap::new());
        let input = VersionInput {
            config: None,
            workspace: &workspace,
            tags: &self.tags,
            log: &self.log,
            beside: &[],
            head: self.log.first().map(|commit| &commit.id),
            train: &train,
            channel: &channel,
            plans: &[],
            renamed: &[],
            set: &set,
            answers: &answers,
            fits: &|_, _, _| true,
            now: 0,
        };
        let core = id("core");
        let mut planned = match at {
            Some(at) => released(&input, [&core], at).expect("it was released"),
            None => plan_versions(&input).expect("a plan"),
        };
        planned.retain(|planned| planned.package == core);
        let mut asked = 0;
        let contents = |files: &[(CommitId, String)]| {
            asked += 1;
            let one = |(commit, path): &(CommitId, String)| {
                let text = self.trees.get(commit)?.get(path)?;
                Some(text.as_bytes().to_vec())
            };
            Ok::<_, Infallible>(files.iter().map(one).collect())
        };
        let warnings = plans::recall(&input, &mut planned, at.is_some(), contents).expect("it can be read");
        let warned = warnings
            .iter()
            .map(|warning| format!("warning: {}", warning.message));
        let texts = planned[0].earlier_plans.iter().map(|plan| plan.text.clone());
        let told = texts.chain(warned).collect();
        assert!(asked < 2, "files are asked for once");
        told
    }
}

const RELEASE: &str = "chore: release\n\nReleasekit-Release: 0a1b2c3d\n";

#[test]
fn a_released_version_has_the_plans_it_took_in() {
    let line = Line::of(&[
        (
            "feat: begin",
            &[("old", Some("core: minor\n---\nOld."))],
            &["core/v1.0.0"],
        ),
        // Plans that stay where they are were part of the version before.
        ("feat: a", &[("a", Some("core: minor\n---\nA."))], &[]),
        (
            "feat: app",
            &[("app", Some("app: minor\n---\nApp."))],
            &["core/v1.1.0"],
        ),
        (RELEASE, &[("a", None), ("old", None)], &[]),
        // The commit that is released deletes them.
        ("feat: b", &[("b", Some("uv/core: patch\n---\nB."))], &[]),
        ("feat: gone", &[("gone", Some("core: major\n---\nGone."))], &[]),
        ("chore: no", &[("gone", None)], &[]),
        ("chore: release", &[("b", None)], &["core/v1.2.0"]),
        // A name that is used again.
        (
            "feat: c",
            &[("a", Some("core: minor\n---\nC."))],
            &["core/v1.3.0"],
        ),
        ("chore: later", &[("a", None)], &[]),
    ]);
    assert_eq!(line.told(Some("1.0.0")), ["Old."]);
    assert_eq!(line.told(Some("1.1.0")), ["A."]);
    assert_eq!(line.told(Some("1.2.0")), ["B."]);
    assert_eq!(line.told(Some("1.3.0")), ["C."]);
}

#[test]
fn a_stable_version_has_what_its_prereleases_took_in() {
    let line = Line::of(&[
        (
            "feat: begin",
            &[("old", Some("core: minor\n---\nOld."))],
            &["core/v1.0.0"],
        ),
        (RELEASE, &[("old", None)], &[]),
        (
            "feat: a",
            &[("a", Some("core: minor\n---\nA."))],
            &["core/v1.1.0-rc.0"],
        ),
        (RELEASE, &[("a", None)], &[]),
        ("feat: a", &[("a", Some("core: minor\n---\nMore."))], &[]),
        // A tool of another kind, which tags what it deletes from.
        ("chore: rc", &[("a", None)], &["core/v1.1.0-rc.1"]),
        ("feat: no", &[("no", Some("core: major\n---\nNo."))], &[]),
        ("chore: no", &[("no", None)], &[]),
    ]);
    assert_eq!(line.told(None), ["A.", "More."]);
    assert_eq!(line.told(Some("1.1.0-rc.0")), ["A."]);
    assert_eq!(line.told(Some("1.1.0-rc.1")), ["More."]);
}

#[test]
fn a_prerelease_at_the_head_took_plans_in() {
    let mut line = Line::of(&[
        ("feat: begin", &[], &["core/v1.0.0"]),
        ("feat: a", &[("a", Some("core: minor\n---\nA."))], &[]),
        ("chore: rc", &[("a", None)], &[]),
    ]);
    assert_eq!(line.told(None), Vec::<String>::new());
    line.tags.push(Tag {
        name: "core/v1.1.0-rc.0".to_owned(),
        commit: line.log[0].id.clone(),
    });
    assert_eq!(line.told(None), ["A."]);
}

#[test]
fn a_version_may_be_tagged_later_than_it_was_written() {
    let line = Line::of(&[
        ("feat: begin", &[], &["core/v1.0.0"]),
        ("feat: a", &[("a", Some("core: minor\n---\nA."))], &[]),
        ("Version packages", &[("a", None)], &[]),
        ("docs: more", &[], &["core/v1.1.0"]),
    ]);
    assert_eq!(line.told(Some("1.1.0")), ["A."]);
}

#[test]
fn a_plan_that_cannot_be_read_is_told_of() {
    let line = Line::of(&[
        ("feat: begin", &[], &["core/v1.0.0"]),
        ("feat: a", &[("a", Some("core: huge\n---\nA."))], &["core/v1.1.0"]),
    ]);
    let told = line.told(Some("1.1.0"));
    assert!(
        told.len() == 1 && told[0].contains("0000000") && told[0].contains("huge"),
        "{told:?}"
    );
}
