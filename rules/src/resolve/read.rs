//! Reading: each declaration by itself, from attributes into types.

use std::time::Duration;

use model::{
    ActionDecl, ChangelogRules, CommitRules, Config, Dependents, Diagnostic, GroupDecl, PackageDecl,
    PinStrategy, ReleasesFrom, Strategy, TagFormat, TagRules, TrainDecl, Value, Versioning, WorkspaceDecl,
};

use super::attribute::Reader;
use crate::star::Evaluation;

/// How tags are written unless a train says otherwise.
const TAG_FORMAT: &str = "{name}/v{version}";

/// Where version plans are kept unless a train says otherwise.
const PLANS_DIR: &str = ".releases";

/// How often a failed effect or observation is tried again unless a train says otherwise.
const MAX_RETRIES: u32 = 3;

/// The configuration as far as each declaration makes sense by itself, and what does not.
pub(super) fn config(evaluation: &Evaluation) -> (Config, Vec<Diagnostic>) {
    let mut config = Config {
        workspaces: Vec::new(),
        packages: Vec::new(),
        groups: Vec::new(),
        trains: Vec::new(),
        actions: Vec::new(),
        branch_channels: Vec::new(),
        vcs: None,
        forge: None,
        declarations: evaluation.declarations.clone(),
        files: evaluation.files.clone(),
        unused: Vec::new(),
    };
    let mut wrong = Vec::new();
    for declaration in &evaluation.declarations {
        let mut reader = Reader {
            declaration,
            wrong: &mut wrong,
        };
        match declaration.function.as_str() {
            "release_group" => config.groups.push(reader.group()),
            "release_train" => config.trains.push(reader.train()),
            "action" => config.actions.push(reader.action()),
            "vcs" => config.vcs = reader.one_of("name", &["git", "hg", "jj"]).map(str::to_owned),
            "forge" => config.forge = reader.forge(),
            "branch_channel" => config.branch_channels.push(reader.branch_channel()),
            "bump_file" => _ = reader.bump_file(&Value::Dict(declaration.attributes.clone())),
            "config" => _ = reader.one_of("mode", &["central", "hybrid", "decentralized"]),
            function => {
                if let Some(ecosystem) = function.strip_suffix("_workspace") {
                    config.workspaces.push(reader.workspace(ecosystem));
                } else if let Some(ecosystem) = function.strip_suffix("_package") {
                    config.packages.push(reader.package(ecosystem));
                }
            }
        }
    }
    if config.trains.is_empty() {
        config.trains.push(default_train());
    }
    (config, wrong)
}

/// The train that is there when none is declared.
#[must_use]
pub fn default_train() -> TrainDecl {
    TrainDecl {
        name: "default".to_owned(),
        groups: Vec::new(),
        jobs: None,
        pin_strategy: PinStrategy::default(),
        versioning: Versioning::default(),
        max_retries: MAX_RETRIES,
        smoke_test_delay: Duration::ZERO,
        tag_format: TagFormat::parse(TAG_FORMAT).expect("our own format is a good one"),
        tags: TagRules::default(),
        strategy: Strategy::default(),
        commits: CommitRules::default(),
        dependents: Dependents::default(),
        plans_dir: PLANS_DIR.to_owned(),
        channel: None,
        prerelease_token: None,
        changelog: ChangelogRules::default(),
        commit_back: None,
        releases_from: ReleasesFrom::default(),
        registry: None,
        location: None,
    }
}

