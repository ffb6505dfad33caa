//! What was new in versions that are released already.

use std::collections::BTreeMap;

use model::{
    Channel, Commit, CommitId, Dependency, DependencyKind, Diagnostic, Package, PackageId, Tag, TagFormat,
    TrainDecl, Version, Workspace,
};
use rules::{PlannedVersion, Reported, VersionInput, default_train, news, released};

use crate::support::text;

fn id(name: &str) -> PackageId {
    PackageId {
        ecosystem: "uv".to_owned(),
        name: name.to_owned(),
    }
}

fn package(name: &str, needs: &[&str]) -> Package {
    let need = |name: &&str| Dependency {
        on: id(name),
        kind: DependencyKind::Normal,
        requirement: String::new(),
    };
    Package {
        id: id(name),
        version: Version::new(9, 0, 0),
        written_version: "9.0.0".to_owned(),
        path: name.to_owned(),
        manifest: format!("{name}/pyproject.toml"),
        workspace: String::new(),
        private: false,
        dependencies: needs.iter().map(need).collect(),
        registry: None,
        notes: BTreeMap::new(),
    }
}

/// A line of history, with tags on it; `plan` is what is asked.
struct Past {
    workspace: Workspace,
    train: TrainDecl,
    /// Newest first.
    log: Vec<Commit>,
    tags: Vec<Tag>,
}

impl Past {
    /// Each commit: its message, the file it changes, its tags.
    fn of(commits: &[(&str, &str, &[&str])]) -> Self {
        let mut past = Self {
            workspace: Workspace::new(vec![package("core", &[]), package("app", &["core"])])
                .expect("two packages"),
            train: default_train(),
            log: Vec::new(),
            tags: Vec::new(),
        };
        for (number, (message, path, tags)) in commits.iter().enumerate() {
            let commit = CommitId(format!("{number:07x}{number:033x}"));
            let parents = past.log.first().map(|commit| commit.id.clone());
            past.tags.extend(tags.iter().map(|name| Tag {
                name: (*name).to_owned(),
                commit: commit.clone(),
            }));
            let commit = Commit {
                id: commit,
                parents: parents.into_iter().collect(),
                author: "A".to_owned(),
                time: 1_767_312_000 + i64::try_from(number).expect("few") * 86_400,
                message: (*message).to_owned(),
                paths: vec![(*path).to_owned()],
                added: Vec::new(),
                removed: Vec::new(),
                is_empty: false,
            };
            past.log.insert(0, commit);
        }
        past.tags.sort();
        past
    }

    /// A version as it was planned then.
    fn released(&self, name: &str, wanted: &str) -> Result<Option<PlannedVersion>, Vec<Diagnostic>> {
        let (channel, set, answers) = (Channel::default(), BTreeMap::new(), BTreeMap::new());
        let input = VersionInput {
            config: None,
            workspace: &self.workspace,
            tags: &self.tags,
            log: &self.log,
            beside: &[],
            renamed: &[],
            head: self.log.first().map(|commit| &commit.id),
            train: &self.train,
            channel: &channel,
            plans: &[],
            set: &set,
            answers: &answers,
            fits: &|_, _, _| true,
            now: 0,
        };
        released(&input, [&id(name)], wanted).map(|mut planned| planned.pop())
    }

    /// The text of a version, and the tag before it.
    fn told(&self, name: &str, wanted: &str) -> Option<(String, Option<String>)> {
        let planned = self.released(name, wanted).expect("it can be planned")?;
        let reported = Reported {
            config: None,
            train: &self.train,
            workspace: &self.workspace,
            commits: &self.log,
            head: self.log.first().map(|commit| &commit.id),
            tags: &self.tags,
            plans: &[],
            links: None,
        };
        let news = news(&reported, &[planned]).remove(0);
        Some((text(&news), news.previous_tag))
    }
}

fn past() -> Past {
    Past::of(&[
        ("feat: begin", "core/a", &["core/v0.1.0"]),
        ("feat: app begins", "app/a", &["app/v0.1.0"]),
        ("feat: one", "core/a", &["core/v0.2.0-rc.1"]),
        ("fix: two", "core/a", &["core/v0.2.0-rc.2"]),
        ("docs: three", "core/b", &["core/v0.2.0", "app/v0.1.1"]),
        ("fix: four", "core/a", &[]),
    ])
}

