//! Commits whose files are symbolic links, or lie behind one: each system refuses them.

use std::collections::BTreeMap;

use model::NewCommit;

use crate::promise::each;

#[test]
fn a_commit_never_writes_through_a_link() {
    each(|shop| {
        for (link, to) in [("link", "dir/own"), ("linked", "dir")] {
            std::os::unix::fs::symlink(to, shop.root().join(link)).expect("our own link");
        }
        let parent = shop.commit("feat: one", &[("dir/own", "1")]);
        let branch = shop.vcs().head().expect("a head").branch.expect("a branch");
        for path in ["link", "linked/own", "linked/new"] {
            let new = NewCommit {
                branch: branch.clone(),
                parent: parent.clone(),
                message: "chore(release): core 1.0.0".to_owned(),
                files: BTreeMap::from([(path.to_owned(), Some(b"2".to_vec()))]),
                time: 1_767_355_200,
            };
            let refused = shop.vcs().commit(&new).expect_err("it is a link");
            assert!(
                refused.message.contains("symbolic link"),
                "{:?}: {refused}",
                shop.kind
            );
        }
        let own = std::fs::read_to_string(shop.root().join("dir/own"));
        assert_eq!(
            (own.ok().as_deref(), shop.head()),
            (Some("1"), parent),
            "{:?}",
            shop.kind
        );
    });
}
