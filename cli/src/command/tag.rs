//! `tag`: names the commit that is checked out after the versions its packages have, without building or publishing.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;
use model::{CommitId, NewTag, Package, PackageId, Push, Remote, Tag, TrainDecl, Version};
use serde_json::{Value, json};

use crate::app::Format;
use crate::closing::{clashing_tags, going_back, remote, taken_tag, taken_there};
use crate::exit::{Failure, Kind};
use crate::history::{History, VersionFlags, channel_name, read_version};
use crate::project::Project;
use crate::terminal::table;
use crate::world::{World, workspace_error};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit tag --dry-run            show the tags that would be made
  releasekit tag core                 tag the version that core's manifest has
  releasekit tag --version 1.2.0 --push

A package whose manifest says no version of its own (0.0.0-dev, dynamic) is tagged with `--version` only. A version
that some tag names already, however it is written, is released: it gets no other. All tags are checked before the first
is made; none is ever moved.")]
pub(crate) struct Flags {
    /// Packages, by name or as ECOSYSTEM/NAME (default: all whose version is not tagged yet)
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
    /// The train whose tag formats count
    #[arg(long, value_name = "NAME")]
    train: Option<String>,
    /// The channel whose versions these are, where no branch that says so is checked out
    #[arg(long, value_name = "NAME", value_parser = channel_name)]
    channel: Option<String>,
    /// The version: what the manifests say, or nothing is tagged
    #[arg(long, value_name = "VERSION", value_parser = read_version)]
    version: Option<Version>,
    /// Push the tags too: to the remote the train names, else to `origin`
    #[arg(long)]
    push: bool,
    /// Show the tags and stop
    #[arg(long)]
    dry_run: bool,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A tag and what becomes of it.
struct Line {
    tag: NewTag,
    id: PackageId,
    package: String,
    version: Version,
    state: State,
}

/// What becomes of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Make,
    There,
    /// It is on another commit.
    Elsewhere,
    /// The version has another tag already, of this name.
    TaggedAs(String),
}

impl State {
    /// Whether the tag names the commit that is checked out.
    fn is_here(&self) -> bool {
        matches!(self, Self::Make | Self::There)
    }

    fn words(&self, is_dry: bool) -> String {
        match self {
            Self::Make if is_dry => "would be made".to_owned(),
            Self::Make => "made".to_owned(),
            Self::There => "there already".to_owned(),
            Self::Elsewhere => "names another commit".to_owned(),
            Self::TaggedAs(name) => format!("tagged as {name}"),
        }
    }
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let project = Project::load(world)?;
    project.warn_of_nothing(world);
    let train = project.train_or_default(flags.train.as_deref())?;
    let train = &*train;
    if train.releases_from == model::ReleasesFrom::PullRequests {
        let message = format!("releases of `{}` come from merged pull requests only", train.name);
        return Err(Failure::new(Kind::Refused, message)
            .hint("merge the release's pull request; `releases_from` in RELEASE.star says so"));
    }
    let Some(vcs) = &project.adapters.vcs else {
        return Err(Failure::new(
            Kind::Config,
            "this folder is in no repository: there is nothing to tag",
        ));
    };
    let asked = VersionFlags {
        channel: flags.channel.clone(),
        ..VersionFlags::default()
    };
    let history = History::of_release(world, &project, train, &asked)?;
    let Some(head) = history.commit() else {
        return Err(Failure::new(Kind::Config, "there is no commit to tag yet"));
    };
    if let Some(file) = vcs.changed_files().map_err(workspace_error)?.first() {
        let message = format!("`{file}` differs from the commit that would be tagged");
        return Err(Failure::new(Kind::Refused, message).hint("commit or undo what changed, and run again"));
    }
    let lines = lines(flags, world, &project, train, &history, head)?;
    let to = if flags.push {
        Some(target(world, &project, train, &lines)?)
    } else {
        None
    };
    if !flags.dry_run {
        for line in lines.iter().filter(|line| line.state == State::Make) {
            vcs.create_tag(&line.tag)
                .map_err(|error| Failure::step(Kind::Failed, error))?;
        }
        if let Some(remote) = &to {
            push(&**remote, &lines)?;
        }
    }
    show(flags, world, head, &lines, to.as_deref())?;
    Ok(Kind::Done)
}