#[test]
fn a_released_version_tells_what_was_new_in_it() {
    let past = past();
    let told = |name: &str, wanted: &str| past.told(name, wanted).expect("it was released");
    let features = "### Features\n\n- one (0000002)\n";
    assert_eq!(
        told("core", "0.2.0"),
        (
            format!("## 0.2.0 (2026-01-06)\n\n{features}\n### Bug Fixes\n\n- two (0000003)\n"),
            Some("core/v0.1.0".to_owned())
        )
    );
    assert_eq!(told("core", "core/v0.2.0"), told("core", "v0.2.0"));
    assert_eq!(
        told("core", "0.2.0rc2"),
        (
            "## 0.2.0-rc.2 (2026-01-05)\n\n### Bug Fixes\n\n- two (0000003)\n".to_owned(),
            Some("core/v0.2.0-rc.1".to_owned())
        )
    );
    assert_eq!(
        told("core", "0.2.0-rc.1").0,
        format!("## 0.2.0-rc.1 (2026-01-04)\n\n{features}")
    );
    let first = "## 0.1.0 (2026-01-02)\n\n### Features\n\n- begin (0000000)\n";
    assert_eq!(told("core", "0.1.0"), (first.to_owned(), None));
    assert_eq!(
        told("app", "0.1.1").0,
        "## 0.1.1 (2026-01-06)\n\n### Dependencies\n\n- core 0.2.0\n"
    );
    assert_eq!(past.told("app", "0.2.0"), None);
    assert_eq!(past.told("app", "core/v0.2.0"), None);
}

#[test]
fn tags_of_former_formats_are_versions_too() {
    let mut past = Past::of(&[
        ("feat: begin", "core/a", &["core-v0.1.0"]),
        ("feat: one", "core/a", &["core-v0.2.0"]),
        ("fix: two", "core/a", &["core/v0.2.1"]),
    ]);
    let former = TagFormat::parse("{name}-v{version}").expect("a legal format");
    past.train.tags.former = vec![former];
    let told = |wanted: &str| past.told("core", wanted).expect("it was released");
    assert_eq!(told("0.2.1").1.as_deref(), Some("core-v0.2.0"));
    assert_eq!(
        told("0.2.1").0,
        "## 0.2.1 (2026-01-04)\n\n### Bug Fixes\n\n- two (0000002)\n"
    );
    assert_eq!(told("0.2.0").1.as_deref(), Some("core-v0.1.0"));
}

#[test]
fn tags_of_other_tools_are_versions_too() {
    let past = Past::of(&[
        ("feat: begin", "core/a", &["core-1.0.0"]),
        ("feat: one", "core/a", &[]),
        // One version, as another tool tagged it and as the train does.
        ("chore: release", "core/a", &["core@1.1.0", "core/v1.1.0"]),
        ("fix: two", "core/a", &["core@1.1.1"]),
        ("feat: app", "app/a", &["app@0.1.0"]),
    ]);
    let told = |wanted: &str| past.told("core", wanted).expect("it was released");
    let features = "## 1.1.0 (2026-01-04)\n\n### Features\n\n- one (0000001)\n";
    for wanted in ["1.1.0", "core/v1.1.0", "core@1.1.0"] {
        assert_eq!(
            told(wanted),
            (features.to_owned(), Some("core-1.0.0".to_owned())),
            "{wanted}"
        );
    }
    let fixes = "## 1.1.1 (2026-01-05)\n\n### Bug Fixes\n\n- two (0000003)\n";
    assert_eq!(told("1.1.1"), (fixes.to_owned(), Some("core/v1.1.0".to_owned())));
    assert_eq!(told("core-1.0.0").1, None);
    assert_eq!(
        past.told("app", "0.1.0").map(|(text, _)| text).as_deref(),
        Some("## 0.1.0 (2026-01-06)\n\n### Features\n\n- app (0000004)\n")
    );
}

#[test]
fn tags_without_a_name_are_versions_of_all() {
    let mut past = Past::of(&[
        ("feat: begin", "core/a", &["v1.0.0"]),
        ("feat: one", "core/a", &["v1.1.0"]),
    ]);
    past.tags.sort();
    let told = |name: &str| past.told(name, "v1.1.0").expect("it was released");
    let features = "## 1.1.0 (2026-01-03)\n\n### Features\n\n- one (0000001)\n";
    assert_eq!(told("core"), (features.to_owned(), Some("v1.0.0".to_owned())));
    assert_eq!(told("app").1.as_deref(), Some("v1.0.0"));
}

#[test]
fn a_tag_elsewhere_is_refused() {
    let mut past = past();
    past.tags.push(Tag {
        name: "core/v0.3.0".to_owned(),
        commit: CommitId("f".repeat(40)),
    });
    let wrong = past
        .released("core", "0.3.0")
        .expect_err("it is not in the history");
    assert!(wrong[0].message.contains("core/v0.3.0") && wrong[0].hint.is_some());
}
