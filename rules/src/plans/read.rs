//! Reading version plans, with a line for everything that is wrong in one.

use model::{Bump, Diagnostic, Location, VersionPlan};

use super::BUMPS;

/// What stands before and after the packages.
const FENCE: &str = "---";

/// Whether the file of that name is a plan, if it is in the folder of plans: Markdown, and not a `README.md`.
#[must_use]
pub fn is_plan(file_name: &str) -> bool {
    let name = file_name.to_ascii_lowercase();
    name.strip_suffix(".md")
        .is_some_and(|stem| !stem.is_empty() && stem != "readme")
}

/// The plans in `files`, each a path and its text, sorted by path. Files that are no plans are passed over. A plan
/// that names no package says that nothing has to be released.
///
/// # Errors
/// What is wrong in them, with file and line: no front matter, a line that is no package with its bump, an unknown
/// bump, a package that is named twice.
pub fn read(files: &[(String, String)]) -> Result<Vec<VersionPlan>, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let mut plans = Vec::new();
    for (path, text) in files {
        if is_plan(path.rsplit('/').next().unwrap_or(path)) {
            match one(path, text) {
                Ok(plan) => plans.push(plan),
                Err(found) => wrong.extend(found),
            }
        }
    }
    plans.sort_by(|one, other| one.file.cmp(&other.file));
    if wrong.is_empty() { Ok(plans) } else { Err(wrong) }
}

fn one(path: &str, text: &str) -> Result<VersionPlan, Vec<Diagnostic>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let error = |line: usize, message: String, hint: &str| {
        let line = u32::try_from(line).unwrap_or_default();
        let at = Location {
            line,
            ..Location::file(path)
        };
        Diagnostic::error(message, at).hint(hint)
    };
    let shape = "a version plan begins with `---`, then a line such as `\"core\": minor` for each package, then `---`";
    if text.trim().is_empty() {
        return Err(vec![error(0, "this version plan is empty".to_owned(), shape)]);
    }
    let mut lines = text
        .lines()
        .enumerate()
        .skip_while(|(_, line)| line.trim().is_empty());
    match lines.next() {
        Some((_, first)) if first.trim_end() == FENCE => {}
        first => {
            let line = first.map_or(1, |(at, _)| at + 1);
            return Err(vec![error(
                line,
                "this version plan has no front matter".to_owned(),
                shape,
            )]);
        }
    }
    let (mut bumps, mut wrong): (Vec<(String, Bump)>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
    let mut is_closed = false;
    for (at, line) in lines.by_ref() {
        let line = line.trim();
        if line == FENCE {
            is_closed = true;
            break;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match package(line) {
            Ok((name, _)) if bumps.iter().any(|(other, _)| *other == name) => {
                let message = format!("`{name}` is named twice in this version plan");
                wrong.push(error(
                    at + 1,
                    message,
                    "keep the larger bump, and put both texts below",
                ));
            }
            Ok(bump) => bumps.push(bump),
            Err((message, hint)) => wrong.push(error(at + 1, message, &hint)),
        }
    }
    if !is_closed {
        // Whatever follows was read as packages, and there is no use in complaining about each line.
        let last = text.lines().count();
        return Err(vec![error(
            last,
            "the front matter of this version plan does not end".to_owned(),
            shape,
        )]);
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let rest: Vec<&str> = lines.map(|(_, line)| line).collect();
    Ok(VersionPlan {
        file: path.to_owned(),
        bumps,
        text: rest.join("\n").trim().to_owned(),
    })
}

/// `"name": bump`; quotes and a remark after `#` may be there.
fn package(line: &str) -> Result<(String, Bump), (String, String)> {
    let shape = || "write `\"NAME\": BUMP`, such as `\"core\": minor`".to_owned();
    let no_package = || (format!("`{line}` is no package with its bump"), shape());
    let (name, rest) = match line.chars().next() {
        Some(quote @ ('"' | '\'')) => line[1..].split_once(quote).ok_or_else(no_package)?,
        // Names may hold colons; what follows the name is a colon and a space.
        _ => {
            let at = line
                .find(": ")
                .or_else(|| line.rfind(':'))
                .ok_or_else(no_package)?;
            (line[..at].trim(), &line[at..])
        }
    };
    let value = rest.trim_start().strip_prefix(':').ok_or_else(no_package)?;
    let value = value.split(" #").next().unwrap_or_default();
    let value = value.trim().trim_matches(['"', '\'']);
    if name.is_empty() {
        return Err(no_package());
    }
    match BUMPS.iter().find(|(word, _)| *word == value) {
        Some((_, bump)) => Ok((name.to_owned(), *bump)),
        None => Err((format!("`{value}` is no bump"), hint(value))),
    }
}

fn hint(value: &str) -> String {
    let words: Vec<&str> = BUMPS.iter().map(|(word, _)| *word).collect();
    if value.starts_with("pre") {
        return "write `major`, `minor` or `patch`: the channel decides whether it becomes a pre-release"
            .to_owned();
    }
    match engine::nearest(&value.to_ascii_lowercase(), words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("bumps are {}", words.join(", ")),
    }
}
