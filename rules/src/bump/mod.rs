//! New versions because a person says so: written everywhere they stand, or nowhere.

mod choose;
mod level;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Adapters, Config, Diagnostic, Location, Mention, MentionKind, Package, PackageId, Refresh, SourceTree,
    Version, Workspace,
};

use crate::bump_file::{bumped, spliced};
use crate::check::{mentions, of_ecosystem, says};
use crate::following::{Changed, following};
use crate::overlay::Overlay;
use crate::placeholder::is_placeholder;

pub use choose::Choice;
pub use level::{Level, Wish};

/// The word of pre-releases where nobody says another one.
const WORD: &str = "rc";

/// What a bump is made from.
#[derive(Clone, Copy)]
pub struct BumpInput<'a> {
    /// Who knows where versions stand.
    pub adapters: &'a Adapters,
    /// The files.
    pub tree: &'a dyn SourceTree,
    /// What RELEASE.star said, if there is one.
    pub config: Option<&'a Config>,
    /// The packages.
    pub workspace: &'a Workspace,
    /// The last released version of each package with its tag, as far as they are known.
    pub released: &'a BTreeMap<PackageId, (Version, String)>,
    /// Which packages.
    pub choice: &'a Choice,
    /// To which version.
    pub wish: &'a Wish,
    /// The word of pre-releases, if one was asked for.
    pub pre: Option<&'a str>,
}

/// One package's new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bumped {
    /// Which package.
    pub package: PackageId,
    /// The version it has.
    pub from: Version,
    /// The version it gets.
    pub to: Version,
}

/// A file's text as it is and as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// As it is.
    pub old: String,
    /// As it will be.
    pub new: String,
}

/// What a bump does; nothing was written yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BumpPlan {
    /// The packages that get another version, sorted.
    pub versions: Vec<Bumped>,
    /// The files that change, by path.
    pub files: BTreeMap<String, Rewritten>,
    /// The lock files that have to follow, sorted by path.
    pub refreshes: Vec<Refresh>,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BumpError {
    /// The choice makes no sense.
    Choice(Vec<Diagnostic>),
    /// It cannot be done in this repository.
    Refused(Vec<Diagnostic>),
}

impl From<Vec<Diagnostic>> for BumpError {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::Refused(diagnostics)
    }
}

