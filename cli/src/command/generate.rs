//! `generate`: RELEASE.star from the packages that are there.

use clap::Args;
use model::{Diagnostic, Tag};
use rules::{Changesets, Declared, Found, FoundWorkspace};

use crate::command::version_plan;
use crate::exit::{Failure, Kind};
use crate::foresight::foresee;
use crate::project::{CONFIG_FILE, Project};
use crate::world::{World, workspace_error};

/// What changesets' plans are known by, and where they are.
const CHANGESETS: &str = ".changeset/config.json";
/// What they keep while a pre-release is open.
const CHANGESETS_PRE: &str = ".changeset/pre.json";
const CHANGESETS_FOLDER: &str = ".changeset";

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit generate                     show a new RELEASE.star
  releasekit generate --write             write it
  releasekit generate --update --write    add what is new, drop what is gone, keep everything else
  releasekit generate --check             exit 4 if `--update` would change something

In RELEASE.star, `# releasekit:generate ignore` above a call keeps it as it is, `# releasekit:generate ignore NAME`
leaves a package out, and `# releasekit:generate group=NAME` above a package puts it into that group.")]
pub(crate) struct Flags {
    /// Write the file; without it the text is only shown
    #[arg(long)]
    write: bool,
    /// Change an existing file: add what is new, drop what is gone, keep every comment and hand-made change
    #[arg(long)]
    update: bool,
    /// Change nothing; say what `--update` would change, and exit 4 if that is anything
    #[arg(long, conflicts_with_all = ["write", "update"])]
    check: bool,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let path = world.root.join(CONFIG_FILE);
    let existing = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            return Err(Failure::new(
                Kind::Config,
                format!("cannot read `{CONFIG_FILE}`: {error}"),
            ));
        }
    };
    // What is declared must not limit what is found, or nothing new would ever be.
    let project = Project::everywhere(world)?;
    let text = match &existing {
        Some(existing) if flags.update || flags.check => updated(existing, &project)?,
        _ => fresh(world, project, flags.write)?,
    };
    let is_same = existing.as_ref() == Some(&text);
    if flags.check {
        return check(world, existing.as_deref(), &text);
    }
    if !flags.write {
        world.terminal.result(&text)?;
        return Ok(Kind::Done);
    }
    if is_same {
        world.terminal.note(&format!("{CONFIG_FILE} is up to date"));
        return Ok(Kind::Done);
    }
    if existing.is_some() && !flags.update {
        return Err(Failure::new(
            Kind::Config,
            format!("`{CONFIG_FILE}` is there already, and nothing was written"),
        )
        .hint("`--update --write` changes it and keeps what you wrote by hand"));
    }
    cas::write_atomically(&path, text.as_bytes())?;
    world.terminal.note(&format!("wrote {CONFIG_FILE}"));
    Ok(Kind::Done)
}

/// A new file for everything that is there: the best that would not be refused afterwards.
///
/// # Errors
/// Each would be, and it `is_written`; otherwise that is only a warning.
pub(crate) fn fresh(world: &World, mut project: Project, is_written: bool) -> Result<String, Failure> {
    let (roots, ecosystems, tags) = (roots(&project), ecosystems(&project), tags(&project)?);
    let plans_dir = project
        .tree
        .files
        .files()
        .contains(CHANGESETS)
        .then_some(CHANGESETS_FOLDER);
    let changesets = changesets(&project)?;
    for remark in &changesets.remarks {
        let remark = remark.trim_end_matches('.');
        world.terminal.diagnose(&Diagnostic::warning(remark, None));
    }
    let found = Found {
        fixed: &changesets.fixed,
        remarks: &changesets.remarks,
        ..found(&project, &roots, &ecosystems, &tags)
    };
    let mut forms = rules::forms(&Found { plans_dir, ..found });
    let planned = forms.len();
    if plans_dir.is_some() {
        forms.extend(rules::forms(&found));
    }
    let mut why = None;
    for (number, text) in forms.iter().enumerate() {
        match foresee(world, &mut project, text) {
            Ok(()) => {
                let left_out = why.as_ref().filter(|_| number >= planned);
                warn(world, &project, &tags, left_out)?;
                return Ok(text.clone());
            }
            Err(failure) => why = why.or(Some(failure)),
        }
    }
    let best = forms.into_iter().next().unwrap_or_default();
    match why {
        Some(failure) if is_written => Err(failure),
        Some(failure) => {
            let message = format!("this configuration would be refused: {failure}");
            world.terminal.diagnose(&Diagnostic::warning(message, None));
            Ok(best)
        }
        None => Ok(best),
    }
}

