//! The end of a release: further tags, the tag of the whole, the commit that brings versions back, the push.

use std::sync::Arc;

use engine::StepError;
use model::{
    Bump, BumpFile, CommitBack, CommitId, Location, Push, Remote, Tag, TagFormat, Umbrella, VersionPlan,
};
use rules::{BroughtBack, Closing};
use serde_json::Value;

use crate::support::World;

const FILES: &[(&str, &str)] = &[
    ("core/toy.toy", "name core\nversion 0.1.0\n"),
    ("app/toy.toy", "name app\nneeds core\n"),
    ("chart.yaml", "version: 0.1.0\n"),
];

/// A remote that is only asked for its address.
struct Elsewhere;

impl Remote for Elsewhere {
    fn name(&self) -> String {
        "origin".to_owned()
    }

    fn address(&self) -> String {
        "https://h.example/a".to_owned()
    }

    fn tags(&self) -> Result<Vec<Tag>, StepError> {
        Err(StepError::new("nobody asks"))
    }

    fn branch(&self, _: &str) -> Result<Option<CommitId>, StepError> {
        Err(StepError::new("nobody asks"))
    }

    fn leads_to(&self, _: &str, _: &CommitId) -> Result<bool, StepError> {
        Err(StepError::new("nobody asks"))
    }

    fn push(&self, _: &Push) -> Result<(), StepError> {
        Err(StepError::new("nobody asks"))
    }
}

fn format(pattern: &str) -> TagFormat {
    TagFormat::parse(pattern).expect("a pattern")
}

/// A world whose train tags the whole, commits back and pushes.
fn world() -> World {
    let mut world = World::new(FILES);
    let train = &mut world.config.trains[0];
    train.tags.umbrella = Some(Umbrella {
        format: format("{name}-{version}"),
        package: None,
    });
    train.tags.push = Some("origin".to_owned());
    train.commit_back = Some(CommitBack {
        branch: None,
        message: "{train_name} {version}: {packages}".to_owned(),
    });
    train.location = Some(Location {
        line: 7,
        ..Location::file("RELEASE.star")
    });
    world.adapters.remote = Some(Arc::new(Elsewhere));
    world.closing = Closing {
        run: "r1".to_owned(),
        branch: Some("main".to_owned()),
        ..Closing::default()
    };
    world
}

fn params(world: &World, action: &str) -> Value {
    let actions = world.lower();
    match &actions.get(action).work {
        engine::Work::Step { params, .. } => serde_json::from_str(params).expect("JSON"),
        engine::Work::Command(_) => panic!("{action} is a command"),
    }
}

#[test]
fn everything_else_comes_first() {
    let world = world();
    let actions = world.lower();
    let sorted = |name: &str| {
        let mut after = actions.after(name);
        after.sort_unstable();
        after
    };
    assert_eq!(sorted("default:tag"), ["app:tag", "core:tag"]);
    assert_eq!(
        sorted("default:commit_back"),
        ["app:tag", "core:tag", "default:tag"]
    );
    assert_eq!(sorted("default:push"), ["default:commit_back"]);
    assert_eq!(
        actions.0.written,
        [
            "app/CHANGELOG.md",
            "app/toy.toy",
            "core/CHANGELOG.md",
            "core/toy.toy"
        ]
    );
    assert_eq!(actions.0.tags, ["app/v0.2.0", "core/v0.2.0", "default-0.2.0"]);
    let push = params(&world, "default:push");
    assert_eq!(push["remote"], "https://h.example/a");
    assert_eq!(push["tags"].as_object().map(serde_json::Map::len), Some(3));
    assert_eq!(push["back"]["branch"], "main");
    let back = params(&world, "default:commit_back");
    assert_eq!(back["message"], "default 0.2.0: app 0.2.0, core 0.2.0");
    assert_eq!(
        (&back["to"]["run"], &back["to"]["after"]),
        (&"r1".into(), &"abc1234def".into())
    );
}