/// Plans new versions: of the packages themselves, in the requirements of those who need them and would be left
/// behind, and in bump files. The new texts are read again and must say just what was wanted.
///
/// # Errors
/// Nothing or nobody of that name was chosen; a version would not grow; a place for a version cannot be read or
/// written.
pub fn bump(input: &BumpInput<'_>) -> Result<BumpPlan, BumpError> {
    let present = mentions(input.adapters, input.tree, input.workspace)?;
    let units = choose::units(input, &present)?;
    if units.is_empty() {
        let lacking = input.config.map(|config| crate::lacking(config, input.workspace));
        if let Some(lacking) = lacking.filter(|lacking| !lacking.is_empty()) {
            return Err(BumpError::Refused(lacking));
        }
        return Err(BumpError::Refused(vec![
            Diagnostic::error(
                "what was chosen has placeholder versions only, and nothing was written",
                None,
            )
            .hint("a placeholder is filled in while building; write a real version into the manifest first"),
        ]));
    }
    let wanted = wanted(input, &units)?;
    let mut overlay = Overlay::new(input.tree);
    let mut wrong = Vec::new();
    // These are found by what stands there now, manifests by their places.
    bump_files(input, &wanted, &mut overlay, &mut wrong);
    for (ecosystem, files) in &input.adapters.version_files {
        let packages = of_ecosystem(input.workspace, ecosystem);
        match files.rewritten(&overlay, &packages, &wanted) {
            Ok(texts) => overlay.extend(texts),
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    if !wrong.is_empty() {
        return Err(BumpError::Refused(wrong));
    }
    read_again(input, &overlay, &wanted)?;
    let files = changed(input.tree, overlay)?;
    Ok(BumpPlan {
        refreshes: refreshes(input, &present, &wanted, &files),
        versions: versions(input.workspace, wanted),
        files,
    })
}

/// The new version of every chosen package. All of a unit get what the highest version grows to that one of them has,
/// or was released as.
fn wanted(
    input: &BumpInput<'_>,
    units: &[BTreeSet<PackageId>],
) -> Result<BTreeMap<PackageId, Version>, BumpError> {
    let train = input.config.and_then(Config::default_train);
    let otherwise = train
        .and_then(|train| train.prerelease_token.as_deref())
        .unwrap_or(WORD);
    let (mut wanted, mut wrong) = (BTreeMap::new(), Vec::new());
    for unit in units {
        let members: Vec<&Package> = unit.iter().filter_map(|id| input.workspace.get(id)).collect();
        let Some(highest) = members.iter().max_by_key(|member| &member.version) else {
            continue;
        };
        let released = unit.iter().filter_map(|id| input.released.get(id)).max();
        let from = released.map_or(&highest.version, |(version, _)| version.max(&highest.version));
        let next = match input.wish {
            Wish::Version(version) => Ok(version.clone()),
            Wish::Level(level) => level::above(from, *level, input.pre, otherwise),
        };
        match next {
            Err(reason) => wrong.push(
                Diagnostic::error(reason.to_string(), None)
                    .hint("name the version instead of a level: `releasekit bump 1.4.0`"),
            ),
            Ok(next) if *from > next || members.iter().all(|member| member.version >= next) => {
                wrong.push(too_low(input, highest, released, &next));
            }
            Ok(next) => wanted.extend(unit.iter().map(|id| (id.clone(), next.clone()))),
        }
    }
    if wrong.is_empty() {
        Ok(wanted)
    } else {
        Err(BumpError::Refused(wrong))
    }
}

/// A version that is not above what is there, or was released.
fn too_low(
    input: &BumpInput<'_>,
    highest: &Package,
    released: Option<&(Version, String)>,
    next: &Version,
) -> Diagnostic {
    let name = input.workspace.display_name(&highest.id);
    let why = match released.filter(|(version, _)| *version > highest.version) {
        Some((_, tag)) => format!("`{tag}` was released already"),
        None => format!("it has {} already", highest.version),
    };
    let hint = if highest.version == *next {
        "`releasekit check` says whether it is the same everywhere"
    } else {
        "a version never goes down: choose a higher one, or edit the manifest by hand"
    };
    let message = format!("`{name}` cannot get {next}: {why}");
    Diagnostic::error(message, Location::file(&*highest.manifest)).hint(hint)
}

/// The new texts of the bump files of packages that get another version.
fn bump_files(
    input: &BumpInput<'_>,
    wanted: &BTreeMap<PackageId, Version>,
    overlay: &mut Overlay<'_>,
    wrong: &mut Vec<Diagnostic>,
) {
    let parts = bumped(input.config, input.workspace, |id| wanted.get(id).cloned());
    let paths: BTreeSet<&String> = parts
        .iter()
        .filter(|part| part.to.is_some())
        .map(|part| &part.path)
        .collect();
    for path in paths {
        let text = overlay.read(path).map_err(|reason| {
            Diagnostic::error(format!("a bump file: {reason}"), Location::file(&**path))
                .hint("correct `bump_files` in RELEASE.star, or bring the file back")
        });
        match text.and_then(|text| spliced(path, &text, &parts)) {
            Ok(text) => overlay.extend(BTreeMap::from([(path.clone(), text)])),
            Err(diagnostic) => wrong.push(diagnostic),
        }
    }
}

/// Finds the packages in the new texts: each must have the version that was wanted, and those who need it must be
/// content.
fn read_again(
    input: &BumpInput<'_>,
    overlay: &Overlay<'_>,
    wanted: &BTreeMap<PackageId, Version>,
) -> Result<(), BumpError> {
    let workspace = crate::discover(input.adapters, overlay, input.config)?;
    let found = mentions(input.adapters, overlay, &workspace)?;
    let mut wrong = Vec::new();
    for (id, version) in wanted {
        let has = workspace.get(id).map(|package| &package.version);
        if has != Some(version) {
            let reads = has.map_or_else(
                || "there is no such package".to_owned(),
                |has| format!("it reads {has}"),
            );
            let message = format!("`{id}` cannot be given {version}: written into its manifest, {reads}");
            let at = input
                .workspace
                .get(id)
                .map(|package| Location::file(&*package.manifest));
            wrong.push(
                Diagnostic::error(message, at).hint("choose a version its ecosystem can say (Python knows alpha, beta, rc and dev), and write it as a plain text"),
            );
        }
    }
    for mention in found {
        let Some(package) = workspace
            .get(&mention.package)
            .filter(|package| wanted.contains_key(&package.id))
        else {
            continue;
        };
        let is_wrong = match mention.kind {
            MentionKind::Requirement => !mention.fits,
            MentionKind::Manifest => !says(&mention.text, package),
            MentionKind::Lock => false,
        };
        if is_wrong {
            wrong.push(left_behind(&mention, package));
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(BumpError::Refused(wrong))
    }
}

fn left_behind(mention: &Mention, package: &Package) -> Diagnostic {
    let at = Location {
        line: mention.line,
        ..Location::file(&*mention.file)
    };
    let message = format!(
        "`{}` in {} cannot be made to agree with `{}` {}",
        mention.text,
        mention.place,
        package.name(),
        package.version
    );
    Diagnostic::error(message, at).hint("change it by hand first; nothing was written")
}

/// The files whose text is another one now, with both texts.
fn changed(tree: &dyn SourceTree, overlay: Overlay<'_>) -> Result<BTreeMap<String, Rewritten>, BumpError> {
    let mut files = BTreeMap::new();
    for (path, new) in overlay.into_texts() {
        let old = tree
            .read(&path)
            .map_err(|reason| vec![Diagnostic::error(reason, Location::file(&*path))])?;
        if old != new {
            files.insert(path, Rewritten { old, new });
        }
    }
    Ok(files)
}

/// The lock files that have to follow, sorted by path.
fn refreshes(
    input: &BumpInput<'_>,
    present: &[Mention],
    wanted: &BTreeMap<PackageId, Version>,
    files: &BTreeMap<String, Rewritten>,
) -> Vec<Refresh> {
    let files = files.keys().map(String::as_str).collect();
    let changed = Changed {
        versions: wanted,
        files: &files,
    };
    let found = following(input.adapters, input.tree, input.workspace, present, changed);
    found.into_iter().map(|one| one.refresh).collect()
}

fn versions(workspace: &Workspace, wanted: BTreeMap<PackageId, Version>) -> Vec<Bumped> {
    let bumped = wanted.into_iter().filter_map(|(id, to)| {
        let package = workspace.get(&id).filter(|package| !is_placeholder(package))?;
        Some(Bumped {
            from: package.version.clone(),
            package: id,
            to,
        })
    });
    bumped.filter(|bumped| bumped.from != bumped.to).collect()
}
