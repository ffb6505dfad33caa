//! Why an action runs, or why it does not.

use std::collections::BTreeMap;
use std::fmt;

use cas::Digest;
use serde::Serialize;

use crate::{Facet, FacetKind, History, Slot, Status, printable};

/// Why an action runs, or why it does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The action's name.
    pub name: String,
    /// What would happen to it.
    pub status: Status,
    /// Its key, if it is known yet.
    pub key: Option<Digest>,
    /// Why: the most telling reason first; at least one.
    pub reasons: Vec<Reason>,
}

impl Explanation {
    /// The first reason, and how many more there are.
    #[must_use]
    pub fn summary(&self) -> String {
        match self.reasons.as_slice() {
            [] => String::new(),
            [reason] => reason.to_string(),
            [reason, rest @ ..] => format!("{reason} (and {} more)", rest.len()),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.name, self.status)?;
        self.reasons
            .iter()
            .try_for_each(|reason| write!(f, "\n  {reason}"))
    }
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Reason {
    /// Part of its manifest is not what it was.
    Changed {
        /// What about.
        kind: FacetKind,
        /// Which one.
        name: String,
        /// What it was; `None` if it is new.
        old: Option<String>,
        /// What it is; `None` if it is gone.
        new: Option<String>,
    },
    /// Nothing is remembered of it.
    NeverRan,
    /// It has not changed, but its result is not kept any more.
    ResultGone,
    /// Its result is kept.
    InCache,
    /// What it needs is not made yet.
    WaitsFor {
        /// By this action.
        action: String,
    },
    /// What it needs will not be made.
    BlockedBy {
        /// Because of this action.
        action: String,
    },
    /// It was observed in this run.
    Observed {
        /// What was seen.
        summary: String,
    },
    /// It was not observed in this run.
    NotObserved,
    /// A slot is to be filled.
    SlotAbsent {
        /// Which.
        slot: Slot,
    },
    /// A slot is to be filled; it was not looked at now.
    SlotUnseen {
        /// Which.
        slot: Slot,
    },
    /// A pointer is to be moved.
    SlotMoves {
        /// Which.
        slot: Slot,
        /// Away from these bytes.
        from: Digest,
        /// To these.
        to: Digest,
    },
    /// A slot may be empty or full.
    SlotUnknown {
        /// Which.
        slot: Slot,
        /// Why that is not known.
        why: String,
    },
    /// A slot is as it should be.
    SlotConfirmed {
        /// Which.
        slot: Slot,
        /// Whether it was looked at, rather than looked up in the journal.
        seen: bool,
    },
    /// A slot holds, or was promised, other bytes.
    SlotTaken {
        /// Which.
        slot: Slot,
        /// Which bytes it should hold.
        wanted: Digest,
        /// Which it holds.
        found: Digest,
    },
    /// It cannot be known what it would do.
    Unclear {
        /// Why not.
        why: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { kind, name, old, new } => {
                f.write_str(&changed(*kind, &printable(name), old.as_deref(), new.as_deref()))
            }
            Self::NeverRan => f.write_str("never ran here"),
            Self::ResultGone => f.write_str("its result is gone from the cache"),
            Self::InCache => f.write_str("its result is in the cache"),
            Self::WaitsFor { action } => write!(f, "waits for `{action}`"),
            Self::BlockedBy { action } => write!(f, "needs `{action}`, which cannot be done"),
            Self::Observed { summary } => write!(f, "observed in this run: {}", printable(summary)),
            Self::NotObserved => f.write_str("not observed in this run"),
            Self::SlotAbsent { slot } => write!(f, "slot `{slot}` is absent"),
            Self::SlotUnseen { slot } => write!(f, "slot `{slot}` is to be filled"),
            Self::SlotMoves { slot, from, to } => {
                write!(f, "slot `{slot}` moves from {} to {}", from.short(), to.short())
            }
            Self::SlotUnknown { slot, why } => {
                write!(
                    f,
                    "it is not known whether slot `{slot}` is filled: {}",
                    printable(why)
                )
            }
            Self::SlotConfirmed { slot, seen: true } => {
                write!(f, "slot `{slot}` was seen to hold these bytes")
            }
            Self::SlotConfirmed { slot, seen: false } => {
                write!(f, "slot `{slot}` is confirmed by the journal")
            }
            Self::SlotTaken { slot, wanted, found } => write!(
                f,
                "slot `{slot}` is taken: it should hold {} and holds {}",
                wanted.short(),
                found.short()
            ),
            Self::Unclear { why } => f.write_str(&printable(why)),
        }
    }
}

/// Why an action with these facets, whose result was not found under `key`, has to run.
pub(crate) fn why_it_runs(history: &History, name: &str, key: &Digest, facets: &[Facet]) -> Vec<Reason> {
    let Some(last) = history.last(name) else {
        return vec![Reason::NeverRan];
    };
    if last.key == *key {
        return vec![Reason::ResultGone];
    }
    let changes = differences(&last.facets, facets);
    // Keys differ although nothing that is shown does: the meaning of keys itself was raised.
    if changes.is_empty() {
        vec![Reason::ResultGone]
    } else {
        changes
    }
}

