//! One thing that is new, and where it comes from: a commit, a version plan, or a dependency.

use model::{Bump, Commit, CommitRules, PackageId, Version, VersionPlan};
use serde::{Deserialize, Serialize};

use super::read::{Number, told};

/// What breaks, as an [`Entry::kind`].
pub(super) const BREAKING: &str = "breaking";
/// A new version of a dependency, as an [`Entry::kind`].
pub(super) const DEPENDENCIES: &str = "dependencies";

/// One thing that is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it counts as: a commit's type in lower case, `breaking`, `revert`, `dependencies`; empty for what
    /// follows no convention.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which part it is about, if it says.
    pub scope: Option<String>,
    /// What it is, in one line, as it was written.
    pub text: String,
    /// What else there is to say, as it was written in Markdown; empty if nothing.
    #[serde(default)]
    pub body: String,
    /// Whether the text was written as Markdown.
    pub is_markdown: bool,
    /// Whether it is, or is part of, a change that breaks something.
    pub breaking: bool,
    /// Whether a version grows because of it: then it is told, whatever sections there are.
    pub bumps: bool,
    /// The commit, if it is one commit.
    pub commit: Option<String>,
    /// The number of the pull request it came with.
    pub pull_request: Option<u64>,
    /// Whether that number was written as `#12`: where pull requests are merge requests and `!12`, it is an issue's.
    #[serde(default)]
    pub is_hash: bool,
    /// The numbers of the issues it closes, sorted.
    pub issues: Vec<u64>,
}

impl Entry {
    /// What a commit adds to a changelog: an entry for each of its changes, and one for everything that breaks, if
    /// that is not what was done.
    #[must_use]
    pub fn of(commit: &Commit, rules: &CommitRules) -> Vec<Self> {
        Self::of_part(commit, rules, None)
    }

    /// The same of some of its changes only, by their places.
    pub(super) fn of_part(commit: &Commit, rules: &CommitRules, part: Option<&[usize]>) -> Vec<Self> {
        let mut entries = Vec::new();
        let is_part = |place: usize| part.is_none_or(|part| part.contains(&place));
        let told = told(&commit.message, rules).into_iter().enumerate();
        for (_, told) in told.filter(|(place, _)| is_part(*place)) {
            let entry = |kind: &str, text: &str| Self {
                kind: kind.to_owned(),
                scope: told.scope.clone(),
                text: text.to_owned(),
                breaking: !told.breaking.is_empty(),
                bumps: told.bumps,
                commit: Some(commit.id.0.clone()),
                pull_request: told.number.map(Number::digits),
                is_hash: matches!(told.number, Some(Number::Hash(_))),
                issues: told.issues.clone(),
                ..Self::plain(kind, text)
            };
            entries.extend(told.breaking.iter().map(|breaks| entry(BREAKING, breaks)));
            if !told.breaking.contains(&told.text) {
                entries.push(entry(&told.kind, &told.text));
            }
        }
        entries
    }

    /// What a version plan adds to the changelog of a package: the first paragraph of its text, and the others as its
    /// body. `None` if it says nothing.
    #[must_use]
    pub fn planned(plan: &VersionPlan, package: &PackageId) -> Option<Self> {
        let (text, body) = first_paragraph(&plan.text);
        let whole = package.to_string();
        let own = plan
            .bumps
            .iter()
            .find(|(name, _)| *name == package.name || *name == whole);
        let bump = own
            .map(|(_, bump)| *bump)
            .or_else(|| plan.bumps.iter().map(|(_, bump)| *bump).max());
        let kind = match bump? {
            Bump::Major => BREAKING,
            Bump::Minor => "feat",
            Bump::Patch => "fix",
            _ => "",
        };
        let entry = Self {
            body,
            is_markdown: true,
            breaking: kind == BREAKING,
            bumps: !kind.is_empty(),
            ..Self::plain(kind, &text)
        };
        (!text.is_empty()).then_some(entry)
    }

