//! `changelog`: what is new in every package, shown or written into the changelogs people read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use engine::printable;
use model::{Commit, CommitId, Diagnostic, Location, PackageId, Tag, TrainDecl};
use rules::{Insertion, Links, News, Part, PlannedVersion, Reported, Template};
use serde_json::{Value, json};

use crate::command::version_plan;
use crate::exit::{Failure, Kind};
use crate::history::{History, VersionFlags};
use crate::past::{Past, recall_plans};
use crate::project::Project;
use crate::rewrite::target;
use crate::world::{World, workspace_error};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit changelog                         what the next release of every package would say
  releasekit changelog core --write            put it into the package's changelog
  releasekit changelog core --at 1.2.0         what a version that is released already was
  releasekit changelog --notes > notes.md      all packages together, without headings of versions
  releasekit changelog --workspace --write     into the changelog of the whole repository

A version that a changelog tells of already stays as it is, unless `--overwrite` is given.")]
pub(crate) struct Flags {
    /// Packages, by name or as ECOSYSTEM/NAME (default: all that have something to release)
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Put it into the changelogs, on top; what is there stays
    #[arg(long)]
    write: bool,
    /// All packages together, as in the changelog of the whole repository (`changelog(workspace_file = ...)`)
    #[arg(long)]
    workspace: bool,
    /// A version that is released already, or its tag, instead of the next one
    #[arg(long, value_name = "VERSION_OR_TAG")]
    at: Option<String>,
    /// As notes of a release: all packages together, without headings of versions
    #[arg(long, conflicts_with_all = ["write", "workspace"])]
    notes: bool,
    /// Replace what a changelog says of the version already
    #[arg(long, requires = "write", conflicts_with = "workspace")]
    overwrite: bool,
    /// The day of the versions (default: that of the newest commit of each)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    date: Option<String>,
    #[command(flatten)]
    versions: VersionFlags,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How the result is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Markdown, under the name of each package if there are several.
    #[default]
    Text,
    /// One JSON object, for programs.
    Json,
    /// Markdown, and nothing else.
    Markdown,
}

fn day(text: &str) -> Result<String, String> {
    let parts: Vec<Option<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
    let is_digits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    match parts.as_slice() {
        [Some(_), Some(1..=12), Some(1..=31)] if is_digits => Ok(text.to_owned()),
        _ => Err("a day is written like 2026-01-02".to_owned()),
    }
}

/// One package's news, and the text they make.
struct Told {
    id: PackageId,
    news: News,
    text: String,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let project = Project::load(world)?;
    let train = project.train_or_default(flags.versions.train.as_deref())?;
    let train = &*train;
    let told = tell(flags, world, &project, train)?;
    if told.is_empty() && flags.format != Format::Json {
        world.terminal.note("no package has anything to release");
        return Ok(Kind::Done);
    }
    let written = if flags.write {
        write(flags, world, &project, train, &told)?
    } else {
        Vec::new()
    };
    match flags.format {
        Format::Json => {
            let packages: Vec<Value> = told.iter().map(package).collect();
            world.terminal.json(&json!({
                "schema": "releasekit.changelog/1", "packages": packages, "written": written,
            }))?;
        }
        // Whoever writes files wants to know which; those say the rest.
        Format::Text if flags.write => {
            for file in &written {
                world.terminal.note(&format!("wrote {file}"));
            }
            if written.is_empty() {
                world.terminal.note("every changelog is up to date");
            }
        }
        Format::Text | Format::Markdown => world.terminal.result(&shown(flags, &told))?,
    }
    Ok(Kind::Done)
}

/// Where the forge of the repository shows commits, if it has a remote at one we know.
pub(crate) fn links(world: &World, project: &Project, train: &TrainDecl) -> Result<Option<Links>, Failure> {
    let name = train.tags.push.as_deref().unwrap_or("origin");
    let remote = match project.adapters.vcs.as_ref().map(|vcs| vcs.name()) {
        Some(vcs @ ("git" | "jj")) => {
            adapters::open_remote(&world.root, &world.env, vcs, name).map_err(workspace_error)?
        }
        _ => None,
    };
    let forge = project.config.as_ref().and_then(|config| config.forge.as_deref());
    Ok(remote.and_then(|remote| Links::of(forge, &remote.address())))
}

