//! Version plans that were only renamed: what they say was said before, under another name.

use std::collections::BTreeMap;

use model::{Commit, CommitId};

use super::is_plan;

/// A version plan that a commit gave another name, and changed nothing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// The commit.
    pub commit: CommitId,
    /// What the file was called before, relative to the repository's root.
    pub from: String,
    /// What it is called since.
    pub to: String,
}

/// The plans in the folder `plans_dir` that commits of a log renamed. `contents` gives the bytes of files in commits,
/// and is asked once if at all.
///
/// # Errors
/// What `contents` says.
pub fn renamed<E>(
    log: &[Commit],
    plans_dir: &str,
    contents: impl FnOnce(&[(CommitId, String)]) -> Result<Vec<Option<Vec<u8>>>, E>,
) -> Result<Vec<Renamed>, E> {
    let name = |path: &str| path.strip_prefix(plans_dir)?.strip_prefix('/').map(str::to_owned);
    let is_one = |path: &&String| name(path).is_some_and(|name| !name.contains('/') && is_plan(&name));
    let mut places = Vec::new();
    let mut pairs = Vec::new();
    for commit in log {
        let [parent] = &commit.parents[..] else { continue };
        for to in commit.added.iter().filter(is_one) {
            for from in commit.removed.iter().filter(is_one) {
                pairs.push((commit, to, from));
                places.extend([(commit.id.clone(), to.clone()), (parent.clone(), from.clone())]);
            }
        }
    }
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let texts = contents(&places)?;
    let mut renamed = BTreeMap::new();
    for ((commit, to, from), texts) in pairs.into_iter().zip(texts.chunks(2)) {
        if let [Some(now), Some(before)] = texts
            && now == before
        {
            let one = Renamed {
                commit: commit.id.clone(),
                from: from.clone(),
                to: to.clone(),
            };
            renamed.entry((&commit.id, to)).or_insert(one);
        }
    }
    Ok(renamed.into_values().collect())
}
