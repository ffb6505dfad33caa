//! Boxes for a terminal, level by level, at most a hundred columns wide. Each box says what it needs.

use super::name::line;
use super::view::View;

/// How wide a drawing may be.
const WIDTH: usize = 100;

/// What stands before a row of boxes, and between boxes.
const GAP: &str = "  ";

/// How long a line inside a box may be.
const INSIDE: usize = WIDTH - GAP.len() - 4;

pub(super) fn render(view: &View<'_>) -> String {
    if view.nodes.is_empty() {
        return "(empty)\n".to_owned();
    }
    let levels = view.levels.iter().enumerate().map(|(level, nodes)| {
        let boxes: Vec<Vec<String>> = nodes.iter().map(|node| boxed(view, *node)).collect();
        format!("Level {level}\n{}", rows(&boxes))
    });
    levels.collect::<Vec<_>>().join("\n")
}

/// A node as a box.
fn boxed(view: &View<'_>, node: usize) -> Vec<String> {
    let said = view.nodes[node];
    let mut lines = wrap(&said.label, "");
    let details: Vec<&str> = said.detail.iter().map(|(_, text)| text.as_str()).collect();
    let details: Vec<&str> = details.into_iter().filter(|text| !text.is_empty()).collect();
    if !details.is_empty() {
        lines.extend(wrap(&details.join("  "), ""));
    }
    for on in &view.needs[node] {
        lines.extend(wrap(&view.nodes[*on].label, "-> "));
    }
    let width = lines
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or_default();
    let edge = format!("+{}+", "-".repeat(width + 2));
    let inside = lines.iter().map(|line| format!("| {line:<width$} |"));
    [edge.clone()].into_iter().chain(inside).chain([edge]).collect()
}

/// A text in lines that fit into a box, the first one after a mark.
fn wrap(text: &str, mark: &str) -> Vec<String> {
    let characters: Vec<char> = line(text).chars().collect();
    let mut lines = Vec::new();
    for (index, part) in characters.chunks(INSIDE - mark.len()).enumerate() {
        let before = if index == 0 {
            mark.to_owned()
        } else {
            " ".repeat(mark.len())
        };
        lines.push(before + &part.iter().collect::<String>());
    }
    if lines.is_empty() {
        lines.push(mark.to_owned());
    }
    lines
}

/// Boxes side by side, in as many rows as they need.
fn rows(boxes: &[Vec<String>]) -> String {
    let mut text = String::new();
    let mut row: Vec<&Vec<String>> = Vec::new();
    let mut used = 0;
    for drawn in boxes {
        let width = GAP.len() + width(drawn);
        if used + width > WIDTH {
            text.push_str(&side_by_side(&row));
            row.clear();
            used = 0;
        }
        used += width;
        row.push(drawn);
    }
    text + &side_by_side(&row)
}

fn side_by_side(row: &[&Vec<String>]) -> String {
    let height = row.iter().map(|drawn| drawn.len()).max().unwrap_or_default();
    let mut text = String::new();
    for index in 0..height {
        let mut line = String::new();
        for drawn in row {
            let (part, width) = (drawn.get(index).map_or("", String::as_str), width(drawn));
            line.push_str(&format!("{GAP}{part:<width$}"));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn width(drawn: &[String]) -> usize {
    drawn.first().map_or(0, |edge| edge.chars().count())
}
