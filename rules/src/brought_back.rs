//! Commits that bring versions back: how one is told from all others, and which tags its release has.

use model::{Commit, CommitId, Package, Tag, TagFormat, TrainDecl, Version};

/// What the line begins with that names a release in a commit's message.
const TRAILER: &str = "Releasekit-Release: ";

/// The message with the line that names the release.
#[must_use]
pub(crate) fn with_trailer(message: &str, run: &str) -> String {
    format!("{}\n\n{TRAILER}{run}\n", message.trim_end())
}

/// The release that a commit with this message brought back, as the journal calls it; `None` if it is any other
/// commit.
#[must_use]
pub fn release_of(message: &str) -> Option<&str> {
    let begins_line = |at: usize| at == 0 || message.as_bytes()[at - 1] == b'\n';
    let (at, _) = message.rmatch_indices(TRAILER).find(|(at, _)| begins_line(*at))?;
    let run = message[at + TRAILER.len()..]
        .lines()
        .next()
        .unwrap_or_default()
        .trim();
    (!run.is_empty() && run.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(run)
}

/// Whether the commit that brings back the release of `released` can follow `since`, all that came after it on a
/// branch: if that is on top of it and left the files alone that are `written`. What a merge did to them is not known.
#[must_use]
pub fn can_follow(released: &CommitId, since: &[Commit], written: impl Fn(&str) -> bool) -> bool {
    let is_on_top = since.iter().any(|commit| commit.parents.contains(released));
    let is_in_the_way =
        |commit: &Commit| commit.parents.len() > 1 || commit.paths.iter().any(|path| written(path));
    is_on_top && !since.iter().any(is_in_the_way)
}

/// A tag, read as the train writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseTag<'a> {
    /// The package; `None` for the tag of the release as a whole.
    pub package: Option<&'a Package>,
    /// The version; `None` if the tag has a release's shape and what stands for the version is none.
    pub version: Option<Version>,
}

/// What a tag's name says about the packages of a release; `None` if it has not the shape of any tag that the train
/// makes. Where several packages share a format, the first of them counts.
#[must_use]
pub fn release_tag<'a>(train: &TrainDecl, packages: &[&'a Package], name: &str) -> Option<ReleaseTag<'a>> {
    let formats = || std::iter::once(&train.tag_format).chain(&train.tags.secondary);
    let whole = train.tags.umbrella.as_ref();
    let umbrella = whole.and_then(|umbrella| written(&umbrella.format, "", &train.name, name));
    for format in formats() {
        for package in packages {
            let version = written(format, &package.id.ecosystem, package.name(), name);
            if version.is_some() {
                return Some(ReleaseTag {
                    package: Some(package),
                    version,
                });
            }
        }
    }
    if umbrella.is_some() {
        return Some(ReleaseTag {
            package: None,
            version: umbrella,
        });
    }
    let has_shape = |package: &&&Package| {
        formats().any(|format| is_almost(format, &package.id.ecosystem, package.name(), name))
    };
    if let Some(package) = packages.iter().find(has_shape) {
        return Some(ReleaseTag {
            package: Some(package),
            version: None,
        });
    }
    whole
        .filter(|umbrella| is_almost(&umbrella.format, "", &train.name, name))
        .map(|_| ReleaseTag {
            package: None,
            version: None,
        })
}

/// The version in a tag that is written exactly as it would be made: whole, in `SemVer`'s notation or in PEP 440's.
fn written(format: &TagFormat, ecosystem: &str, package: &str, name: &str) -> Option<Version> {
    let version = format.version_in(ecosystem, package, name)?;
    let notations = [version.to_string(), version.pep440_or_semver()];
    let is_it = |text: &String| format.format(ecosystem, package, text) == name;
    notations.iter().any(is_it).then_some(version)
}

/// Whether a name fits a format but for what stands for the version, which begins like one: with a digit, or with
/// `v` and a digit.
fn is_almost(format: &TagFormat, ecosystem: &str, package: &str, name: &str) -> bool {
    let (before, after) = format.around(ecosystem, package);
    let rest = name
        .strip_prefix(before.as_str())
        .and_then(|rest| rest.strip_suffix(after.as_str()));
    let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    rest.is_some_and(|rest| begins(rest) || rest.strip_prefix('v').is_some_and(begins))
}

/// The tags of the release that was made from `commit`, sorted: those that name it and that the train makes.
#[must_use]
pub fn tags_of_release(
    train: &TrainDecl,
    packages: &[&Package],
    tags: &[Tag],
    commit: &CommitId,
) -> Vec<Tag> {
    let is_ours = |tag: &&Tag| {
        let read = release_tag(train, packages, &tag.name);
        tag.commit == *commit && read.is_some_and(|read| read.version.is_some())
    };
    let mut ours: Vec<Tag> = tags.iter().filter(is_ours).cloned().collect();
    ours.sort();
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_found_by_its_trailer() {
        let message = with_trailer("chore(release): all\n\nbody\n\n", "0a1b");
        assert_eq!(
            message,
            "chore(release): all\n\nbody\n\nReleasekit-Release: 0a1b\n"
        );
        assert_eq!(release_of(&message), Some("0a1b"));
        for other in [
            "fix: x",
            "Releasekit-Release:",
            "Releasekit-Release: a b",
            "x Releasekit-Release: a",
        ] {
            assert_eq!(release_of(other), None, "{other}");
        }
    }

    #[test]
    fn shapes_are_told_from_other_tags() {
        for (pattern, name, expected) in [
            ("{name}/v{version}", "core/v1.0", true),
            ("{name}/v{version}", "core/vx", false),
            ("{name}/v{version}", "app/v1.0", false),
            ("v{version}", "v1.2", true),
            ("v{version}", "vendor-3", false),
            ("{version}", "v1.2.3", true),
        ] {
            assert_eq!(
                is_almost(&TagFormat::parse(pattern).expect("a pattern"), "uv", "core", name),
                expected,
                "{pattern} {name}"
            );
        }
    }
}
