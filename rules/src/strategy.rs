//! Strategies that are functions of RELEASE.star: what they are asked about each package, and what their answers mean.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{
    Bump, Commit, Config, Diagnostic, FunctionId, Location, Package, PackageId, Strategy, TrainDecl, Value,
    Version, Workspace,
};

use crate::groups::Groups;
use crate::star::Call;
use crate::version::{Answer, PlannedVersion};

/// What functions are asked, one question for each package whose strategy is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    packages: Vec<PackageId>,
    /// The questions, in the order of the packages.
    pub calls: Vec<Call>,
}

/// What the strategies of `train` that are functions are to be asked. `planned` is what would be released without
/// them, which they are told; `log` holds the commits it names.
#[must_use]
pub fn questions(
    config: &Config,
    train: &TrainDecl,
    workspace: &Workspace,
    planned: &[PlannedVersion],
    log: &[Commit],
) -> Questions {
    let groups = Groups::of(config);
    let function = |id: &PackageId| -> Option<(FunctionId, Location)> {
        let group = groups.groups(id).find(|group| group.strategy.is_some());
        let own = group.and_then(|group| Some((group.strategy.as_ref()?, group.location.clone())));
        let of_train = || Some((&train.strategy, train.location.clone()?));
        match own.or_else(of_train)? {
            (Strategy::Function(function), location) => Some((*function, location)),
            _ => None,
        }
    };
    let mut questions = Questions::default();
    let mut commits: Option<HashMap<&str, &Commit>> = None;
    for version in planned {
        let Some((function, location)) = function(&version.package) else {
            continue;
        };
        let commits =
            commits.get_or_insert_with(|| log.iter().map(|commit| (commit.id.0.as_str(), commit)).collect());
        let Some(package) = workspace.get(&version.package) else {
            continue;
        };
        questions.packages.push(version.package.clone());
        questions.calls.push(Call {
            function,
            subject: subject(package, version, commits),
            location,
        });
    }
    questions
}

/// What a function is told about a package.
fn subject(package: &Package, version: &PlannedVersion, commits: &HashMap<&str, &Commit>) -> Value {
    let text = |text: &str| Value::Str(text.to_owned());
    let commit = |commit: &Commit| {
        let subject = commit.message.lines().next().unwrap_or_default();
        Value::Dict(vec![
            ("id".to_owned(), text(&commit.id.0)),
            ("subject".to_owned(), text(subject)),
            ("message".to_owned(), text(&commit.message)),
            ("author".to_owned(), text(&commit.author)),
            ("time".to_owned(), Value::Int(commit.time)),
            (
                "paths".to_owned(),
                Value::List(commit.paths.iter().map(|path| text(path)).collect()),
            ),
        ])
    };
    let commits = version.commits.iter().filter_map(|id| commits.get(id.0.as_str()));
    let current = version.current.as_ref();
    Value::Dict(vec![
        ("name".to_owned(), text(package.name())),
        ("ecosystem".to_owned(), text(&package.id.ecosystem)),
        ("path".to_owned(), text(&package.path)),
        ("manifest_version".to_owned(), text(&version.manifest.to_string())),
        (
            "version".to_owned(),
            current.map_or(Value::None, |current| text(&current.to_string())),
        ),
        ("proposed_version".to_owned(), text(&version.next.to_string())),
        ("proposed_bump".to_owned(), text(version.bump.as_str())),
        ("reason".to_owned(), text(&version.reason)),
        ("channel".to_owned(), text(&version.channel)),
        (
            "commits".to_owned(),
            Value::List(commits.map(|one| commit(one)).collect()),
        ),
    ])
}

impl Questions {
    /// What the answers (each with the number of its question) mean.
    ///
    /// # Errors
    /// An answer is neither None, nor a bump, nor a version; or there is none.
    pub fn read(&self, answers: &[(usize, Value)]) -> Result<BTreeMap<PackageId, Answer>, Vec<Diagnostic>> {
        let mut read = BTreeMap::new();
        let mut wrong = Vec::new();
        for (number, answer) in answers {
            let (Some(package), Some(call)) = (self.packages.get(*number), self.calls.get(*number)) else {
                continue;
            };
            match meant(answer) {
                Some(answer) => _ = read.insert(package.clone(), answer),
                None => {
                    let message = format!(
                        "the function's answer for `{package}` is no bump and no version: {answer:?}"
                    );
                    wrong.push(
                        Diagnostic::error(message, call.location.clone()).hint(
                            "return None, \"major\", \"minor\", \"patch\", \"prerelease\", or a version such as \"1.2.3\"",
                        ),
                    );
                }
            }
        }
        let silent: BTreeSet<&PackageId> = self
            .packages
            .iter()
            .filter(|id| !read.contains_key(*id))
            .collect();
        if wrong.is_empty() && !silent.is_empty() {
            let names: Vec<String> = silent.into_iter().map(ToString::to_string).collect();
            let message = format!(
                "the function that finds versions was not reached for {}",
                names.join(", ")
            );
            let at = self.calls.first().map(|call| call.location.clone());
            wrong.push(Diagnostic::error(message, at));
        }
        if wrong.is_empty() { Ok(read) } else { Err(wrong) }
    }
}

fn meant(answer: &Value) -> Option<Answer> {
    if answer.is_none() {
        return Some(Answer::Bump(Bump::None));
    }
    let text = answer.as_str()?;
    let bumps = [
        Bump::None,
        Bump::Prerelease,
        Bump::Patch,
        Bump::Minor,
        Bump::Major,
    ];
    let bump = bumps.into_iter().find(|bump| bump.as_str() == text);
    bump.map(Answer::Bump)
        .or_else(|| text.parse::<Version>().ok().map(Answer::Version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_bumps_or_versions() {
        let text = |text: &str| Value::Str(text.to_owned());
        assert_eq!(meant(&Value::None), Some(Answer::Bump(Bump::None)));
        assert_eq!(meant(&text("minor")), Some(Answer::Bump(Bump::Minor)));
        assert_eq!(
            meant(&text("1.2.3")),
            Some(Answer::Version(Version::new(1, 2, 3)))
        );
        assert_eq!(meant(&text("1.2")), None);
        assert_eq!(meant(&Value::Int(1)), None);
    }
}
