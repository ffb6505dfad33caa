//! The same question put to us and to well-kept tools; every difference is in a table, with its reason.

mod git_cliff;