#[test]
fn further_tags_are_made_with_the_first_and_pushed() {
    let mut world = world();
    for version in &mut world.versions {
        version.secondary_tags = vec!["v0.2.0".to_owned(), version.tag.clone()];
    }
    let actions = world.lower();
    let tags = params(&world, "core:tag");
    let names: Vec<&Value> = tags["tags"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    assert_eq!(names, ["core/v0.2.0", "v0.2.0"]);
    // One that is shared waits for all who share it, and says the same whoever makes it.
    let mut after = actions.after("core:tag");
    after.sort_unstable();
    assert_eq!(after, ["app:verify", "core:verify"]);
    assert_eq!(tags["tags"][1], params(&world, "app:tag")["tags"][1]);
    assert!(actions.0.tags.contains(&"v0.2.0".to_owned()));
}

#[test]
fn the_tag_of_the_whole_has_one_version_or_is_an_error_at_the_train() {
    let mut world = world();
    world.versions[0].next = "0.3.0".parse().expect("a version");
    let wrong = world.try_lower().expect_err("two versions");
    assert!(
        wrong[0].location.as_ref().is_some_and(|at| at.line == 7) && wrong[0].hint.is_some(),
        "{wrong:?}"
    );
    let umbrella = |world: &mut World, package: &str| {
        let package = Some(package.to_owned());
        world.config.trains[0].tags.umbrella = Some(Umbrella {
            format: format("all-{version}"),
            package,
        });
    };
    umbrella(&mut world, "core");
    assert!(world.lower().0.tags.contains(&"all-0.2.0".to_owned()));
    // Not released this time: no tag of the whole.
    let core = world
        .versions
        .iter()
        .position(|version| version.package.name == "core")
        .expect("there");
    let core = world.versions.remove(core);
    assert!(!world.lower().names().contains(&"default:tag"));
    world.versions.push(core);
    umbrella(&mut world, "nobody");
    assert!(
        world
            .try_lower()
            .is_err_and(|wrong| wrong[0].message.contains("`nobody`"))
    );
}

#[test]
fn what_is_written_back_is_no_placeholder_and_plans_go_when_they_are_used_up() {
    let mut world = World::new(&[
        ("core/toy.toy", "name core\nversion 0.0.0-dev\n"),
        ("app/toy.toy", "name app\nneeds core\n"),
        ("chart.yaml", "version: 0.1.0\n"),
    ]);
    let full = self::world();
    (world.adapters.remote, world.closing) = (full.adapters.remote, full.closing);
    world.config.trains.clone_from(&full.config.trains);
    let plan = |file: &str, names: &[&str]| VersionPlan {
        file: file.to_owned(),
        bumps: names
            .iter()
            .map(|name| ((*name).to_owned(), Bump::Minor))
            .collect(),
        text: String::new(),
    };
    world.plans = vec![
        plan("p/all.md", &["core", "toy/app"]),
        plan("p/other.md", &["core", "elsewhere"]),
        plan("p/unused.md", &["core"]),
        plan("p/empty.md", &[]),
    ];
    for version in &mut world.versions {
        version.plans = vec!["p/all.md".to_owned(), "p/other.md".to_owned()];
    }
    let app = world
        .config
        .packages
        .iter_mut()
        .find(|package| package.name == "app")
        .expect("there");
    app.bump_files = vec![BumpFile {
        path: "chart.yaml".to_owned(),
        pattern: None,
    }];
    assert_eq!(
        world.lower().0.written,
        [
            "app/CHANGELOG.md",
            "app/toy.toy",
            "chart.yaml",
            "core/CHANGELOG.md",
            "p/all.md",
            "p/empty.md"
        ]
    );
    assert_eq!(
        params(&world, "default:commit_back")["gone"],
        serde_json::json!(["p/all.md", "p/empty.md"])
    );

    world.config.packages.iter_mut().for_each(|package| {
        package.bump_files = vec![BumpFile {
            path: "nowhere".to_owned(),
            pattern: None,
        }];
    });
    assert!(
        world
            .try_lower()
            .is_err_and(|wrong| wrong[0].message.contains("`nowhere`"))
    );
}

#[test]
fn a_plan_stays_until_all_it_names_is_released() {
    let mut world = World::new(&[
        ("core/toy.toy", "name core\nversion 0.1.0\n"),
        ("rust/game.toy", "name core\nversion 0.1.0\n"),
    ]);
    let full = self::world();
    (world.adapters.remote, world.closing) = (full.adapters.remote, full.closing);
    world.config.trains.clone_from(&full.config.trains);
    // The train releases one of the two that are called so.
    let is_other = |ecosystem: &str| ecosystem == "game";
    world
        .config
        .packages
        .retain(|package| !is_other(&package.ecosystem));
    world
        .versions
        .retain(|version| !is_other(&version.package.ecosystem));
    let gone = [("core", false), ("toy/core", true), ("game/core", false)];
    world.plans = gone
        .iter()
        .map(|(name, _)| VersionPlan {
            file: format!("p/{}.md", name.replace('/', "-")),
            bumps: vec![((*name).to_owned(), Bump::Minor)],
            text: String::new(),
        })
        .collect();
    world.versions[0].plans = world.plans.iter().map(|plan| plan.file.clone()).collect();
    assert_eq!(
        params(&world, "default:commit_back")["gone"],
        serde_json::json!(["p/toy-core.md"])
    );
}

#[test]
fn nothing_leaves_with_a_release_into_folders_and_nothing_comes_back_on_no_branch() {
    let mut world = world();
    world.closing.into_folders = true;
    assert!(!world.lower().names().contains(&"default:push"));
    world.closing.branch = None;
    let wrong = world.try_lower().expect_err("no branch");
    assert!(
        wrong[0]
            .hint
            .as_ref()
            .is_some_and(|hint| hint.contains("commit_back_branch")),
        "{wrong:?}"
    );
    world.config.trains[0].name = "core".to_owned();
    world.config.trains[0].commit_back = None;
    assert!(
        world.lower().names().contains(&"train core:tag"),
        "two owners are called the same"
    );
}

#[test]
fn of_a_release_that_was_brought_back_only_the_push_is_left() {
    let mut world = world();
    let released = CommitId("fff".to_owned());
    world.versions.clear();
    let tag = Tag {
        name: "core/v0.2.0".to_owned(),
        commit: released.clone(),
    };
    world.closing.brought_back = Some(BroughtBack {
        released,
        tags: vec![tag],
    });
    assert_eq!(world.lower().names(), ["default:push"]);
    let push = params(&world, "default:push");
    assert_eq!(
        (&push["back"]["after"], &push["tags"]["core/v0.2.0"]),
        (&"fff".into(), &"fff".into())
    );
    // Whoever checks out its commit has no branch: then it is the one that the train names.
    world.closing.branch = None;
    let wrong = world.try_lower().expect_err("no branch");
    assert!(wrong[0].message.contains("no branch"), "{wrong:?}");
    if let Some(commit_back) = &mut world.config.trains[0].commit_back {
        commit_back.branch = Some("stable".to_owned());
    }
    assert_eq!(params(&world, "default:push")["back"]["branch"], "stable");
    world.config.trains[0].tags.push = None;
    assert_eq!(world.lower().names(), [""; 0], "nothing is pushed");
}
