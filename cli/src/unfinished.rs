//! Releases that were begun here and not finished, as the journal tells it, and what came on top of them.

use std::collections::BTreeMap;

use engine::{Journal, Record};
use model::{CommitId, Diagnostic, Tag, Vcs};

use crate::exit::{Failure, Kind};
use crate::outcome;
use crate::world::{World, workspace_error};

/// A release in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    /// What it is called.
    pub(crate) run: String,
    /// What it is about: `uv/core 1.2.0, uv/app 0.3.1`.
    subject: String,
    /// The commit that is released.
    pub(crate) commit: CommitId,
    /// The branch that was checked out.
    pub(crate) branch: Option<String>,
    /// Whether anything was sent that is still to be finished.
    pub(crate) is_left: bool,
    /// When it was begun last, counted in records.
    at: usize,
}

/// A release that was not finished, with commits on top.
#[derive(Clone, Debug)]
pub(crate) struct Unfinished {
    pub(crate) begun: Begun,
    /// Its tags; there are some, or nothing was released.
    pub(crate) tags: Vec<Tag>,
    /// The commit that brings it back, if that was made: nothing but the push is left then.
    pub(crate) back: Option<CommitId>,
}

/// What the journal keeps about a release besides its name and its packages: the commit, and the branch if there is
/// one.
pub(crate) fn detail(commit: Option<&CommitId>, branch: Option<&str>) -> String {
    let words = commit.map(|commit| commit.0.as_str()).into_iter().chain(branch);
    words.collect::<Vec<_>>().join(" ")
}

/// The releases of a journal, in the order in which they were begun.
pub(crate) fn begun(world: &World) -> Result<Vec<Begun>, Failure> {
    Ok(of(&Journal::read(&world.state("journal"))?))
}

fn of(records: &[Record]) -> Vec<Begun> {
    // The same versions may be begun from several commits, under one name; records belong to the one begun last.
    let mut found: BTreeMap<(&str, String), Begun> = BTreeMap::new();
    let mut last: BTreeMap<&str, (&str, String)> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        match record {
            // A release of which nothing but the push is left is opened without its packages.
            Record::Opened { run, subject, detail } if !subject.is_empty() => {
                let (commit, branch) = detail
                    .split_once(' ')
                    .map_or((&**detail, None), |(commit, branch)| {
                        (commit, Some(branch.to_owned()))
                    });
                let key = (&**run, commit.to_owned());
                let before = found.get(&key);
                let begun = Begun {
                    run: run.clone(),
                    subject: subject.clone(),
                    commit: CommitId(commit.to_owned()),
                    is_left: before.is_some_and(|before| before.is_left),
                    // Whoever goes back to the commit to finish it has none checked out.
                    branch: branch.or_else(|| before?.branch.clone()),
                    at,
                };
                last.insert(run, key.clone());
                found.insert(key, begun);
            }
            Record::Intent { run, .. } | Record::Receipt { run, .. } => {
                if let Some(begun) = last.get(&**run).and_then(|key| found.get_mut(key)) {
                    begun.is_left = true;
                }
            }
            Record::Closed { run, outcome: how } if how == outcome::word(Kind::Done) => {
                let done = last.get(&**run).and_then(|key| found.get(key));
                let Some(subject) = done.map(|done| done.subject.clone()) else {
                    continue;
                };
                // Whatever was begun before with one of the packages is history now.
                for begun in found
                    .values_mut()
                    .filter(|begun| shares(&begun.subject, &subject))
                {
                    begun.is_left = false;
                }
            }
            _ => {}
        }
    }
    let mut begun: Vec<Begun> = found.into_values().collect();
    begun.sort_by_key(|begun| begun.at);
    begun
}

/// Whether two releases have a package in common.
fn shares(one: &str, other: &str) -> bool {
    let packages = |subject: &str| -> Vec<String> {
        let named = subject.split(", ").filter_map(|package| package.rsplit_once(' '));
        named.map(|(package, _)| package.to_owned()).collect()
    };
    let others = packages(other);
    packages(one).iter().any(|package| others.contains(package))
}

/// The releases that were not finished, and that commits were made on top of which lead to `head`. `tags` says which
/// tags of a release a commit has.
pub(crate) fn beneath(
    begun: &[Begun],
    vcs: &dyn Vcs,
    head: &CommitId,
    tags: &dyn Fn(&CommitId) -> Vec<Tag>,
) -> Result<Vec<Unfinished>, Failure> {
    let mut found = Vec::new();
    for one in begun.iter().filter(|one| one.is_left && one.commit != *head) {
        // Commits that are gone have none either.
        let tags = tags(&one.commit);
        if tags.is_empty() {
            continue;
        }
        let since = vcs.between(&one.commit, head).map_err(workspace_error)?;
        if since.iter().any(|commit| commit.parents.contains(&one.commit)) {
            let back = since
                .iter()
                .find(|commit| rules::release_of(&commit.message) == Some(&*one.run));
            found.push(Unfinished {
                back: back.map(|commit| commit.id.clone()),
                begun: one.clone(),
                tags,
            });
        }
    }
    Ok(found)
}

