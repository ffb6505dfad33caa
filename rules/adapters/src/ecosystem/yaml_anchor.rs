//! Anchors in YAML: whether a text stands for something else too, since an alias repeats it (YAML 1.2.2, 6.9.2 and 7.1).

/// Whether a change at byte `at` of `text` would change something else: whether what stands there, or a collection
/// around it, has an anchor that an alias names. Where that cannot be told from the text alone it is taken for shared.
pub(super) fn is_shared(text: &str, at: usize) -> bool {
    let aliases: Vec<&str> = marked(text, '*').map(|(_, name)| name).collect();
    let mut anchors = marked(text, '&').filter(|(_, name)| aliases.contains(name));
    anchors.any(|(anchor, name)| anchor < at && is_anchor_of(text, anchor, anchor + 1 + name.len(), at))
}

/// Every `&name` or `*name` that may be a token, with its byte.
fn marked(text: &str, mark: char) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices(mark).filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back();
        let begins = before.is_none_or(|letter| letter.is_whitespace() || "[{,:".contains(letter));
        let name = text[at + 1..]
            .split(|letter: char| letter.is_whitespace() || "[]{},".contains(letter))
            .next()
            .filter(|name| !name.is_empty());
        name.filter(|_| begins).map(|name| (at, name))
    })
}

/// Whether the anchor at byte `anchor`, whose name ends at `end`, is that of what stands at `at`, or of a collection
/// that may hold it: one that goes on as long as lines are further in than the anchor's own.
fn is_anchor_of(text: &str, anchor: usize, end: usize, at: usize) -> bool {
    let Some(between) = text.get(end..at) else {
        return false;
    };
    let is_blank = |letter: char| matches!(letter, ' ' | '\t' | '"' | '\'');
    let is_scalar = !text[end..]
        .trim_start_matches([' ', '\t'])
        .starts_with(['\r', '\n', '#', '{', '[', '!']);
    if is_scalar || between.chars().all(is_blank) {
        return between.chars().all(is_blank);
    }
    let own = text[..anchor].rfind('\n').map_or(0, |newline| newline + 1);
    let depth = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let within = depth(&text[own..]);
    let below = format!("{between}{}", text[at..].lines().next().unwrap_or_default());
    let counts = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    below
        .lines()
        .skip(1)
        .filter(counts)
        .all(|line| depth(line) > within)
}

#[cfg(test)]
mod tests {
    use super::is_shared;

    #[test]
    fn what_an_alias_repeats_is_shared() {
        // What is asked about is `1.0`.
        let table = [
            ("catalog:\n  a: 1.0\n", false),
            ("catalog:\n  a: &v 1.0\n", false),
            ("catalog:\n  a: &v 1.0\n  b: *v\n", true),
            ("catalog: {a: &v '1.0'}\nx: [*v]\n", true),
            ("catalog:\n  b: &v 2.0\n  a: 1.0\n  c: *v\n", false),
            ("catalog: {b: &v 2.0, a: 1.0, c: *v}\n", false),
            ("m: &m\n  b: 2.0\n\n  # of all\n  a: 1.0\nn:\n  <<: *m\n", true),
            ("m: &m\n  b: 2.0\nn:\n  <<: *m\n  a: 1.0\n", false),
            ("m: &m {b: 2.0, a: 1.0}\nn: *m\n", true),
            ("m: &m {b: 2.0}\nn: *m\no:\n  a: 1.0\n", false),
            ("packages: ['*', 'x/*', &y]\ncatalog:\n  a: 1.0\n", false),
            ("a: &v !!str 1.0\nb: *v\n", true),
        ];
        for (text, expected) in table {
            let at = text.find("1.0").expect("it is in all");
            assert_eq!(is_shared(text, at), expected, "{text}");
        }
    }
}
