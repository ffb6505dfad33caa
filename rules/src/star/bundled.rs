//! The rule files that come with releasekit, embedded.

/// What every file of a workspace sees without loading it.
pub(super) const PRELUDE: &str = "rules/private/prelude.star";

/// Path and text of every bundled file.
const FILES: &[(&str, &str)] = &[
    ("rules/uv.star", include_str!("../../uv.star")),
    ("rules/cargo.star", include_str!("../../cargo.star")),
    ("rules/pnpm.star", include_str!("../../pnpm.star")),
    ("rules/npm.star", include_str!("../../npm.star")),
    ("rules/bazel.star", include_str!("../../bazel.star")),
    ("rules/train.star", include_str!("../../train.star")),
    ("rules/federation.star", include_str!("../../federation.star")),
    (
        "rules/private/types.star",
        include_str!("../../private/types.star"),
    ),
    (PRELUDE, include_str!("../../private/prelude.star")),
];

/// The text of a bundled file.
pub(super) fn text(path: &str) -> Option<&'static str> {
    FILES
        .iter()
        .find(|(name, _)| *name == path)
        .map(|(_, text)| *text)
}

/// The paths of the files that a workspace may load.
pub(super) fn public() -> impl Iterator<Item = &'static str> {
    FILES
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| !path.contains("/private/"))
}

/// The functions that a workspace may load, each with its file.
pub(super) fn functions() -> impl Iterator<Item = (&'static str, &'static str)> {
    public().flat_map(|path| {
        let lines = text(path).unwrap_or_default().lines();
        lines.filter_map(move |line| {
            let name = line.strip_prefix("def ")?.split('(').next()?;
            (!name.starts_with('_')).then_some((name, path))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_function_is_known_with_its_file() {
        let all: Vec<_> = functions().collect();
        assert!(all.contains(&("uv_package", "rules/uv.star")));
        assert!(all.contains(&("release_train", "rules/train.star")));
        assert!(all.contains(&("federation", "rules/federation.star")));
        assert!(all.iter().all(|(_, path)| !path.contains("private")));
    }
}
