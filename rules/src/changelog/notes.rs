//! Release notes: what is new in all packages of a release, without a heading of its own.

use super::aggregate::body;
use super::{News, escape};

/// The notes of a release, from what is new in each package and its text as [`super::render`] makes it: the text
/// without its heading, under the package's name if there are several, with the comparison after it.
#[must_use]
pub fn notes(packages: &[(&News, &str)]) -> String {
    let one = |(news, text): &(&News, &str)| {
        let mut notes = String::new();
        if packages.len() > 1 {
            let (name, version) = (
                escape::text(&news.package),
                escape::text(&news.version.to_string()),
            );
            notes.push_str(&format!("## {name} {version}\n\n"));
        }
        notes.push_str(body(text, &news.version).trim());
        notes.push('\n');
        if let (Some(address), Some(before)) = (news.comparison(), &news.previous_tag) {
            let (before, tag) = (escape::text(before), escape::text(&news.tag));
            notes.push_str(&format!("\n[{before}...{tag}]({address})\n"));
        }
        notes
    };
    packages.iter().map(one).collect::<Vec<_>>().join("\n")
}
