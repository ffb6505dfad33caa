//! Reverts: which commits a commit takes back, and what is left to release.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use model::{Bump, CommitRules};

use super::history::History;
use super::message::{self, Change, Kind};
use super::numbered::{number, numbered};

/// What a revert takes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Revert {
    /// The first line of the commit it takes back.
    pub(crate) subject: String,
    /// The commits it names, as it writes them: whole ids or their beginnings.
    pub(crate) commits: Vec<String>,
    /// The pull requests it names, as forges write it.
    requests: Vec<u64>,
    /// Whether its own first line has git's form, `Revert "..."`.
    is_quoted: bool,
}

impl Revert {
    /// Whether it names what it takes back by id.
    pub(super) fn names_commits(&self) -> bool {
        !self.commits.is_empty()
    }

    /// The first line of the commit it is about in the end, and whether that comes back: what takes back a revert
    /// brings back.
    pub(crate) fn meant(&self) -> (String, bool) {
        let mut subject = self.subject.clone();
        let mut brings_back = false;
        while let Some(inner) = quoted(&subject, "") {
            brings_back = !brings_back;
            subject = inner.subject;
        }
        (subject, brings_back)
    }

    /// How surely it takes back the commit with that first line, where it names none by id; 0 if it does not. The
    /// number of the request that it names counts most. Otherwise what was reverted may have got a number when it was
    /// merged, and a typed revert too, which is greater then.
    fn fits(&self, subject: &str) -> u8 {
        let (bare, number) = apart(subject);
        if let Some(number) = number.filter(|_| !self.requests.is_empty()) {
            return if self.requests.contains(&number) { 4 } else { 0 };
        }
        if subject == self.subject {
            return 3;
        }
        match apart(&self.subject) {
            (own, None) if own == bare => 2,
            (own, Some(_)) if !self.is_quoted && own == subject => 2,
            (own, Some(later)) if !self.is_quoted && own == bare => {
                u8::from(number.is_some_and(|number| number < later))
            }
            _ => 0,
        }
    }

    /// What is left to release if what is taken back was released before.
    pub(super) fn bump(&self, rules: &CommitRules) -> Bump {
        let (subject, brings_back) = self.meant();
        let changes = message::parse(&subject, rules);
        match changes.iter().map(|change| change.bump(rules)).max() {
            Some(bump) if brings_back => bump,
            Some(Bump::None) => Bump::None,
            Some(_) => Bump::Patch,
            // What followed no convention was no change to release, so taking it back is none either.
            None if self.is_quoted && !subject.starts_with("Merge ") => Bump::None,
            None => Bump::Patch,
        }
    }
}

/// Reads git's own form: `Revert "subject"`, or `Reapply "subject"`, which takes back the revert of that subject.
pub(crate) fn quoted(subject: &str, body: &str) -> Option<Revert> {
    let (verb, rest) = subject.split_once(" \"")?;
    // A number that a forge appended may follow.
    let (inner, after) = rest.rsplit_once('"')?;
    let is_number = |text: &str| text.starts_with("(#") && text.ends_with(')');
    if !(after.trim().is_empty() || is_number(after.trim())) {
        return None;
    }
    let subject = match verb {
        "Revert" => inner.to_owned(),
        "Reapply" => format!("Revert \"{inner}\""),
        _ => return None,
    };
    Some(Revert {
        subject,
        commits: named_in_text(body),
        requests: requests(body),
        is_quoted: true,
    })
}

/// Reads the conventional form: `revert: subject`, with the commits in a `Refs` footer or in git's words.
pub(crate) fn typed(description: &str, body: &str) -> Revert {
    let mut commits = named_in_text(body);
    for line in body.lines() {
        if let Some((token, value)) = line.split_once(':')
            && token.eq_ignore_ascii_case("refs")
        {
            commits.extend(
                value
                    .split([',', ' '])
                    .filter(|word| is_id(word))
                    .map(str::to_owned),
            );
        }
    }
    Revert {
        subject: description.to_owned(),
        commits,
        requests: requests(body),
        is_quoted: false,
    }
}