impl Unfinished {
    /// What is wrong, and how it is finished; a warning if `goes_on`, because something else is released now.
    pub(crate) fn told(&self, vcs: &str, goes_on: bool) -> Diagnostic {
        let Begun {
            run,
            subject,
            commit,
            branch,
            ..
        } = &self.begun;
        let from = self.back.as_ref().unwrap_or(commit);
        let message = format!(
            "the release of {subject} ({run}) that was begun from commit {} is not finished, and later commits are on \
             top of it",
            commit.short()
        );
        let check_out = |what: &str| match vcs {
            "hg" => format!("hg update {}", word(what)),
            "jj" => format!("jj new {}", word(what)),
            _ => format!("git checkout {}", word(what)),
        };
        let then = branch
            .as_ref()
            .map(|branch| format!(", then `{}`", check_out(branch)));
        let finish = format!(
            "`{} && releasekit publish`, with the options that it was begun with{}",
            check_out(from.short()),
            then.unwrap_or_default()
        );
        if goes_on {
            let hint =
                format!("the next release of its packages brings their versions back, or now: {finish}");
            return Diagnostic::warning(message, None).hint(hint);
        }
        Diagnostic::error(message, None).hint(format!("finish it: {finish}"))
    }
}

/// A text as one word of a shell: a branch may be called anything.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(run: &str, subject: &str, detail: &str) -> Record {
        let [run, subject, detail] = [run, subject, detail].map(str::to_owned);
        Record::Opened { run, subject, detail }
    }

    fn closed(run: &str, outcome: &str) -> Record {
        let [run, outcome] = [run, outcome].map(str::to_owned);
        Record::Closed { run, outcome }
    }

    fn intent(run: &str) -> Record {
        Record::Intent {
            run: run.to_owned(),
            action: "a:tag".to_owned(),
            slot: engine::Slot {
                target: "git".to_owned(),
                coordinate: "refs/tags/a".to_owned(),
            },
            digest: cas::Digest::of(b"a"),
            attempt: 1,
        }
    }

    fn left(records: &[Record]) -> Vec<String> {
        let begun = of(records);
        let left = begun.into_iter().filter(|one| one.is_left);
        left.map(|one| format!("{} {} {:?}", one.run, one.commit, one.branch))
            .collect()
    }

    #[test]
    fn a_branch_is_one_word() {
        assert_eq!(word("release/1.x"), "release/1.x");
        assert_eq!(word("it's $(x)"), r"'it'\''s $(x)'");
    }

    #[test]
    fn what_was_begun_is_left_until_it_or_a_later_one_is_done() {
        let mut records = vec![
            opened("x", "uv/a 1.0.0, uv/b 1.0.0", "c1 main"),
            closed("x", "failed"),
        ];
        assert_eq!(left(&records), [""; 0], "nothing was sent");
        records.splice(1..1, [intent("x")]);
        assert_eq!(left(&records), ["x c1 Some(\"main\")"]);
        let mut again = records.clone();
        again.extend([opened("x", "uv/a 1.0.0, uv/b 1.0.0", "c1"), closed("x", "failed")]);
        assert_eq!(
            left(&again),
            ["x c1 Some(\"main\")"],
            "begun again without a branch"
        );
        records.extend([
            opened("y", "uv/other 1.0.0", "c2"),
            intent("y"),
            closed("y", "done"),
        ]);
        assert_eq!(left(&records), ["x c1 Some(\"main\")"], "others say nothing");
        let mut finished = records.clone();
        finished.extend([opened("x", "", "c3 main"), closed("x", "failed")]);
        assert_eq!(left(&finished), ["x c1 Some(\"main\")"]);
        finished.extend([opened("x", "", "c3 main"), closed("x", "done")]);
        assert_eq!(left(&finished), [""; 0]);
        records.extend([opened("z", "uv/b 1.0.1", "c4"), intent("z")]);
        assert_eq!(left(&records), ["x c1 Some(\"main\")", "z c4 None"]);
        // Begun again from another commit, and nothing sent: the one before is still to be finished.
        records.push(opened("z", "uv/b 1.0.1", "c5"));
        assert_eq!(left(&records), ["x c1 Some(\"main\")", "z c4 None"]);
        records.push(closed("z", "done"));
        assert_eq!(left(&records), [""; 0]);
    }
}
