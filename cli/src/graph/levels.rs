//! `Level 0: a, b`: what can go first, then what can go next.

use super::name::line;
use super::view::View;

pub(super) fn render(view: &View<'_>) -> String {
    let levels = view.levels.iter().enumerate();
    levels
        .map(|(level, nodes)| format!("Level {level}: {}\n", line(&view.labels(nodes))))
        .collect()
}