/// Every facet that is not the same in both.
fn differences(old: &[Facet], new: &[Facet]) -> Vec<Reason> {
    /// A facet's value before and now.
    type Both<'a> = (Option<&'a str>, Option<&'a str>);
    let mut both: BTreeMap<(FacetKind, &str), Both<'_>> = BTreeMap::new();
    for facet in old {
        both.entry((facet.kind, &facet.name)).or_default().0 = Some(&facet.value);
    }
    for facet in new {
        both.entry((facet.kind, &facet.name)).or_default().1 = Some(&facet.value);
    }
    let changed = both.into_iter().filter(|(_, (old, new))| old != new);
    let owned = |value: Option<&str>| value.map(str::to_owned);
    changed
        .map(|((kind, name), (old, new))| Reason::Changed {
            kind,
            name: name.to_owned(),
            old: owned(old),
            new: owned(new),
        })
        .collect()
}

fn changed(kind: FacetKind, name: &str, old: Option<&str>, new: Option<&str>) -> String {
    let what = match kind {
        FacetKind::Command => "the command".to_owned(),
        FacetKind::Step => "the step".to_owned(),
        FacetKind::StepVersion => "what the step means".to_owned(),
        FacetKind::Parameter if name.is_empty() => "the parameters".to_owned(),
        FacetKind::Parameter => format!("parameter `{name}`"),
        FacetKind::Workdir => "the working folder".to_owned(),
        FacetKind::Variable => format!("environment variable `{name}`"),
        FacetKind::PassedVariable => format!("passed environment variable `{name}`"),
        FacetKind::Platform if matches!(name, "os" | "arch" | "OSFamily" | "ISA") => {
            format!("platform `{name}`")
        }
        FacetKind::Platform => format!("tool `{name}`"),
        FacetKind::Input => format!("input `{name}`"),
        FacetKind::Upstream => format!("output {name}"),
        FacetKind::Output => format!("declared output `{name}`"),
        FacetKind::Kept => "the class".to_owned(),
    };
    let show = |value: &str| shown(kind, value);
    match (old, new) {
        (Some(old), Some(new)) if is_bytes(kind) && show(old) == show(new) => format!("{what} changed"),
        (Some(old), Some(new)) if is_bytes(kind) => {
            format!("{what} changed ({} -> {})", show(old), show(new))
        }
        (Some(old), Some(new)) => format!("{what} changed {} -> {}", show(old), show(new)),
        (None, Some(_)) => format!("{what} is new"),
        _ => format!("{what} is gone"),
    }
}

const fn is_bytes(kind: FacetKind) -> bool {
    matches!(kind, FacetKind::Input | FacetKind::Upstream)
}

/// A value for people: digests are cut short, long texts too.
fn shown(kind: FacetKind, value: &str) -> String {
    const LONGEST: usize = 80;
    if is_bytes(kind) {
        let rest = value.split_once(' ').map_or("", |(_, rest)| rest);
        let short = value.get(..12).unwrap_or(value);
        return if rest.is_empty() {
            short.to_owned()
        } else {
            format!("{short} {rest}")
        };
    }
    let value = printable(value).replace('\n', "\\n");
    match value.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}...", &value[..cut]),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facet(kind: FacetKind, name: &str, value: &str) -> Facet {
        Facet {
            kind,
            name: name.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn differences_read_as_sentences() {
        let (a, b) = (Digest::of(b"a").to_string(), Digest::of(b"b").to_string());
        let upstream = "`dist` of `core:build`";
        let old = [
            facet(FacetKind::Input, "src/a.py", &a),
            facet(FacetKind::Variable, "X", "1"),
            facet(FacetKind::Platform, "uv", "0.1"),
            facet(FacetKind::Upstream, upstream, &format!("{a} folder at in")),
            facet(FacetKind::Command, "", "cc -c a.c"),
        ];
        let new = [
            facet(FacetKind::Input, "src/a.py", &b),
            facet(FacetKind::Variable, "Y", "1"),
            facet(FacetKind::Platform, "uv", "0.2"),
            facet(FacetKind::Upstream, upstream, &format!("{b} folder at in")),
            facet(FacetKind::Command, "", "cc -O2 -c a.c"),
        ];
        let told: Vec<String> = differences(&old, &new).iter().map(ToString::to_string).collect();
        let expected = [
            "the command changed cc -c a.c -> cc -O2 -c a.c",
            "environment variable `X` is gone",
            "environment variable `Y` is new",
            "tool `uv` changed 0.1 -> 0.2",
            "input `src/a.py` changed (ca978112ca1b -> 3e23e8160039)",
            "output `dist` of `core:build` changed (ca978112ca1b folder at in -> 3e23e8160039 folder at in)",
        ];
        assert_eq!(told, expected);
        assert_eq!(differences(&old, &old), []);
    }

    #[test]
    fn an_action_runs_because_it_is_new_changed_or_lost() {
        let history = History::empty();
        let (key, other) = (Digest::of(b"1"), Digest::of(b"2"));
        assert_eq!(why_it_runs(&history, "a", &key, &[]), [Reason::NeverRan]);
        let facets = vec![facet(FacetKind::Variable, "X", "1")];
        let took = std::time::Duration::ZERO;
        history.note(
            "a",
            crate::Remembered {
                key,
                took,
                facets: facets.clone(),
            },
        );
        assert_eq!(why_it_runs(&history, "a", &key, &facets), [Reason::ResultGone]);
        assert!(matches!(
            why_it_runs(&history, "a", &other, &[])[..],
            [Reason::Changed { .. }]
        ));
    }
}
