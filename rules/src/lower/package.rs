//! What is made of a package, without touching the world: pin, build, checksums, changelog.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine::{Action, ActionId, Class, Command, Input, Mnemonic, Policy, Work};
use model::{Diagnostic, Location, PackageId, Pins};

use super::chain::{Chain, Chains};
use super::files::{Files, Origin};
use super::{effects, source};
use crate::bump_file::{BumpedFile, spliced};
use crate::changelog::Reporter;
use crate::step::{self, ARTIFACTS, CHANGELOG_FILE, CHECKSUMS_FILE, Pinning};
use crate::version::PlannedVersion;

/// The longest a build may take.
const BUILD_TIME: Duration = Duration::from_secs(30 * 60);
/// Where everything a package gives people is laid down.
const DIST: &str = ".releasekit/dist";

/// Adds the actions of every package, and says which are whose.
pub(super) fn lower(
    chains: &Chains<'_>,
    files: &Files<'_>,
    actions: &mut Vec<Action>,
    wrong: &mut Vec<Diagnostic>,
) -> Vec<(PackageId, Vec<ActionId>)> {
    let mut packages = Vec::with_capacity(chains.release.versions.len());
    for chain in &chains.chains {
        let maker = Maker { chains, chain };
        if let Some(pin) = chain.ids.pin {
            maker.put(actions, pin, maker.pin(files, wrong));
        }
        maker.put(actions, chain.ids.build, maker.build(files, wrong));
        if let Some(checksums) = chain.ids.checksums {
            maker.put(actions, checksums, maker.checksums());
        }
        let Some(planned) = chain.planned else { continue };
        if let Some(changelog) = chain.ids.changelog {
            maker.put(actions, changelog, maker.changelog(planned, files, wrong));
        }
        if let (Some(ids), Some(registry)) = (chain.ids.effects, chain.registry) {
            effects::lower(&maker, planned, &**registry, ids, actions);
        }
        packages.push((chain.package.id.clone(), chain.ids.all()));
    }
    packages
}

/// Who tells what is new.
pub(super) fn reporter<'c, 'a>(chains: &'c Chains<'a>) -> Reporter<'c, 'a> {
    let release = chains.release;
    Reporter {
        train: release.train,
        groups: &chains.groups,
        names: &chains.names,
        commits: &chains.commits,
        newest: release.commits.first().map(|commit| commit.time),
        plans: release.plans,
        links: release.links,
    }
}

/// Makes the actions of one package.
pub(super) struct Maker<'m, 'a> {
    pub(super) chains: &'m Chains<'a>,
    pub(super) chain: &'m Chain<'a>,
}

impl Maker<'_, '_> {
    /// Puts an action at the place it was promised.
    pub(super) fn put(&self, actions: &mut Vec<Action>, at: ActionId, action: Action) {
        assert_eq!(
            at.index(),
            actions.len(),
            "actions are made in the order of their places"
        );
        actions.push(action);
    }

    /// An action of this package.
    pub(super) fn action(&self, mnemonic: Mnemonic, verb: &str, class: Class, work: Work) -> Action {
        Action {
            name: format!("{}:{verb}", self.chain.name),
            owner: self.chain.name.clone(),
            mnemonic,
            class,
            work,
            inputs: Vec::new(),
            outputs: Vec::new(),
            after: Vec::new(),
            deliver: BTreeMap::new(),
            policy: Policy::default(),
        }
    }

    /// The build's output folder, as steps see it.
    pub(super) fn artifacts(&self) -> Input {
        let (action, output) = (self.chain.ids.build, self.chain.recipe.output.clone());
        Input::Output {
            action,
            output,
            path: ARTIFACTS.to_owned(),
        }
    }

    fn pin(&self, files: &Files<'_>, wrong: &mut Vec<Diagnostic>) -> Action {
        let manifests: BTreeSet<String> = self.chain.recipe.pinned.iter().cloned().collect();
        let bumped = source::bumped(self.chains, self.chain, files);
        let paths: BTreeSet<&str> = manifests.iter().map(String::as_str).chain(bumped).collect();
        let bumps = paths.iter().filter_map(|path| self.chains.bumps.get(*path));
        let bumps: Vec<BumpedFile> = bumps.flatten().cloned().collect();
        let mut inputs = Vec::new();
        for path in &paths {
            let Some(origin) = files.at(path) else { continue };
            match files.input(origin) {
                Ok(input) => inputs.push(input),
                Err(reason) => wrong.push(Diagnostic::error(reason, Location::file(*path))),
            }
            if let Origin::File(_) = origin {
                self.rehearse(path, &bumps, wrong);
            }
        }
        let outputs = paths.into_iter().map(str::to_owned).collect();
        let pinning = Pinning {
            package: self.chain.package.clone(),
            pins: self.pins(),
            manifests,
            bumps,
        };
        let work = step::work(&pinning, 2);
        Action {
            inputs,
            outputs,
            ..self.action(step::PIN, "pin", Class::Pure, work)
        }
    }

