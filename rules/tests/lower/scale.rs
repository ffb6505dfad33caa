//! That lowering does not slow down with size: counted, not timed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use cas::Digest;
use model::SourceTree;

use crate::support::{World, custom};

/// A tree that counts how often it is asked for a digest.
struct Counting {
    names: BTreeSet<String>,
    asked: AtomicUsize,
}

impl SourceTree for Counting {
    fn files(&self) -> &BTreeSet<String> {
        &self.names
    }

    fn read(&self, path: &str) -> Result<String, String> {
        Err(format!("`{path}` is not to be read"))
    }

    fn digest(&self, _path: &str) -> Result<(Digest, bool), String> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok((Digest::of(b""), false))
    }

    fn locate(&self, path: &str) -> PathBuf {
        PathBuf::from(path)
    }
}

#[test]
fn ten_thousand_actions_are_lowered_in_one_go() {
    const COUNT: usize = 10_000;
    let mut world = World::new(&[]);
    let decls = (0..COUNT).map(|n| {
        let before = format!("out/{}/made", n.saturating_sub(1));
        let (own, glob) = (format!("src/{n}/a.txt"), format!("src/{n}/*.txt"));
        let inputs: &[&str] = if n == 0 {
            &["common"]
        } else {
            &[&own, &glob, "common", &before]
        };
        custom(
            &format!("a{n}"),
            inputs,
            &[&format!("out/{n}/made")],
            &["cp", "x"],
        )
    });
    world.config.actions = decls.collect();
    let mut names: BTreeSet<String> = (0..COUNT).map(|n| format!("src/{n}/a.txt")).collect();
    names.insert("common/file".to_owned());
    let tree = Counting {
        names,
        asked: AtomicUsize::new(0),
    };
    let release = rules::Release {
        config: &world.config,
        train: &world.config.trains[0],
        workspace: &world.workspace,
        versions: &[],
        commits: &[],
        plans: &[],
        links: None,
        adapters: &world.adapters,
        registries: &world.registries,
        tree: &tree,
        tools: &world.tools,
        platform: std::collections::BTreeMap::new(),
        head: None,
        stage: rules::Stage::Build,
        closing: rules::Closing::default(),
    };
    let lowered = rules::lower(&release).expect("it can be lowered");
    assert_eq!(lowered.actions.len(), COUNT);
    assert_eq!(lowered.actions[COUNT - 1].inputs.len(), 3);
    assert_eq!(
        tree.asked.load(Ordering::Relaxed),
        COUNT,
        "every file that is used is asked for once"
    );
}