fn tell(flags: &Flags, world: &World, project: &Project, train: &TrainDecl) -> Result<Vec<Told>, Failure> {
    let wanted = project.chosen(train, &flags.packages)?;
    let versions = match &flags.at {
        None => next(flags, world, project, train, &wanted)?,
        Some(at) => earlier(at, world, project, train, &wanted)?,
    };
    let links = links(world, project, train)?;
    let plans = version_plan::plans(&*project.tree.files, &train.plans_dir)?;
    let template = template(project, train)?;
    let template = template.as_ref().map(|(file, text)| Template { file, text });
    let reported = Reported {
        config: project.config.as_ref(),
        train,
        workspace: &project.workspace,
        commits: &versions.commits,
        head: versions.head.as_ref(),
        tags: &versions.tags,
        plans: &plans,
        links: links.as_ref(),
    };
    let planned = &versions.planned;
    let mut told = Vec::with_capacity(planned.len());
    for (mut news, planned) in rules::news(&reported, planned).into_iter().zip(planned) {
        if flags.date.is_some() {
            news.date.clone_from(&flags.date);
        }
        let text = rules::render(&news, template)?;
        told.push(Told {
            id: planned.package.clone(),
            news,
            text,
        });
    }
    Ok(told)
}

/// Versions, the commits they name, and all tags; the commit that is checked out.
struct Versions {
    planned: Vec<PlannedVersion>,
    commits: Vec<Commit>,
    tags: Vec<Tag>,
    head: Option<CommitId>,
}

/// The next versions.
fn next(
    flags: &Flags,
    world: &World,
    project: &Project,
    train: &TrainDecl,
    wanted: &BTreeSet<PackageId>,
) -> Result<Versions, Failure> {
    let history = History::of(world, project, train, &flags.versions)?;
    let is_named = !flags.packages.is_empty();
    let is_told = |planned: &&PlannedVersion| {
        wanted.contains(&planned.package) && (is_named || planned.bump != model::Bump::None)
    };
    let planned: Vec<PlannedVersion> = history.versions.iter().filter(is_told).cloned().collect();
    if let Some(nothing) = planned.iter().find(|planned| planned.bump == model::Bump::None) {
        let name = project.workspace.display_name(&nothing.package);
        let message = format!("`{name}` has nothing to release: {}", nothing.reason);
        return Err(
            Failure::new(Kind::Config, message).hint("`--at VERSION` shows what an earlier version was")
        );
    }
    Ok(Versions {
        planned,
        commits: history.log,
        tags: history.tags,
        head: history.head.commit,
    })
}

/// Versions that are released already.
fn earlier(
    at: &str,
    world: &World,
    project: &Project,
    train: &TrainDecl,
    wanted: &BTreeSet<PackageId>,
) -> Result<Versions, Failure> {
    let past = Past::read(project, train)?;
    let input = past.input(project, train);
    let mut planned = rules::released(&input, wanted, at)?;
    if planned.is_empty() {
        return Err(Failure::new(
            Kind::Config,
            format!("no package has a tag that is `{at}`, or of that version"),
        )
        .hint(format!(
            "`git tag --list` shows the tags; those of this train are written `{}`",
            train.tag_format
        )));
    }
    recall_plans(world, project, &input, &mut planned, true)?;
    Ok(Versions {
        planned,
        commits: past.log,
        tags: past.tags,
        head: past.head,
    })
}

/// The template from the repository, if the train names one.
fn template(project: &Project, train: &TrainDecl) -> Result<Option<(String, String)>, Failure> {
    let Some(file) = &train.changelog.template else {
        return Ok(None);
    };
    let at = || Location::file(file.as_str());
    match project.tree.files.read(file) {
        Ok(text) => Ok(Some((file.clone(), text))),
        Err(reason) => Err(Diagnostic::error(reason, at())
            .hint("`changelog(template = ...)` names a file of the repository")
            .into()),
    }
}