    /// What cannot be written into a bump file is said before anything runs.
    fn rehearse(&self, path: &str, bumps: &[BumpedFile], wrong: &mut Vec<Diagnostic>) {
        if !bumps.iter().any(|bump| bump.path == path) {
            return;
        }
        let text = self.chains.release.tree.read(path);
        let text = text.map_err(|reason| Diagnostic::error(reason, Location::file(path)));
        if let Err(diagnostic) = text.and_then(|text| spliced(path, &text, bumps))
            && !wrong.contains(&diagnostic)
        {
            wrong.push(diagnostic);
        }
    }

    /// The versions to write: its own, and that of every package its manifest can name.
    fn pins(&self) -> Pins {
        let (id, train) = (&self.chain.package.id, self.chains.release.train);
        let strategy = self.chains.groups.pin_strategy(id, train);
        let own = &self.chain.package.id.ecosystem;
        let needs = self.chain.package.dependencies.iter();
        let named =
            needs.filter(|need| need.kind != model::DependencyKind::Cross || need.on.ecosystem == *own);
        let named: BTreeSet<&PackageId> = named.map(|need| &need.on).collect();
        let version = |id: &PackageId| {
            let own = self.chain.planned.iter().flat_map(|planned| &planned.needs);
            let own = own
                .into_iter()
                .find(|needed| needed.package == *id)
                .map(|needed| &needed.version);
            own.or_else(|| self.chains.versions.get(id).copied()).cloned()
        };
        let pinned = named
            .into_iter()
            .filter_map(|id| Some((id.name.clone(), (version(id)?, strategy))));
        Pins {
            version: Some(self.chain.version.clone()),
            dependencies: pinned.collect(),
        }
    }

    /// A build that nobody asked for lays nothing down for people.
    fn build(&self, files: &Files<'_>, wrong: &mut Vec<Diagnostic>) -> Action {
        let release = self.chains.release;
        let mut command: Command = self.chain.recipe.command.clone();
        command.platform.extend(release.platform.clone());
        if let Some(version) = release.tools.get(&self.chain.package.id.ecosystem) {
            let program = self.chain.ecosystem.tool().program;
            command.platform.insert(program.to_owned(), version.clone());
        }
        let output = self.chain.recipe.output.clone();
        let delivered = self
            .chain
            .planned
            .map(|_| (output.clone(), format!("{DIST}/{}", self.chain.name)));
        let needed = self.chains.needed(self.chain.package);
        Action {
            inputs: source::inputs(self.chains, self.chain, files, wrong),
            outputs: vec![output],
            after: needed.iter().map(|needed| needed.ids.build).collect(),
            deliver: delivered.into_iter().collect(),
            policy: Policy {
                timeout: BUILD_TIME,
                ..Policy::default()
            },
            ..self.action(step::BUILD, "build", Class::Pure, Work::Command(command))
        }
    }

    fn checksums(&self) -> Action {
        let action = self.action(step::CHECKSUMS, "checksums", Class::Pure, step::work(&(), 1));
        self.delivering(
            CHECKSUMS_FILE,
            Action {
                inputs: vec![self.artifacts()],
                ..action
            },
        )
    }

    fn changelog(&self, planned: &PlannedVersion, files: &Files<'_>, wrong: &mut Vec<Diagnostic>) -> Action {
        let news = reporter(self.chains).news(planned);
        let template = news.template.as_ref().map(|file| {
            let missing = || "the template of changelogs is not there".to_owned();
            let found = files.at(file).ok_or_else(missing);
            let input = found.and_then(|origin| files.input(origin));
            input.map_err(|reason| Diagnostic::error(reason, Location::file(file.as_str())))
        });
        let inputs = match template.transpose() {
            Ok(input) => input.into_iter().collect(),
            Err(diagnostic) => {
                // One template for all packages is one mistake.
                if !wrong.contains(&diagnostic) {
                    wrong.push(diagnostic);
                }
                Vec::new()
            }
        };
        let work = step::work(&news, 2);
        let action = self.action(step::CHANGELOG, "changelog", Class::Pure, work);
        self.delivering(CHANGELOG_FILE, Action { inputs, ..action })
    }

    /// The action with one output, which people get beside the artifacts.
    fn delivering(&self, output: &str, action: Action) -> Action {
        let place = format!("{DIST}/{}.{output}", self.chain.name);
        Action {
            outputs: vec![output.to_owned()],
            deliver: BTreeMap::from([(output.to_owned(), place)]),
            ..action
        }
    }
}