    /// A new version of a package of the same repository.
    #[must_use]
    pub fn dependency(name: &str, version: &Version) -> Self {
        Self::plain(DEPENDENCIES, &format!("{name} {version}"))
    }

    fn plain(kind: &str, text: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            scope: None,
            text: text.to_owned(),
            body: String::new(),
            is_markdown: false,
            breaking: false,
            bumps: false,
            commit: None,
            pull_request: None,
            is_hash: false,
            issues: Vec::new(),
        }
    }
}

/// The marks of a list's items.
const ITEMS: [&str; 3] = ["- ", "* ", "+ "];

/// The first paragraph of a text on one line, without the mark of a heading or of a list's first item; and what follows
/// it.
fn first_paragraph(text: &str) -> (String, String) {
    let text = text.trim();
    let is_item = |line: &str| ITEMS.iter().any(|mark| line.starts_with(mark));
    let ends = |line: &str| line.is_empty() || is_item(line) || line.starts_with("```");
    let (mut paragraph, mut at) = (String::new(), 0);
    for line in text.split_inclusive('\n') {
        if at > 0 && ends(line.trim()) {
            break;
        }
        at += line.len();
        paragraph.push_str(line.trim());
        paragraph.push(' ');
    }
    let plain = paragraph.trim_start_matches('#').trim_start();
    let plain = ITEMS
        .iter()
        .find_map(|mark| plain.strip_prefix(mark))
        .unwrap_or(plain);
    let rest = text[at..].trim_matches(['\n', '\r']).trim_end();
    (plain.trim().to_owned(), rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_tells_its_first_paragraph_under_its_bump() {
        let plan = |bumps: &[(&str, Bump)], text: &str| VersionPlan {
            file: ".releases/x.md".to_owned(),
            bumps: bumps
                .iter()
                .map(|(name, bump)| ((*name).to_owned(), *bump))
                .collect(),
            text: text.to_owned(),
        };
        let core = PackageId {
            ecosystem: "npm".to_owned(),
            name: "core".to_owned(),
        };
        let of = |bumps: &[(&str, Bump)], text: &str| {
            Entry::planned(&plan(bumps, text), &core).map(|entry| (entry.kind, entry.text, entry.body))
        };
        let all = |kind: &str, text: &str, body: &str| Some([kind, text, body].map(str::to_owned).into());
        let says = |kind: &str, text: &str| all(kind, text, "");
        assert_eq!(
            of(&[("core", Bump::Minor)], "Add `x`,\nand y.\n\nMore."),
            all("feat", "Add `x`, and y.", "More.")
        );
        assert_eq!(
            of(&[("core", Bump::Patch)], "- x\r\n- y\r\n\r\n  z\r\n"),
            all("fix", "x", "- y\r\n\r\n  z")
        );
        assert_eq!(
            of(&[("app", Bump::Major), ("npm/core", Bump::Patch)], "x"),
            says("fix", "x")
        );
        assert_eq!(
            of(&[("app", Bump::Major)], "# Gone: x"),
            says("breaking", "Gone: x")
        );
        assert_eq!(of(&[("core", Bump::None)], "- x"), says("", "x"));
        assert_eq!(of(&[("core", Bump::Minor)], " \n"), None);
    }

    #[test]
    fn a_part_of_a_squashed_message_is_told_alone() {
        let rules = CommitRules {
            squashed: true,
            ..CommitRules::default()
        };
        let commit = Commit {
            id: model::CommitId("a".repeat(40)),
            parents: Vec::new(),
            author: String::new(),
            time: 0,
            message: "chore: PR\n\n* feat(a)!: one\n\n* fix(b): two".to_owned(),
            paths: Vec::new(),
            added: Vec::new(),
            removed: Vec::new(),
            is_empty: false,
        };
        let texts = |part: Option<&[usize]>| {
            let entries = Entry::of_part(&commit, &rules, part).into_iter();
            entries.map(|entry| entry.text).collect::<Vec<_>>()
        };
        assert_eq!(texts(None), ["PR", "one", "two"]);
        assert_eq!(texts(Some(&[0, 2])), ["PR", "two"]);
    }
}