/// Writes the changelogs that change; their paths.
fn write(
    flags: &Flags,
    world: &World,
    project: &Project,
    train: &TrainDecl,
    told: &[Told],
) -> Result<Vec<String>, Failure> {
    let files = if flags.workspace {
        let Some(file) = &train.changelog.workspace_file else {
            return Err(Failure::new(
                Kind::Config,
                "there is no changelog of the whole repository to write to",
            )
            .hint("name its file: `changelog = changelog(workspace_file = \"CHANGELOG.md\")` in the train"));
        };
        let existing = existing(project, file)?;
        let new = rules::insert_release(
            existing.as_deref(),
            &rules::title(told.iter().map(|told| &told.news)),
            &parts(told),
        );
        BTreeMap::from([(file.clone(), (existing, new))])
    } else {
        own_files(flags, project, train, told)?
    };
    // Only when all of them are known to be right.
    let places = files
        .keys()
        .map(|file| place(world, file))
        .collect::<Result<Vec<PathBuf>, Failure>>()?;
    if places.iter().collect::<BTreeSet<_>>().len() < places.len() {
        let message = "links lead from several packages' changelogs to one file";
        return Err(Failure::new(Kind::Config, message).hint("give each a file; nothing was written"));
    }
    let mut written = Vec::new();
    for ((file, (existing, new)), path) in files.into_iter().zip(places) {
        if existing.as_ref() != Some(&new) {
            let folder = path.parent().unwrap_or(&world.root);
            std::fs::create_dir_all(folder).map_err(cas::Error::io("make the folder", folder))?;
            cas::write_atomically(&path, new.as_bytes())?;
            written.push(file);
        }
    }
    Ok(written)
}

/// Where a changelog is; a link stays a link.
fn place(world: &World, file: &str) -> Result<PathBuf, Failure> {
    let path = target(world, file);
    if path.starts_with(&world.root) && !path.is_symlink() {
        return Ok(path);
    }
    let message = format!("`{file}` is a link to something that is not in the repository");
    Err(Failure::new(Kind::Config, message).hint("make it a file; nothing was written"))
}

/// By path, what a file holds and what it is going to hold.
type Files = BTreeMap<String, (Option<String>, String)>;

fn own_files(flags: &Flags, project: &Project, train: &TrainDecl, told: &[Told]) -> Result<Files, Failure> {
    let how = Insertion {
        overwrite: flags.overwrite,
        by_version: flags.at.is_some(),
    };
    let all = told.iter().filter_map(|one| {
        let package = project.workspace.get(&one.id)?;
        Some((one, package, &one.news.version))
    });
    let mut files = Files::new();
    for (file, one) in rules::own_changelogs(train, all)? {
        let existing = existing(project, &file)?;
        let template = train.changelog.template.as_deref().unwrap_or(&file);
        let new =
            rules::insert(existing.as_deref(), &one.text, &one.news.version, how).map_err(|reason| {
                Diagnostic::error(reason, Location::file(template))
                    .hint("a template begins with a heading such as `## {{ version }}`")
            })?;
        files.insert(file, (existing, new));
    }
    Ok(files)
}

/// The text of a changelog that is there. One that git ignores is there too.
fn existing(project: &Project, file: &str) -> Result<Option<String>, Failure> {
    match std::fs::read(project.tree.files.locate(file)) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| {
            Diagnostic::error("this changelog is not UTF-8", Location::file(file))
                .hint("convert it; nothing was written")
                .into()
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(
            Kind::Config,
            format!("cannot read `{file}`: {error}"),
        )),
    }
}

fn parts(told: &[Told]) -> Vec<Part> {
    let part = |told: &Told| Part {
        name: told.news.package.clone(),
        version: told.news.version.clone(),
        comparison: told.news.comparison(),
        text: told.text.clone(),
    };
    told.iter().map(part).collect()
}

fn shown(flags: &Flags, told: &[Told]) -> String {
    if flags.notes {
        let packages: Vec<(&News, &str)> = told.iter().map(|told| (&told.news, told.text.as_str())).collect();
        return rules::notes(&packages);
    }
    if flags.workspace {
        return rules::release_section(&rules::title(told.iter().map(|told| &told.news)), &parts(told));
    }
    let is_named = told.len() > 1 && flags.format == Format::Text;
    let one = |told: &Told| {
        if is_named {
            format!("# {}\n\n{}", printable(&told.news.package), told.text)
        } else {
            told.text.clone()
        }
    };
    told.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn package(told: &Told) -> Value {
    let news = &told.news;
    json!({
        "name": told.id.name,
        "ecosystem": told.id.ecosystem,
        "version": news.version.to_string(),
        "date": news.date,
        "tag": news.tag,
        "previous_tag": news.previous_tag,
        "channel": news.channel,
        "compare": news.comparison(),
        "sections": news.sections(),
        "markdown": told.text,
    })
}