/// The version a package is tagged with; `None` if there is nothing to tag.
fn version(
    wanted: Option<&Version>,
    world: &World,
    project: &Project,
    package: &Package,
) -> Result<Option<Version>, Failure> {
    let name = project.workspace.display_name(&package.id);
    if rules::is_placeholder(package) {
        if wanted.is_none() {
            world.terminal.note(&format!(
                "`{name}` has nothing to tag: its manifest says no version; `--version` names one, and `publish` tags \
                 what it releases"
            ));
        }
        return Ok(wanted.cloned());
    }
    match wanted {
        Some(wanted) if *wanted != package.version => {
            let message = format!(
                "`{name}` is not at {wanted}: `{}` says {}",
                package.manifest, package.written_version
            );
            Err(Failure::new(Kind::Refused, message)
                .hint("write the version there and commit it, then tag it"))
        }
        _ => Ok(Some(package.version.clone())),
    }
}

/// Every tag, checked.
fn lines(
    flags: &Flags,
    world: &World,
    project: &Project,
    train: &TrainDecl,
    history: &History,
    head: &CommitId,
) -> Result<Vec<Line>, Failure> {
    let is_named = !flags.packages.is_empty() || flags.version.is_some();
    let config = project.config.as_ref();
    let tagged = rules::tagged_versions(&project.workspace, &history.tags, train, config);
    let mut lines: Vec<Line> = Vec::new();
    let chosen = project.chosen(train, &flags.packages)?;
    for package in project.packages().filter(|package| chosen.contains(&package.id)) {
        let Some(version) = version(flags.version.as_ref(), world, project, package)? else {
            continue;
        };
        let tagged = tagged.get(&package.id).map_or(&[][..], Vec::as_slice);
        let known: Vec<&Tag> = tagged
            .iter()
            .filter(|(tagged, _)| *tagged == version)
            .map(|(_, tag)| *tag)
            .collect();
        let display = project.workspace.display_name(&package.id);
        let ecosystem = &package.id.ecosystem;
        if known.is_empty()
            && let Some(above) = rules::tag_above(tagged, ecosystem, &version, &history.log, Some(head))
        {
            return Err(going_back(&display, &version, above));
        }
        let formats = std::iter::once(&train.tag_format).chain(&train.tags.secondary);
        let names: Vec<String> = formats
            .map(|format| format.format(&package.id.ecosystem, package.name(), &version.to_string()))
            .collect();
        for name in &names {
            let state = state(name, &names, &known, history, head);
            if let Some(shared) = lines.iter_mut().find(|line| line.tag.name == *name) {
                shared.tag.message = version.to_string();
                if shared.state == State::Make {
                    shared.state = state;
                }
                continue;
            }
            let tag = NewTag {
                name: name.clone(),
                commit: head.clone(),
                message: format!("{display} {version}"),
            };
            lines.push(Line {
                tag,
                id: package.id.clone(),
                package: display.clone(),
                version: version.clone(),
                state,
            });
        }
    }
    lines.extend(umbrella(project, train, &lines, history, head)?);
    for line in &lines {
        refuse(line, is_named, history, head)?;
    }
    refuse_clash(&lines, history)?;
    Ok(lines)
}

/// The tag of the release as a whole, where one of its packages is tagged here.
fn umbrella(
    project: &Project,
    train: &TrainDecl,
    lines: &[Line],
    history: &History,
    head: &CommitId,
) -> Result<Option<Line>, Failure> {
    let here = lines.iter().filter(|line| line.state.is_here());
    let released: Vec<(&PackageId, &Version)> = here.map(|line| (&line.id, &line.version)).collect();
    if released.is_empty() {
        return Ok(None);
    }
    let tag = rules::umbrella_tag(train, &project.workspace, &released, head).map_err(|wrong| vec![wrong])?;
    // It may be the tag of a package as well.
    let Some(tag) = tag.filter(|tag| lines.iter().all(|line| line.tag.name != tag.name)) else {
        return Ok(None);
    };
    let umbrella = train.tags.umbrella.as_ref();
    let is_its = |(id, _): &&(&PackageId, &Version)| umbrella.is_some_and(|umbrella| umbrella.is_of(id));
    let (id, version) = *released.iter().find(is_its).unwrap_or(&released[0]);
    Ok(Some(Line {
        id: id.clone(),
        package: train.name.clone(),
        version: version.clone(),
        state: state(&tag.name, &[], &[], history, head),
        tag,
    }))
}

/// What becomes of the tag `name`, one of `names`, of a version that `known` name. Only a version that is tagged in our
/// own way on this very commit gets the tags it lacks.
fn state(name: &str, names: &[String], known: &[&Tag], history: &History, head: &CommitId) -> State {
    match history.tags.iter().find(|tag| tag.name == name) {
        Some(tag) if tag.commit == *head => return State::There,
        Some(_) => return State::Elsewhere,
        None => {}
    }
    let is_begun =
        known.iter().all(|tag| tag.commit == *head) && known.iter().any(|tag| names.contains(&tag.name));
    match known.last() {
        Some(_) if is_begun => State::Make,
        Some(tag) => State::TaggedAs(tag.name.clone()),
        None => State::Make,
    }
}

