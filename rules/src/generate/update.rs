//! Brings an existing RELEASE.star up to date.

use std::collections::{BTreeMap, BTreeSet};

use model::{Diagnostic, Package};

use super::directive::Directives;
use super::edit::Edits;
use super::infer;
use super::layout::{heading, is_rule, title};
use super::source::Source;
use super::syntax::{Kind, Statement};
use super::{Declared, Found, loads, members, prune, regroup};

/// What the steps of an update share.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) found: &'a Found<'a>,
    /// What is declared already, by whatever means.
    pub(super) known: Declared,
    /// The packages to declare, with the group each joins.
    pub(super) new: Vec<(&'a Package, Option<String>)>,
}

/// The text of `existing`, brought up to date with what is in the repository.
///
/// Declarations of new packages are added after the last of their kind, those of packages that are gone are
/// removed; whatever else there is, hand-made or not, stays byte for byte, in its order. Only calls that stand on
/// their own with a literal name are ever removed or changed: what loops and functions declare (`declared` says)
/// is theirs. Packages outside the file's folder are for other files to declare. A file that is up to date comes back as it is, and so does the result of an update.
///
/// # Errors
/// The file cannot be parsed, or a `# releasekit:generate` directive makes no sense.
pub fn update(
    existing: &str,
    file: &str,
    found: &Found<'_>,
    declared: &Declared,
) -> Result<String, Vec<Diagnostic>> {
    const MARK: &str = "\u{feff}";
    let (mark, text) = existing
        .strip_prefix(MARK)
        .map_or(("", existing), |text| (MARK, text));
    let original = Source::parse(text, file)?;
    let directives = Directives::read(&original)?;
    let known = declared.with(&original);
    let names = infer::workspaces(found, &known);
    let mut joined = infer::joined(infer::groups(found, &names), &known);
    let new = found.releasable().into_iter().filter(|package| {
        infer::inside(&package.path, original.folder()).is_some()
            && !known.packages.contains_key(&package.id)
            && !known.excludes(package)
            && !directives.ignores(&package.id)
            && !directives.ignores_folder_of(package)
    });
    let new: Vec<(&Package, Option<String>)> = new
        .map(|package| {
            let group = joined.remove(&package.id).flatten();
            (package, directives.group(&package.id).cloned().or(group))
        })
        .collect();
    let context = Context { found, known, new };

    let mut text = add(&original, &context, &names);
    for step in [prune::prune, regroup::leave, members::join] {
        let source = Source::parse(&text, file)?;
        text = step(&source, &Directives::read(&source)?, &context);
    }
    for step in [loads::add, loads::drop_unused] {
        let source = Source::parse(&text, file)?;
        text = step(&source, &Directives::read(&source)?, &original);
    }
    // Whatever happens, nobody is handed a file that does not parse.
    Source::parse(&text, file)?;
    Ok(format!("{mark}{text}"))
}

/// Whether a file puts headings between rules of dashes.
pub(super) fn uses_headings(source: &Source) -> bool {
    source.comments.iter().any(|comment| is_rule(source.at(*comment)))
}

/// Adds declarations of new workspaces and packages.
fn add(source: &Source, context: &Context<'_>, names: &BTreeMap<infer::Place, String>) -> String {
    let mut edits = Edits::new(source);
    let headings = uses_headings(source);
    let last = |wanted: &dyn Fn(&str) -> bool| source.statements.iter().rfind(|found| found.makes(wanted));
    let local = |function: String| {
        source
            .local_name(&function)
            .map_or(function.clone(), str::to_owned)
    };

    let workspaces = last(&|function| function.ends_with("_workspace"));
    let any_workspace = workspaces.or_else(|| preamble(source));
    let homeless = context
        .new
        .iter()
        .filter(|(package, _)| context.known.workspace_of(package).is_none());
    let homeless: BTreeSet<infer::Place> = homeless.map(|(package, _)| infer::place(package)).collect();
    let mut titled = workspaces.is_some() || !headings;
    for (place, name) in names.iter().filter(|(place, _)| homeless.contains(*place)) {
        // A workspace above this file's folder is for another file to declare.
        let root = infer::inside(&place.1, source.folder());
        let Some(root) = root else { continue };
        let function = format!("{}_workspace", place.0);
        let after = last(&|other| other == function).or(any_workspace);
        if !std::mem::replace(&mut titled, true) {
            edits.paragraph(after, heading("Workspaces"));
        }
        edits.paragraph(
            after,
            infer::workspace_call(&local(function), place, root, name, context.found),
        );
    }

    let any_package = last(&|function| function.ends_with("_package")).or(any_workspace);
    for packages in context
        .new
        .chunk_by(|(one, _), (other, _)| one.id.ecosystem == other.id.ecosystem)
    {
        let Some((first, _)) = packages.first() else {
            continue;
        };
        let function = format!("{}_package", first.id.ecosystem);
        let same = last(&|other| other == function);
        let after = same.or(any_package);
        if headings && same.is_none() {
            edits.paragraph(after, heading(&title(&first.id.ecosystem)));
        }
        let function = local(function);
        for (package, group) in packages {
            let call = infer::package_call(&function, package, group.as_deref(), context.found);
            edits.paragraph(after, call);
        }
    }
    edits.apply()
}

/// The last of the statements that open a file: loads and what is said about the repository.
fn preamble(source: &Source) -> Option<&Statement> {
    source.statements.iter().rfind(|statement| match &statement.kind {
        Kind::Load { .. } => true,
        Kind::Call(call) => matches!(call.function.as_str(), "vcs" | "forge" | "config"),
        _ => false,
    })
}
