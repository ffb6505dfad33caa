//! Writing version plans.

use cas::Digest;
use model::Bump;

/// How long the readable part of a file's name may get.
const LONGEST: usize = 40;

/// The name and the text of a plan in which these packages (by name, or `ecosystem/name`) grow by so much. The same
/// plan has the same name, and another one another name: it ends with part of a digest.
#[must_use]
pub fn write(bumps: &[(String, Bump)], text: &str) -> (String, String) {
    let text = text.trim().replace("\r\n", "\n");
    let mut plan = "---\n".to_owned();
    for (name, bump) in bumps {
        plan.push_str(&format!("\"{name}\": {bump}\n"));
    }
    plan.push_str("---\n");
    if !text.is_empty() {
        plan.push_str(&format!("\n{text}\n"));
    }
    let digest = Digest::of(plan.as_bytes()).hex();
    let slug = slug(&text)
        .or_else(|| slug(&bumps.first()?.0))
        .unwrap_or_else(|| "empty".to_owned());
    (format!("{slug}-{}.md", &digest[..8]), plan)
}

/// The first words of a text in lower case, with dashes between them.
fn slug(text: &str) -> Option<String> {
    let line = text.lines().next().unwrap_or_default();
    let mut slug = String::new();
    for word in line.split(|c: char| !c.is_ascii_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        if slug.len() + word.len() >= LONGEST {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word.to_ascii_lowercase());
    }
    Some(slug).filter(|slug| !slug.is_empty())
}