/// Refuses a tag that git would, and a version that was asked for and is tagged on another commit.
fn refuse(line: &Line, is_named: bool, history: &History, head: &CommitId) -> Result<(), Failure> {
    let name = match &line.state {
        State::TaggedAs(name) => name,
        _ => &line.tag.name,
    };
    if let Err(why) = model::legal_tag(&line.tag.name) {
        return Err(Failure::new(
            Kind::Config,
            format!("`{}` cannot be a tag: {why}", line.tag.name),
        )
        .hint("change `tag_format` or `secondary_tags`"));
    }
    match history.tags.iter().find(|tag| tag.name == *name) {
        // Else it is a version that was tagged before, and nobody asked for it.
        Some(tag) if is_named && tag.commit != *head => Err(taken_tag(tag, head)),
        _ => Ok(()),
    }
}

/// Refuses tags that git cannot keep beside one another or beside those that are there.
fn refuse_clash(lines: &[Line], history: &History) -> Result<(), Failure> {
    let made = lines.iter().filter(|line| line.state == State::Make);
    let made: Vec<String> = made.map(|line| line.tag.name.clone()).collect();
    let known = history.tags.iter().map(|tag| tag.name.as_str());
    rules::tag_in_the_way(&made, known).map_or(Ok(()), |(tag, other)| Err(clashing_tags(tag, other)))
}

/// The remote the tags are pushed to, which has none of them on another commit.
fn target(
    world: &World,
    project: &Project,
    train: &TrainDecl,
    lines: &[Line],
) -> Result<Arc<dyn Remote>, Failure> {
    let remote = remote(world, project, train.tags.push.as_deref().unwrap_or("origin"))?;
    let there = remote
        .tags()
        .map_err(|error| Failure::step(Kind::Failed, error))?;
    let pushed = lines.iter().filter(|line| line.state.is_here());
    for line in pushed {
        let taken = there
            .iter()
            .find(|tag| tag.name == line.tag.name && tag.commit != line.tag.commit);
        if let Some(tag) = taken {
            return Err(taken_there(tag, &line.tag.commit, &remote.name()));
        }
    }
    Ok(remote)
}

/// Pushes the tags and reads them back.
fn push(remote: &dyn Remote, lines: &[Line]) -> Result<(), Failure> {
    let failed = |error| Failure::step(Kind::Failed, error);
    let pushed = lines.iter().filter(|line| line.state.is_here());
    let wanted: BTreeMap<&str, &CommitId> = pushed
        .map(|line| (line.tag.name.as_str(), &line.tag.commit))
        .collect();
    let tags = wanted.keys().map(|name| (*name).to_owned()).collect();
    remote.push(&Push { tags, branch: None }).map_err(failed)?;
    let there = remote.tags().map_err(failed)?;
    let there: BTreeMap<&str, &CommitId> = there.iter().map(|tag| (tag.name.as_str(), &tag.commit)).collect();
    match wanted
        .iter()
        .find(|(name, commit)| there.get(*name) != Some(*commit))
    {
        None => Ok(()),
        Some((name, _)) => {
            let message = format!("`{name}` was pushed, and {} does not have it", remote.address());
            Err(Failure::new(Kind::Failed, message)
                .hint("run again: what is there already is not sent again"))
        }
    }
}

fn show(
    flags: &Flags,
    world: &World,
    head: &CommitId,
    lines: &[Line],
    to: Option<&dyn Remote>,
) -> Result<(), Failure> {
    match flags.format {
        Format::Json => {
            let one = |line: &Line| -> Value {
                json!({
                    "name": line.tag.name, "package": line.package, "version": line.version.to_string(),
                    "state": line.state.words(flags.dry_run),
                })
            };
            let tags: Vec<Value> = lines.iter().map(one).collect();
            let pushed = to.filter(|_| !flags.dry_run).map(Remote::address);
            world.terminal.json(&json!({
                "schema": "releasekit.tag/1", "commit": head.0, "dry_run": flags.dry_run, "tags": tags,
                "pushed_to": pushed,
            }))
        }
        Format::Text if lines.is_empty() => world.terminal.result("No package has anything to tag."),
        Format::Text => {
            let row = |line: &Line| {
                vec![
                    line.tag.name.clone(),
                    line.package.clone(),
                    line.version.to_string(),
                    line.state.words(flags.dry_run),
                ]
            };
            let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
            world
                .terminal
                .result(&table(&["TAG", "PACKAGE", "VERSION", "STATE"], &rows))?;
            if let Some(remote) = to.filter(|_| !flags.dry_run) {
                world.terminal.note(&format!("pushed to {}", remote.address()));
            }
            Ok(())
        }
    }
}