/// The commits after `This reverts commit`, as git writes it; several may follow one another.
fn named_in_text(body: &str) -> Vec<String> {
    let mut commits = Vec::new();
    let words: Vec<&str> = body.split_whitespace().collect();
    for (at, pair) in words.windows(2).enumerate() {
        if !(pair[0].eq_ignore_ascii_case("reverts") && matches!(pair[1], "commit" | "commits")) {
            continue;
        }
        let listed = words[at + 2..]
            .iter()
            .map(|word| word.trim_end_matches(['.', ',', ';']));
        commits.extend(
            listed
                .take_while(|word| is_id(word) || *word == "and")
                .filter(|word| is_id(word))
                .map(str::to_owned),
        );
    }
    commits
}

/// The requests after `Reverts`: GitHub's `Reverts owner/repo#3`, GitLab's `This reverts merge request !3`.
fn requests(body: &str) -> Vec<u64> {
    let words: Vec<&str> = body.split_whitespace().collect();
    let named = |at: usize, mark: char| {
        let word = words.get(at)?.trim_end_matches(['.', ',', ';']);
        number(word.rsplit_once(mark)?.1)
    };
    let reverts = |at: &usize| words[*at].eq_ignore_ascii_case("reverts");
    let after = |at: usize| match words.get(at + 1..at + 3) {
        Some(["merge", "request"]) => named(at + 3, '!'),
        _ => named(at + 1, '#'),
    };
    (0..words.len()).filter(reverts).filter_map(after).collect()
}

/// A subject without the number that a forge put at its end, and that number.
fn apart(subject: &str) -> (&str, Option<u64>) {
    numbered(subject).map_or((subject, None), |(text, _, number)| (text, Some(number)))
}

fn is_id(word: &str) -> bool {
    (7..=64).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What a message of several commits still says, each with its first line: without the reverts in it and what they take
/// back of it. A revert stands after that, or before it where the newest come first.
pub(super) fn settled(mut said: Vec<(String, Change)>, newest_first: bool) -> Vec<(String, Change)> {
    if newest_first {
        said.reverse();
    }
    let mut at = said.len();
    while at > 0 {
        at -= 1;
        let Some(revert) = said.get(at).and_then(|(_, change)| change.revert.as_ref()) else {
            continue;
        };
        let older = said[..at].iter().enumerate();
        let fitting = older.map(|(other, (subject, _))| (revert.fits(subject), other));
        if let Some((_, target)) = fitting.filter(|(fit, _)| *fit > 0).max() {
            said.remove(at);
            said.remove(target);
        }
    }
    if newest_first {
        said.reverse();
    }
    said
}

/// The commits among `new` that still count: neither taken back by another of them, nor a revert whose target is
/// among them. `touching` are all the package's commits, newest first; `new` are those not yet released;
/// `only` is
/// what a commit says if it says one thing: only that can be taken back, or take back, as a whole.
pub(super) fn remaining<'c>(
    history: &History<'_>,
    only: &dyn Fn(u32) -> Option<&'c Change>,
    touching: &[u32],
    new: &[u32],
) -> Vec<u32> {
    let is_revert = |at: &&u32| only(**at).is_some_and(|change| change.kind == Kind::Revert);
    let mut reverts: Vec<u32> = new.iter().filter(is_revert).copied().collect();
    if reverts.is_empty() {
        return new.to_vec();
    }
    // Children first: a revert that is itself taken back takes nothing back.
    reverts.sort_by_key(|at| history.rank(*at));
    let mut left: BTreeSet<u32> = new.iter().copied().collect();
    let all: BTreeSet<u32> = touching.iter().copied().collect();
    for at in reverts {
        let change = only(at).and_then(|change| change.revert.as_ref());
        let Some(revert) = change.filter(|_| left.contains(&at)) else {
            continue;
        };
        let targets: BTreeSet<u32> = if revert.commits.is_empty() {
            by_subject(history, left.iter().copied(), at, revert)
                .into_iter()
                .collect()
        } else {
            revert
                .commits
                .iter()
                .flat_map(|id| history.meant_by(id))
                .collect()
        };
        let concerned: Vec<u32> = targets
            .into_iter()
            .filter(|target| all.contains(target))
            .collect();
        let hit = concerned.iter().filter(|target| left.remove(target)).count();
        if hit > 0 && hit == concerned.len() {
            left.remove(&at);
        }
    }
    new.iter().copied().filter(|at| left.contains(at)).collect()
}

