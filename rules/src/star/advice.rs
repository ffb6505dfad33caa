//! What to do about an error that says only what is wrong.

/// A hint for a message that came without one.
pub(super) fn advice(message: &str) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["cannot be loaded"]) {
        "a path in `load()` is relative to the file it stands in, or starts with `//` at the root"
    } else if says(&["cannot be read"]) {
        "check that the file is there and can be read"
    } else if says(&["reserved keyword"]) {
        "Starlark has `def`, `for`, `if` and `load()`; no classes, imports, exceptions or `while`"
    } else if says(&["is not defined"]) {
        "define it, or `load()` it from the file that does"
    } else if says(&["is private to"]) {
        "load something whose name does not start with `_`"
    } else if says(&["was not found"]) {
        "`.get()` gives None where a dict has no such key"
    } else if says(&["is declared than", "is printed than"]) {
        "is something repeated by a loop?"
    } else if says(&["not UTF-8"]) {
        "save the file as UTF-8"
    } else if says(&["must be"]) {
        "texts stand in quotes, lists in brackets: `[\"a\", \"b\"]`"
    } else if says(&["unexpected", "expected", "Parse error"]) {
        "is a quote, comma or bracket missing here, or on the line before?"
    } else {
        "`print()` shows the values that reach this line"
    }
}
