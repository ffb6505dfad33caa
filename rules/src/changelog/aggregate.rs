//! The changelog of a whole repository: a section for each release, with a subsection for each package.

use model::Version;

use super::escape;
use super::headings::{Heading, MARK, end, headings, is_version, version};
use super::insert::{begun, spliced};

/// One package's part in a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What the package is called.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The address of the comparison with the version before, if there is one.
    pub comparison: Option<String>,
    /// The text of the version, as [`super::render`] makes it.
    pub text: String,
}

/// The section of a release: a heading, and a subsection for each package.
#[must_use]
pub fn release_section(title: &str, parts: &[Part]) -> String {
    let parts: Vec<String> = parts.iter().map(Part::subsection).collect();
    format!("## {}\n\n{}", escape::text(title), parts.join("\n"))
}

/// The changelog of a repository with a release. What it says of a package's version already stays as it is; what
/// is missing is put under the heading of the same title, if there is one, else on top. Everything that was there
/// is there still.
#[must_use]
pub fn insert_release(existing: Option<&str>, title: &str, parts: &[Part]) -> String {
    let text = existing.unwrap_or_default();
    if text.trim_start_matches(MARK).trim().is_empty() {
        return begun(text, &release_section(title, parts));
    }
    let found = headings(text);
    let is_told = |part: &&Part| !found.iter().any(|heading| part.is_under(heading));
    let missing: Vec<Part> = parts.iter().filter(is_told).cloned().collect();
    if missing.is_empty() {
        return text.to_owned();
    }
    let is_same = |heading: &&Heading<'_>| heading.level == 2 && is_title(heading.text, title);
    if let Some(same) = found.iter().find(is_same) {
        // The newest comes first.
        let next = found.iter().find(|heading| heading.start > same.start);
        let place = next.map_or_else(|| end(text).max(same.end), |next| next.start);
        let subsections: Vec<String> = missing.iter().map(Part::subsection).collect();
        return spliced(text, place, place, &subsections.join("\n"));
    }
    let is_release =
        |heading: &&Heading<'_>| heading.level == 2 && (is_date(heading.text) || is_version(heading.text));
    let place = found
        .iter()
        .find(is_release)
        .map_or_else(|| end(text), |first| first.start);
    spliced(text, place, place, &release_section(title, &missing))
}

fn is_title(heading: &str, title: &str) -> bool {
    let (one, other) = (version(heading), version(title));
    if one.is_some() || other.is_some() {
        one == other
    } else {
        heading == title
    }
}

/// `2026-01-02`.
fn is_date(text: &str) -> bool {
    let is_shaped = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(is_shaped)
}

impl Part {
    fn subsection(&self) -> String {
        let (name, version) = (escape::text(&self.name), escape::text(&self.version.to_string()));
        let heading = match &self.comparison {
            Some(address) => format!("### {name} [{version}]({address})"),
            None => format!("### {name} {version}"),
        };
        let body = deeper(body(&self.text, &self.version));
        format!("{heading}\n\n{}\n", body.trim())
    }

    /// Whether a heading is this package's at this version.
    fn is_under(&self, heading: &Heading<'_>) -> bool {
        let plain = heading.text.replace(['`', '\\'], "");
        let rest = plain
            .strip_prefix(&self.name)
            .and_then(|rest| rest.strip_prefix(' '));
        rest.and_then(version).as_ref() == Some(&self.version)
    }
}

/// A version's text without its heading.
pub(super) fn body<'t>(text: &'t str, released: &Version) -> &'t str {
    let found = headings(text);
    let first = found.first().filter(|heading| {
        text[..heading.start].trim().is_empty() && version(heading.text).as_ref() == Some(released)
    });
    first
        .map_or(text, |heading| &text[heading.end..])
        .trim_start_matches('\n')
}

/// The text with every heading one level deeper.
fn deeper(text: &str) -> String {
    let mut deeper = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for heading in headings(text).iter().filter(|heading| heading.level < 6) {
        let Some(hash) = text[heading.start..heading.end].find('#') else {
            continue;
        };
        deeper.push_str(&text[at..heading.start + hash]);
        deeper.push('#');
        at = heading.start + hash;
    }
    deeper.push_str(&text[at..]);
    deeper
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, version: &str) -> Part {
        Part {
            name: name.to_owned(),
            version: version.parse().expect("a version"),
            comparison: None,
            text: format!("## {version} (2026-01-02)\n\n### Features\n\n- {name} is new\n"),
        }
    }

    #[test]
    fn every_release_has_a_section_with_its_packages() {
        let first = insert_release(
            None,
            "2026-01-02",
            &[part("@acme/core", "1.0.0"), part("app", "2.0.0")],
        );
        assert_eq!(
            first,
            "# Changelog\n\n## 2026-01-02\n\n### `@acme/core` 1.0.0\n\n#### Features\n\n- @acme/core is new\n\n\
             ### app 2.0.0\n\n#### Features\n\n- app is new\n"
        );
        let again = insert_release(
            Some(&first),
            "2026-01-02",
            &[part("@acme/core", "1.0.0"), part("app", "2.0.0")],
        );
        assert_eq!(again, first);

        // A third package was held up, and comes on the same day: what is newest comes first.
        let later = insert_release(
            Some(&first),
            "2026-01-02",
            &[part("app", "2.0.0"), part("web", "0.1.0")],
        );
        let web = "## 2026-01-02\n\n### web 0.1.0\n\n#### Features\n\n- web is new\n\n";
        assert_eq!(later, first.replacen("## 2026-01-02\n\n", web, 1));

        let next = insert_release(Some(&later), "2026-01-10", &[part("app", "2.0.1")]);
        let (head, rest) = first.split_at("# Changelog\n\n".len());
        assert!(
            next.starts_with(&format!("{head}## 2026-01-10\n\n### app 2.0.1\n\n")),
            "{next}"
        );
        let rest = rest.replacen("## 2026-01-02\n\n", web, 1);
        assert!(next.contains(&format!("\n\n{rest}")), "{next}");
    }

    #[test]
    fn one_version_for_all_is_the_title() {
        let first = insert_release(None, "1.0.0 (2026-01-02)", &[part("app", "1.0.0")]);
        let more = insert_release(
            Some(&first),
            "1.0.0 (2026-01-03)",
            &[part("app", "1.0.0"), part("web", "1.0.0")],
        );
        assert_eq!(more.matches("\n## ").count(), 1, "{more}");
        assert!(more.contains("\n### web 1.0.0\n"));
    }
}
