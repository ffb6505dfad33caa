//! Reading what is said about versions: strategies, commits, channels, tags, changelogs.

use globset::GlobBuilder;
use model::{
    BranchChannel, Bump, BumpFile, Calendar, CalendarError, ChangelogRules, Channel, CommitBack, CommitRules,
    Dependents, Dialect, ReleasesFrom, SectionRule, Strategy, TagFormat, TagRules, Umbrella, Value,
    ZeroPolicy,
};

use super::attribute::Reader;
use crate::channel::{legal_channel, legal_word};

/// What a commit that brings versions back says unless a train says otherwise.
const COMMIT_BACK_MESSAGE: &str = "chore(release): {train_name} {version}";

/// The remote that `push = True` means.
const REMOTE: &str = "origin";

impl Reader<'_> {
    pub(super) fn strategy(&mut self) -> Option<Strategy> {
        match self.declaration.get("version_strategy") {
            Value::None => None,
            Value::Function(id, _) => Some(Strategy::Function(*id)),
            Value::Dict(fields) => {
                let written = field(fields, "calendar").as_str().unwrap_or_default();
                match written.parse() {
                    Ok(calendar) => Some(Strategy::Calendar(calendar)),
                    Err(CalendarError { message, hint }) => {
                        let written = written.escape_debug();
                        self.refuse(
                            format!("the calendar `{written}` makes no versions: {message}"),
                            &hint,
                        );
                        None
                    }
                }
            }
            other => {
                let written = other.as_str().unwrap_or_default().to_owned();
                let known = [
                    ("conventional", Strategy::Conventional),
                    ("conventional-commits", Strategy::Conventional),
                    ("plans", Strategy::Plans),
                    ("manual", Strategy::Manual),
                    ("calendar", Strategy::Calendar(Calendar::MONTH)),
                ];
                self.choice("version_strategy", &written, &known)
            }
        }
    }

    pub(super) fn commits(&mut self) -> Option<CommitRules> {
        let fields = match self.declaration.get("commits").clone() {
            Value::None => return None,
            Value::Dict(fields) => fields,
            other => {
                let dialect = self.choice("commits", other.as_str().unwrap_or_default(), &Dialect::ALL);
                let dialect = dialect.unwrap_or_default();
                return Some(CommitRules {
                    dialect,
                    ..CommitRules::default()
                });
            }
        };
        let truth = |name: &str| field(&fields, name).as_bool().unwrap_or_default();
        let text = |name: &str| field(&fields, name).as_str().unwrap_or_default();
        let (dialect, zero) = (text("dialect"), text("zero"));
        Some(CommitRules {
            dialect: if dialect.is_empty() {
                Dialect::default()
            } else {
                self.choice("dialect", dialect, &Dialect::ALL).unwrap_or_default()
            },
            types: self.bumps(field(&fields, "types")),
            zero: if zero.is_empty() {
                None
            } else {
                self.choice("zero", zero, &ZeroPolicy::ALL)
            },
            scopes: truth("scopes"),
            squashed: truth("squashed"),
            merges: truth("merges"),
        })
    }

    /// Types of commits with their bumps.
    fn bumps(&mut self, value: &Value) -> Vec<(String, Bump)> {
        const BUMPS: [(&str, Bump); 4] = [
            ("major", Bump::Major),
            ("minor", Bump::Minor),
            ("patch", Bump::Patch),
            ("none", Bump::None),
        ];
        let Value::Dict(types) = value else {
            return Vec::new();
        };
        let mut bumps = Vec::new();
        for (name, bump) in types {
            if let Some(bump) = self.choice("types", bump.as_str().unwrap_or_default(), &BUMPS) {
                bumps.push((name.to_lowercase(), bump));
            }
        }
        bumps
    }

    pub(super) fn dependents(&mut self) -> Option<Dependents> {
        let written = self.text("dependents")?;
        self.choice("dependents", &written, &Dependents::ALL)
    }

    pub(super) fn tag_format(&mut self, attribute: &str, pattern: &str) -> Option<TagFormat> {
        match TagFormat::parse(pattern) {
            Ok(format) => Some(format),
            Err(reason) => {
                self.refuse(
                    format!("`{attribute}` {reason}"),
                    "`{name}/v{version}` is one that works",
                );
                None
            }
        }
    }

    pub(super) fn tags(&mut self) -> TagRules {
        let mut formats = |attribute: &str| -> Vec<TagFormat> {
            let written = self.texts(attribute);
            let formats = written
                .iter()
                .filter_map(|pattern| self.tag_format(attribute, pattern));
            formats.collect()
        };
        let (secondary, former) = (formats("secondary_tags"), formats("former_tags"));
        let umbrella = self.text("umbrella_tag");
        let umbrella = umbrella.and_then(|pattern| self.tag_format("umbrella_tag", &pattern));
        let package = self.text("umbrella_package");
        if umbrella.is_none() && package.is_some() {
            self.refuse(
                "`umbrella_package` without `umbrella_tag`".to_owned(),
                "say how that tag is written: `umbrella_tag = \"v{version}\"`",
            );
        }
        let push = match self.declaration.get("push") {
            Value::Bool(true) => Some(REMOTE.to_owned()),
            _ => self.text("push"),
        };
        if let Some(remote) = push.as_ref().filter(|remote| remote.starts_with('-')) {
            self.refuse(
                format!("`push` cannot be `{remote}`"),
                "write a remote's name, such as `origin`",
            );
        }
        TagRules {
            secondary,
            former,
            umbrella: umbrella.map(|format| Umbrella { format, package }),
            push,
        }
    }

    pub(super) fn changelog(&mut self) -> ChangelogRules {
        let default = ChangelogRules::default();
        let Value::Dict(fields) = self.declaration.get("changelog").clone() else {
            return default;
        };
        let mut path = |name: &str| {
            let written = field(&fields, name).as_str().filter(|text| !text.is_empty())?;
            self.inside(name, written)
        };
        let (file, workspace_file, template) = (path("file"), path("workspace_file"), path("template"));
        let sections: &[(String, Value)] = match field(&fields, "sections") {
            Value::Dict(sections) => sections,
            _ => &[],
        };
        let sections = sections.iter().map(|(title, types)| SectionRule {
            title: title.clone(),
            types: match types {
                Value::List(_) => types.as_strings().unwrap_or_default(),
                one => one.as_str().map(str::to_owned).into_iter().collect(),
            },
        });
        ChangelogRules {
            file: file.unwrap_or(default.file),
            workspace_file,
            sections: sections.collect(),
            template,
            links: field(&fields, "links").as_bool().unwrap_or(default.links),
        }
    }

    pub(super) fn commit_back(&mut self) -> Option<CommitBack> {
        let is_wanted = match self.declaration.get("commit_back") {
            Value::Bool(truth) => *truth,
            _ => self.one_of("commit_back", &["commit", "pr", "none"])? == "commit",
        };
        is_wanted.then(|| CommitBack {
            branch: self.text("commit_back_branch"),
            message: self
                .text("commit_back_message")
                .unwrap_or_else(|| COMMIT_BACK_MESSAGE.to_owned()),
        })
    }

    pub(super) fn releases_from(&mut self) -> ReleasesFrom {
        match self.one_of("releases_from", &["anywhere", "pull-requests"]) {
            Some("pull-requests") => ReleasesFrom::PullRequests,
            _ => ReleasesFrom::Anywhere,
        }
    }

    pub(super) fn forge(&mut self) -> Option<String> {
        let known = ["github", "gitlab", "bitbucket", "gitea", "forgejo", "azure"];
        self.one_of("name", &known).map(str::to_owned)
    }

    pub(super) fn branch_channel(&mut self) -> BranchChannel {
        let written = self.declaration.get("channel").as_str().unwrap_or_default();
        let name = self.fits("channel", written.to_owned(), legal_channel);
        let name = name.unwrap_or_default();
        let word = match self.declaration.get("prerelease") {
            Value::Bool(true) => self.fits("channel", name.clone(), legal_word),
            _ => self.prerelease_word("prerelease"),
        };
        let mut channel = Channel::named(&name, word.as_deref());
        if self.declaration.get("prerelease").as_bool() == Some(false) {
            channel.line = model::Line::Release;
        }
        let branch = self.text("branch").unwrap_or_default();
        self.glob("branch", &branch);
        BranchChannel {
            branch,
            channel,
            location: self.location(),
        }
    }

    /// A channel's name.
    pub(super) fn channel_name(&mut self, attribute: &str) -> Option<String> {
        let name = self.text(attribute)?;
        self.fits(attribute, name, legal_channel)
    }

    /// The word in pre-release versions.
    pub(super) fn prerelease_word(&mut self, attribute: &str) -> Option<String> {
        let word = self.text(attribute)?;
        self.fits(attribute, word, legal_word)
    }

    fn fits(
        &mut self,
        attribute: &str,
        written: String,
        legal: fn(&str) -> Result<(), &'static str>,
    ) -> Option<String> {
        match legal(&written) {
            Ok(()) => Some(written),
            Err(hint) => {
                self.refuse(format!("`{attribute}` cannot be `{written}`"), hint);
                None
            }
        }
    }

    pub(super) fn bump_files(&mut self) -> Vec<BumpFile> {
        let files = self
            .declaration
            .get("bump_files")
            .as_list()
            .unwrap_or_default()
            .to_vec();
        files.iter().filter_map(|file| self.bump_file(file)).collect()
    }

    /// A path, or what `bump_file()` returns.
    pub(super) fn bump_file(&mut self, value: &Value) -> Option<BumpFile> {
        let (path, pattern) = match value {
            Value::Dict(fields) => (field(fields, "path"), field(fields, "pattern")),
            other => (other, &Value::None),
        };
        let pattern = pattern.as_str();
        if let Some(pattern) = pattern {
            let groups = regex::Regex::new(pattern).map(|regex| regex.captures_len());
            match groups {
                Ok(count) if count > 1 => {}
                Ok(_) => {
                    self.refuse(
                        format!("`pattern` has no group for the version: `{pattern}`"),
                        "put the version in parentheses: `version = \"([^\"]+)\"`",
                    );
                    return None;
                }
                Err(error) => {
                    let reason = error.to_string();
                    let reason = reason.lines().last().unwrap_or_default().to_owned();
                    self.refuse(
                        format!("`pattern` is not a regular expression: {reason}"),
                        "write one with a group for the version: `version = \"([^\"]+)\"`",
                    );
                    return None;
                }
            }
        }
        Some(BumpFile {
            path: self.inside("path", path.as_str().unwrap_or_default())?,
            pattern: pattern.map(str::to_owned),
        })
    }

    /// Globs of paths in the repository.
    pub(super) fn globs(&mut self, attribute: &str) -> Vec<String> {
        let globs = self.paths(attribute);
        globs
            .into_iter()
            .filter(|glob| self.glob(attribute, glob))
            .collect()
    }

    fn glob(&mut self, attribute: &str, glob: &str) -> bool {
        match GlobBuilder::new(glob).literal_separator(true).build() {
            Ok(_) => true,
            Err(error) => {
                let message = format!(
                    "`{attribute}` holds `{glob}`, which is no pattern: {}",
                    error.kind()
                );
                self.refuse(message, "`docs/**` is one that works");
                false
            }
        }
    }

    fn choice<T: Clone>(&mut self, attribute: &str, written: &str, known: &[(&'static str, T)]) -> Option<T> {
        let found = known.iter().find(|(name, _)| *name == written);
        if found.is_none() {
            let names: Vec<&'static str> = known.iter().map(|(name, _)| *name).collect();
            self.unknown(attribute, written, &names);
        }
        found.map(|(_, value)| value.clone())
    }
}

fn field<'a>(fields: &'a [(String, Value)], name: &str) -> &'a Value {
    const NONE: &Value = &Value::None;
    fields
        .iter()
        .find(|(field, _)| field == name)
        .map_or(NONE, |(_, value)| value)
}
