//! Which channel a release goes to: what the command line says, else the branch, else the train.

use engine::nearest;
use globset::GlobBuilder;
use model::{Channel, Config, Diagnostic, Head, TrainDecl};

/// The channels that need no declaration.
const KNOWN: [&str; 9] = [
    "latest", "next", "beta", "alpha", "canary", "rc", "dev", "nightly", "snapshot",
];

/// Whether a channel needs no declaration.
pub(crate) fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// What the command line says about the channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelWish {
    /// Its name.
    pub name: Option<String>,
    /// The word in its pre-release versions.
    pub word: Option<String>,
}

/// The channel a release of `train` goes to while `branch` is checked out.
///
/// # Errors
/// The command line names a channel that nobody knows: it would hold releases, which nobody said.
pub fn channel(
    config: Option<&Config>,
    train: &TrainDecl,
    branch: Option<&str>,
    wish: &ChannelWish,
) -> Result<Channel, Diagnostic> {
    let channel = match &wish.name {
        Some(name) => named(config, train, branch, name, wish.word.is_some())?,
        None => unasked(config, train, branch),
    };
    Ok(match &wish.word {
        Some(word) => Channel::named(&channel.name, Some(word)),
        None => channel,
    })
}

/// The channel where the command line names none.
fn unasked(config: Option<&Config>, train: &TrainDecl, branch: Option<&str>) -> Channel {
    let declared = config.map_or(&[][..], |config| &config.branch_channels);
    let of_branch = branch.and_then(|branch| declared.iter().find(|entry| is_match(&entry.branch, branch)));
    of_branch
        .map(|entry| entry.channel.clone())
        .or_else(|| of_train(train))
        .unwrap_or_default()
}

/// The channel that a train declares.
fn of_train(train: &TrainDecl) -> Option<Channel> {
    let name = train.channel.as_ref().or(train.prerelease_token.as_ref())?;
    Some(Channel::named(name, train.prerelease_token.as_deref()))
}

/// The channel called `name`: as it is declared, the branch's own declaration first. `latest` always holds releases.
fn named(
    config: Option<&Config>,
    train: &TrainDecl,
    branch: Option<&str>,
    name: &str,
    has_word: bool,
) -> Result<Channel, Diagnostic> {
    let known = Channel::named(name, None);
    if name == Channel::default().name {
        return Ok(known);
    }
    let declared = config.map_or(&[][..], |config| &config.branch_channels);
    let is_branches = |pattern: &str| branch.is_some_and(|branch| is_match(pattern, branch));
    let entries = || declared.iter().filter(|entry| entry.channel.name == name);
    if let Some(entry) = entries()
        .find(|entry| is_branches(&entry.branch))
        .or_else(|| entries().next())
    {
        return Ok(entry.channel.clone());
    }
    let trains = || config.into_iter().flat_map(|config| &config.trains);
    let mut declaring = std::iter::once(train).chain(trains()).filter_map(of_train);
    if let Some(channel) = declaring.find(|channel| channel.name == name) {
        return Ok(channel);
    }
    if has_word || KNOWN.contains(&name) {
        return Ok(known);
    }
    let mut names: Vec<String> = KNOWN.map(str::to_owned).into();
    names.extend(declared.iter().map(|entry| entry.channel.name.clone()));
    names.extend(trains().filter_map(of_train).map(|channel| channel.name));
    Err(unknown(name, names))
}

fn unknown(name: &str, mut names: Vec<String>) -> Diagnostic {
    names.sort();
    names.dedup();
    let lower = name.to_lowercase();
    let near = nearest(&lower, names.iter().map(String::as_str));
    let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let declare =
        format!("`branch_channel(branch = \"{name}\", channel = \"{name}\")` in RELEASE.star declares it");
    let message = format!("there is no channel called `{name}`");
    Diagnostic::error(message, None).hint(format!("{near}there are {}; {declare}", names.join(", ")))
}

/// What is wrong where the channel follows from the branch, and no branch is checked out: whatever the train says
/// then may be another channel than the one that is meant.
#[must_use]
pub fn missing_branch(config: Option<&Config>, head: &Head, wish: &ChannelWish) -> Option<Diagnostic> {
    let entry = config?.branch_channels.first()?;
    if wish.name.is_some() || head.branch.is_some() || head.commit.is_none() {
        return None;
    }
    let message = "no branch is checked out, and `branch_channel` lets the branch say which channel this is";
    let hint = "`--channel NAME` says it, or check the branch out: `git switch BRANCH`";
    Some(Diagnostic::error(message, Some(entry.location.clone())).hint(hint))
}

/// Whether a text can be a channel's name: what npm takes as a dist-tag, which must not look like a version.
///
/// # Errors
/// It cannot, and what could.
pub fn legal_channel(name: &str) -> Result<(), &'static str> {
    let rest = name.strip_prefix(['v', 'V']);
    let looks_like_version = rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if is_word && !looks_like_version {
        return Ok(());
    }
    Err(
        "a letter, then letters, digits, `-`, `_` and `.`, and it must not look like a version: `release-1.x` is one \
         that works",
    )
}

