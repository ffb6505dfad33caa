//! Which channel a release goes to: what the command line says, else the branch, else the train.

use globset::GlobBuilder;
use model::{Channel, Config, TrainDecl};

/// What the command line says about the channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelWish {
    /// Its name.
    pub name: Option<String>,
    /// The word in its pre-release versions.
    pub word: Option<String>,
}

/// The channel a release of `train` goes to while `branch` is checked out.
#[must_use]
pub fn channel(
    config: Option<&Config>,
    train: &TrainDecl,
    branch: Option<&str>,
    wish: &ChannelWish,
) -> Channel {
    if let Some(name) = &wish.name {
        return Channel::named(name, wish.word.as_deref());
    }
    let declared = config.map_or(&[][..], |config| &config.branch_channels);
    let of_branch = branch.and_then(|branch| declared.iter().find(|entry| is_match(&entry.branch, branch)));
    let mut channel = match (of_branch, &train.channel) {
        (Some(entry), _) => entry.channel.clone(),
        (None, Some(name)) => Channel::named(name, train.prerelease_token.as_deref()),
        (None, None) => match &train.prerelease_token {
            Some(word) => Channel::named(word, Some(word)),
            None => Channel::default(),
        },
    };
    if let Some(word) = &wish.word {
        channel = Channel::named(&channel.name, Some(word));
    }
    channel
}

fn is_match(pattern: &str, branch: &str) -> bool {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.is_ok_and(|glob| glob.compile_matcher().is_match(branch))
}

#[cfg(test)]
mod tests {
    use model::Line;

    use super::*;
    use crate::default_train;

    #[test]
    fn the_command_line_wins_over_the_train() {
        let mut train = default_train();
        let wish = |name: Option<&str>, word: Option<&str>| ChannelWish {
            name: name.map(str::to_owned),
            word: word.map(str::to_owned),
        };
        let line = |train: &TrainDecl, wish: ChannelWish| channel(None, train, Some("main"), &wish);
        assert_eq!(line(&train, wish(None, None)), Channel::default());
        assert_eq!(
            line(&train, wish(Some("rc"), None)).line,
            Line::Prerelease("rc".to_owned())
        );
        train.channel = Some("beta".to_owned());
        assert_eq!(
            line(&train, wish(None, None)).line,
            Line::Prerelease("beta".to_owned())
        );
        assert_eq!(line(&train, wish(Some("latest"), None)).line, Line::Release);
        let own = line(&train, wish(None, Some("b")));
        assert_eq!(
            (own.name.as_str(), own.line),
            ("beta", Line::Prerelease("b".to_owned()))
        );
    }
}
