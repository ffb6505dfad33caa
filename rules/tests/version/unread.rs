//! Version tags that name nobody.

use crate::support::{Repo, package};

#[test]
fn version_tags_that_name_nobody_are_told_where_a_package_looks_new() {
    let told = |name: &str, tags: &[&str]| {
        let mut repo = Repo::new(vec![package(name, "1.0.0", &[])]);
        repo.commit("chore: start", &["README"]);
        tags.iter().for_each(|tag| repo.tag(tag));
        let told = rules::unread_tags(&repo.workspace(), &repo.tags, &repo.train, None);
        told.map(|told| format!("{}; {}", told.message, told.hint.unwrap_or_default()))
    };
    let two = told("npm:@s/a", &["release-1.0.0", "release-0.9.0", "issue-12"]).expect("a warning");
    assert!(
        two.starts_with("2 version tags, such as `release-1.0.0`, name no package; "),
        "{two}"
    );
    assert!(two.contains("`former_names = [\"release\"]`"), "{two}");
    let one = told("npm:@s/a", &["release/a/v1.0.0"]).expect("a warning");
    let hint = "`former_tags = [\"release/{unscoped}/v{version}\"]` in `release_train` reads them";
    assert_eq!(
        one,
        format!("the version tag `release/a/v1.0.0` names no package; {hint}")
    );
    // It was released before, or there is nothing to read.
    assert_eq!(told("npm:@s/a", &["release-1.0.0", "a-v1.0.0"]), None);
    assert_eq!(told("npm:@s/a", &["issue-12", "vision"]), None);
    // PEP 503.
    assert_eq!(told("Big_Core", &["big-core-v1.0.0", "odd-v1.0.0"]), None);
}