/// Whether a text can be the word in pre-release versions, which a number follows (`SemVer` clause 9).
///
/// # Errors
/// It cannot, and what could.
pub fn legal_word(word: &str) -> Result<(), &'static str> {
    let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic())
        && !word.ends_with(|c: char| c.is_ascii_digit())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_word {
        return Ok(());
    }
    Err("one word of letters, digits and `-` that ends in no digit, such as `rc`: a number is added to it")
}

fn is_match(pattern: &str, branch: &str) -> bool {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.is_ok_and(|glob| glob.compile_matcher().is_match(branch))
}

#[cfg(test)]
mod tests {
    use model::{BranchChannel, CommitId, Line, Location};

    use super::*;
    use crate::default_train;

    fn wish(name: Option<&str>, word: Option<&str>) -> ChannelWish {
        ChannelWish {
            name: name.map(str::to_owned),
            word: word.map(str::to_owned),
        }
    }

    fn prerelease(word: &str) -> Line {
        Line::Prerelease(word.to_owned())
    }

    /// A branch `next` whose pre-releases are called `edge`, and `lts` with releases.
    fn config() -> Config {
        let entry = |branch: &str, channel: Channel| BranchChannel {
            branch: branch.to_owned(),
            channel,
            location: Location::file("RELEASE.star"),
        };
        Config {
            branch_channels: vec![
                entry("next", Channel::named("next", Some("edge"))),
                entry("lts/*", Channel::named("lts", None)),
            ],
            ..Config::default()
        }
    }

    #[test]
    fn the_command_line_wins_over_the_train() {
        let mut train = default_train();
        let line = |train: &TrainDecl, wish: ChannelWish| {
            channel(None, train, Some("main"), &wish).expect("a known channel")
        };
        assert_eq!(line(&train, wish(None, None)), Channel::default());
        assert_eq!(line(&train, wish(Some("rc"), None)).line, prerelease("rc"));
        train.channel = Some("beta".to_owned());
        assert_eq!(line(&train, wish(None, None)).line, prerelease("beta"));
        assert_eq!(line(&train, wish(Some("latest"), None)).line, Line::Release);
        let own = line(&train, wish(None, Some("b")));
        assert_eq!((own.name.as_str(), own.line), ("beta", prerelease("b")));
        assert_eq!(line(&train, wish(None, Some("nightly"))).line, Line::Nightly);
    }

    #[test]
    fn a_channel_that_nobody_declared_holds_nothing() {
        let (config, mut train) = (config(), default_train());
        train.channel = Some("stable".to_owned());
        let named = |name: &str| channel(Some(&config), &train, Some("main"), &wish(Some(name), None));
        for (name, line) in [
            ("next", prerelease("edge")),
            ("lts", Line::Release),
            ("stable", Line::Release),
            ("latest", Line::Release),
            ("canary", prerelease("canary")),
        ] {
            assert_eq!(named(name).map(|channel| channel.line), Ok(line), "{name}");
        }
        for (name, hint) in [
            ("Beta", "did you mean `beta`?"),
            (
                "feature",
                "alpha, beta, canary, dev, latest, lts, next, nightly, rc, snapshot",
            ),
            ("feature", "channel = \"feature\")` in RELEASE.star"),
        ] {
            let wrong = named(name).expect_err("nobody declared it");
            assert!(wrong.message.contains(name), "{wrong:?}");
            assert!(
                wrong.hint.is_some_and(|said| said.contains(hint)),
                "{name}: {hint}"
            );
        }
        // With a word it is no release.
        let asked = wish(Some("feature"), Some("feature"));
        let channel = channel(Some(&config), &train, None, &asked).expect("it says what it is");
        assert_eq!(channel.line, prerelease("feature"));
    }

    #[test]
    fn without_a_branch_nobody_says_which_channel() {
        let config = config();
        let head = |branch: Option<&str>| Head {
            commit: Some(CommitId("abc".to_owned())),
            branch: branch.map(str::to_owned),
            shallow: false,
        };
        let missing =
            |config: &Config, branch, name| missing_branch(Some(config), &head(branch), &wish(name, None));
        assert!(missing(&config, None, None).is_some_and(|wrong| wrong.hint.is_some()));
        assert_eq!(missing(&config, Some("main"), None), None);
        assert_eq!(missing(&config, None, Some("latest")), None);
        assert_eq!(missing(&Config::default(), None, None), None);
    }

    #[test]
    fn names_and_words_are_checked() {
        for word in ["rc", "RC", "pre-view", "b2b"] {
            assert_eq!(legal_word(word), Ok(()), "{word}");
        }
        for word in [
            "my_rc", "é", "rc 1", "01", "a..b", "@", "", "-rc", "rc1", "rc.1", "rc\n",
        ] {
            assert!(legal_word(word).is_err(), "{word}");
        }
        for name in ["latest", "release-1.x", "my_channel"] {
            assert_eq!(legal_channel(name), Ok(()), "{name}");
        }
        for name in ["feature/x", "", "1.x", "v1", "-x", "a b", "é", "*", ".x", "^1"] {
            assert!(legal_channel(name).is_err(), "{name}");
        }
    }
}