/// The commits that the revert at a position takes back, whoever they belong to, as far as the log knows them.
pub(super) fn targets(history: &History<'_>, revert: &Revert, at: u32) -> Vec<u32> {
    let ids = revert.commits.iter().flat_map(|id| history.meant_by(id));
    if revert.names_commits() {
        ids.collect()
    } else {
        by_subject(history, history.positions(), at, revert)
            .into_iter()
            .collect()
    }
}

/// The commit older than `at` whose first line a revert means most surely; of several the newest.
fn by_subject(
    history: &History<'_>,
    among: impl Iterator<Item = u32>,
    at: u32,
    revert: &Revert,
) -> Option<u32> {
    let older = among.filter(|other| history.rank(*other) > history.rank(at));
    let key = |other: &u32| {
        (
            revert.fits(history.subject(*other)),
            Reverse(history.rank(*other)),
        )
    };
    older.filter(|other| key(other).0 > 0).max_by_key(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverts_name_what_they_take_back() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        let table = [
            (format!("This reverts commit {id}."), vec![id]),
            (
                format!("Because.\n\nThis reverts commit\n{id}, reversing\nchanges made to abcdef0."),
                vec![id],
            ),
            (
                "This reverts commits abcdef0, abcdef1 and abcdef2.".to_owned(),
                vec!["abcdef0", "abcdef1", "abcdef2"],
            ),
            ("This reverts nothing".to_owned(), vec![]),
        ];
        for (body, commits) in table {
            assert_eq!(
                quoted("Revert \"x\"", &body).expect("a revert").commits,
                commits,
                "{body}"
            );
        }
        assert_eq!(
            typed("x", "Refs: 676104e, a215868").commits,
            ["676104e", "a215868"]
        );
        assert_eq!(typed("x", "Refs: #12").commits, Vec::<String>::new());
    }

    #[test]
    fn reverts_of_released_commits_bump_by_what_they_undo() {
        let table = [
            ("Revert \"feat: x\"", Bump::Patch),
            ("Revert \"feat: x (#1)\" (#2)", Bump::Patch),
            ("Revert \"docs: x\"", Bump::None),
            ("Revert \"Update readme\"", Bump::None),
            ("Revert \"Merge pull request #1 from a/b\"", Bump::Patch),
            ("Revert \"Revert \"feat: x\"\"", Bump::Minor),
            ("Reapply \"feat: x\"", Bump::Minor),
            ("Revert \"Reapply \"feat: x\"\"", Bump::Patch),
            ("revert: feat(s): x", Bump::Patch),
            ("revert: docs: x", Bump::None),
            ("revert: never speak of it again", Bump::Patch),
            ("revert!: feat: x", Bump::Major),
        ];
        let rules = CommitRules::default();
        for (subject, bump) in table {
            assert_eq!(message::parse(subject, &rules)[0].bump(&rules), bump, "{subject}");
        }
        for subject in [
            "Revert x",
            "Revert \"x",
            "Reverting \"x\"",
            "Revert \"x\" and more",
        ] {
            assert_eq!(message::parse(subject, &rules), [], "{subject}");
        }
    }
}