impl Reader<'_> {
    fn workspace(&mut self, ecosystem: &str) -> WorkspaceDecl {
        let members = if self.declaration.get("members").is_none() {
            "packages"
        } else {
            "members"
        };
        WorkspaceDecl {
            ecosystem: ecosystem.to_owned(),
            name: self.name(),
            root: self.root(),
            members: self.paths(members),
            exclude: self.paths("exclude"),
            registry: self.registry(),
            location: self.location(),
        }
    }

    fn package(&mut self, ecosystem: &str) -> PackageDecl {
        PackageDecl {
            ecosystem: ecosystem.to_owned(),
            name: self.name(),
            group: self.text("group"),
            skip: self.truth("skip"),
            cross_deps: self.texts("cross_deps"),
            pin_strategy: self.pin_strategy(),
            registry: self.registry(),
            include: self.globs("include"),
            exclude: self.globs("exclude"),
            former_names: self.texts("former_names"),
            bump_files: self.bump_files(),
            location: self.location(),
        }
    }

    fn group(&mut self) -> GroupDecl {
        GroupDecl {
            name: self.name(),
            packages: self.texts("packages"),
            versioning: self.versioning(),
            pin_strategy: self.pin_strategy(),
            smoke_test: self.truth("smoke_test"),
            strategy: self.strategy(),
            commits: self.commits(),
            dependents: self.dependents(),
            location: self.location(),
        }
    }

    fn train(&mut self) -> TrainDecl {
        let default = default_train();
        let tag_format = self.text("tag_format");
        let tag_format = tag_format.and_then(|pattern| self.tag_format("tag_format", &pattern));
        TrainDecl {
            name: self.name(),
            groups: self.texts("groups"),
            jobs: self.number("jobs", 1).and_then(|jobs| usize::try_from(jobs).ok()),
            pin_strategy: self.pin_strategy().unwrap_or_default(),
            versioning: self.versioning().unwrap_or_default(),
            max_retries: self
                .number("max_retries", 0)
                .and_then(|tries| tries.try_into().ok())
                .unwrap_or(MAX_RETRIES),
            smoke_test_delay: Duration::from_secs(self.number("smoke_test_delay", 0).unwrap_or_default()),
            tag_format: tag_format.unwrap_or(default.tag_format),
            tags: self.tags(),
            strategy: self.strategy().unwrap_or_default(),
            commits: self.commits().unwrap_or_default(),
            dependents: self.dependents().unwrap_or_default(),
            plans_dir: self.path("plans_dir").unwrap_or(default.plans_dir),
            channel: self.channel_name("channel"),
            prerelease_token: self.prerelease_word("prerelease_token"),
            changelog: self.changelog(),
            commit_back: self.commit_back(),
            releases_from: self.releases_from(),
            registry: self.registry(),
            location: Some(self.location()),
        }
    }

    fn action(&mut self) -> ActionDecl {
        let name = self.name();
        let command = match self.declaration.get("command") {
            Value::List(_) => self.texts("command"),
            other => other
                .as_str()
                .map(|text| vec![text.to_owned()])
                .unwrap_or_default(),
        };
        if command.first().is_none_or(|program| program.trim().is_empty()) {
            self.refuse(
                format!("action `{name}` has no `command`"),
                "write a text for a shell, or a program and its arguments",
            );
        }
        let outputs = self.paths("outputs");
        if outputs.is_empty() {
            self.refuse(
                format!("action `{name}` has no `outputs`"),
                "name the files or folders it makes",
            );
        }
        for output in &outputs {
            if output.contains(['*', '?', '[', '{']) {
                self.refuse(
                    format!("output `{output}` of action `{name}` is a pattern"),
                    "name the file, or its folder",
                );
            } else if output.is_empty()
                || [".releasekit", ".git"]
                    .iter()
                    .any(|own| super::check::covers(own, output))
            {
                self.refuse(
                    format!("action `{name}` cannot make `{output}`"),
                    "make a file or folder of your own",
                );
            }
        }
        ActionDecl {
            inputs: self.paths("inputs"),
            outputs,
            command,
            env: self.environment(&name),
            timeout: Duration::from_secs(self.number("timeout", 1).unwrap_or(1)),
            location: self.location(),
            name,
        }
    }

    fn environment(&mut self, action: &str) -> Vec<(String, String)> {
        let Value::Dict(variables) = self.declaration.get("env") else {
            return Vec::new();
        };
        let mut environment = Vec::new();
        for (name, value) in variables {
            if name.is_empty() || name.contains(['=', '\0']) {
                self.refuse(
                    format!("`{name}` in `env` of action `{action}` is no name of a variable"),
                    "letters, digits and `_` are",
                );
            }
            if let Value::Secret(secret) = value {
                let message = format!("`env` of action `{action}` holds the secret `{secret}`");
                self.refuse(message, "actions build, and what builds holds no secret");
            }
            environment.extend(value.as_str().map(|text| (name.clone(), text.to_owned())));
        }
        environment
    }
}
