//! The difference of two texts.

use rules::diff;

#[test]
fn equal_texts_do_not_differ() {
    assert_eq!(diff("a\nb\n", "a\nb\n"), "");
    assert_eq!(diff("", ""), "");
}

#[test]
fn a_change_has_three_lines_around_it() {
    let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n";
    assert_eq!(
        diff(old, new),
        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
    );
}

#[test]
fn far_changes_are_two_hunks_and_near_ones_are_one() {
    let lines: Vec<String> = (1..=20).map(|line| format!("{line}\n")).collect();
    let old = lines.concat();
    let far = old.replace("\n2\n", "\n").replace("\n19\n", "\n19\nx\n");
    assert_eq!(
        diff(&old, &far),
        "@@ -1,5 +1,4 @@\n 1\n-2\n 3\n 4\n 5\n@@ -17,4 +16,5 @@\n 17\n 18\n 19\n+x\n 20\n"
    );
    let near = old.replace("\n8\n", "\n").replace("\n12\n", "\n");
    assert_eq!(diff(&old, &near).matches("@@ -").count(), 1);
}

#[test]
fn a_missing_last_line_ending_is_said() {
    assert_eq!(
        diff("a", "a\n"),
        "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"
    );
}

#[test]
fn from_and_to_nothing() {
    assert_eq!(diff("", "a\nb\n"), "@@ -0,0 +1,2 @@\n+a\n+b\n");
    assert_eq!(diff("a\n", ""), "@@ -1 +0,0 @@\n-a\n");
}

#[test]
fn the_shortest_edit_is_found() {
    assert_eq!(
        diff("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n"),
        // One of several that take five lines.
        "@@ -1,7 +1,6 @@\n-a\n-b\n c\n-a\n b\n+a\n b\n a\n+c\n"
    );
}

#[test]
fn texts_with_nothing_in_common_are_quick() {
    let old: String = (0..30_000).map(|line| format!("old {line}\n")).collect();
    let new: String = (0..30_000).map(|line| format!("new {line}\n")).collect();
    assert_eq!(diff(&old, &new).lines().count(), 60_001);
}