/// Says what a new configuration passes over: tags that name nobody, plans for packages that nobody releases, and all
/// plans, if they would be refused for the reason that is `left_out`.
fn warn(world: &World, project: &Project, tags: &[Tag], left_out: Option<&Failure>) -> Result<(), Failure> {
    if let Some(failure) = left_out {
        let message = format!("the version plans in `{CHANGESETS_FOLDER}` are left out: {failure}");
        let hint = format!(
            "once that is put right, `version_strategy = \"plans\", plans_dir = \"{CHANGESETS_FOLDER}\"` in \
             `release_train` takes them"
        );
        world
            .terminal
            .diagnose(&Diagnostic::warning(message, None).hint(hint));
    }
    for train in &project.config().trains {
        let plans = version_plan::plans(&*project.tree.files, &train.plans_dir)?;
        let told = [
            rules::unread_tags(&project.workspace, tags, train, project.config.as_ref()),
            rules::plans::passed_over(&plans, &project.workspace),
        ];
        told.iter().flatten().for_each(|one| world.terminal.diagnose(one));
    }
    Ok(())
}

/// What changesets was told, if it is there.
fn changesets(project: &Project) -> Result<Changesets, Failure> {
    let files = &*project.tree.files;
    let read = |path: &'static str| {
        let text = files.files().contains(path).then(|| files.read(path)).transpose();
        let text = text.map_err(|reason| Failure::new(Kind::Config, reason))?;
        Ok::<_, Failure>(text.map(|text| (path, text)))
    };
    let Some((path, config)) = read(CHANGESETS)? else {
        return Ok(Changesets::default());
    };
    let pre = read(CHANGESETS_PRE)?;
    let pre = pre.as_ref().map(|(path, text)| (*path, text.as_str()));
    Changesets::read((path, &config), pre, &project.workspace).map_err(|wrong| vec![wrong].into())
}

fn updated(existing: &str, project: &Project) -> Result<String, Failure> {
    let (roots, ecosystems, tags) = (roots(project), ecosystems(project), tags(project)?);
    let declared = project.config.as_ref().map(Declared::from).unwrap_or_default();
    Ok(rules::update(
        existing,
        CONFIG_FILE,
        &found(project, &roots, &ecosystems, &tags),
        &declared,
    )?)
}

fn found<'a>(
    project: &'a Project,
    roots: &'a [FoundWorkspace],
    ecosystems: &'a [&'a str],
    tags: &'a [Tag],
) -> Found<'a> {
    Found {
        workspace: &project.workspace,
        roots,
        ecosystems,
        vcs: project.adapters.vcs.as_ref().map_or("git", |vcs| vcs.name()),
        tags,
        plans_dir: None,
        fixed: &[],
        remarks: &[],
    }
}

fn tags(project: &Project) -> Result<Vec<Tag>, Failure> {
    let tags = project.adapters.vcs.as_ref().map(|vcs| vcs.tags());
    tags.unwrap_or(Ok(Vec::new())).map_err(workspace_error)
}

/// The roots that are there, with the members that RELEASE.star gives them.
fn roots(project: &Project) -> Vec<FoundWorkspace> {
    let declared = project.config.iter().flat_map(|config| &config.workspaces);
    let declared: Vec<_> = declared.collect();
    let of = |(name, ecosystem): (&&str, &std::sync::Arc<dyn model::Ecosystem>)| {
        let ecosystem_name = (*name).to_owned();
        let roots = ecosystem.roots(&*project.tree.files).into_iter();
        let members = |root: &str| {
            let mut declared = declared.iter();
            let is_it =
                |decl: &&&model::WorkspaceDecl| decl.ecosystem == *ecosystem.name() && decl.root == root;
            declared
                .find(is_it)
                .map_or(Vec::new(), |decl| decl.members.clone())
        };
        let found: Vec<FoundWorkspace> = roots
            .map(|root| FoundWorkspace {
                ecosystem: ecosystem_name.clone(),
                members: members(&root),
                root,
            })
            .collect();
        found
    };
    project.adapters.ecosystems.iter().flat_map(of).collect()
}

fn ecosystems(project: &Project) -> Vec<&'static str> {
    project.adapters.ecosystems.keys().copied().collect()
}

fn check(world: &World, existing: Option<&str>, text: &str) -> Result<Kind, Failure> {
    if existing == Some(text) {
        world.terminal.note(&format!("{CONFIG_FILE} is up to date"));
        return Ok(Kind::Done);
    }
    world
        .terminal
        .result(&rules::diff(existing.unwrap_or_default(), text))?;
    Err(
        Failure::new(Kind::Refused, format!("`{CONFIG_FILE}` is not up to date"))
            .hint("`releasekit generate --update --write` brings it up to date"),
    )
}
