//! Tags that git cannot keep side by side: it keeps them as files in folders, so `a` and `a/b` exclude each other.

use std::collections::BTreeSet;
use std::ops::Bound;

/// The first of `planned` that there cannot be beside another one of them, or of `known`, with that other one.
#[must_use]
pub fn tag_in_the_way<'a>(
    planned: &'a [String],
    known: impl Iterator<Item = &'a str>,
) -> Option<(&'a str, &'a str)> {
    let all: BTreeSet<&str> = planned.iter().map(String::as_str).chain(known).collect();
    planned.iter().find_map(|tag| {
        let above = tag
            .match_indices('/')
            .filter_map(|(at, _)| all.get(&tag[..at]).copied());
        let folder = format!("{tag}/");
        let beneath = all
            .range::<str, _>((Bound::Included(folder.as_str()), Bound::Unbounded))
            .next()
            .copied()
            .filter(|name| name.starts_with(&folder));
        let other = above.chain(beneath).next()?;
        Some((tag.as_str(), other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_exclude_each_other() {
        let table = [
            (&["a/v1"][..], &["a"][..], Some(("a/v1", "a"))),
            (&["a/b/v1"], &["a/b"], Some(("a/b/v1", "a/b"))),
            (&["v1"], &["v1/docs", "v0"], Some(("v1", "v1/docs"))),
            (&["a/v1", "a/v1/docs"], &[], Some(("a/v1", "a/v1/docs"))),
            (&["a/v1", "b/v1"], &["a-b", "a/v0", "ab", "a/v10/x", "v1"], None),
            (&["v1"], &["v1", "v1-a", "v10/x"], None),
        ];
        for (planned, known, expected) in table {
            let planned: Vec<String> = planned.iter().map(|tag| (*tag).to_owned()).collect();
            let found = tag_in_the_way(&planned, known.iter().copied());
            assert_eq!(found, expected, "{planned:?} beside {known:?}");
        }
    }
}
