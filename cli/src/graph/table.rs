//! Aligned columns.

use super::name::line;
use super::view::View;

pub(super) fn render(view: &View<'_>) -> String {
    let columns = view.columns();
    let mut header = vec!["LEVEL".to_owned(), "NAME".to_owned(), "GROUP".to_owned()];
    header.extend(columns.iter().map(|column| line(column).to_uppercase()));
    header.push("NEEDS".to_owned());
    let mut rows = vec![header];
    for node in view.levels.iter().flatten() {
        let said = view.nodes[*node];
        let mut row = vec![
            view.level_of[*node].to_string(),
            line(&said.label),
            line(&said.group),
        ];
        row.extend(columns.iter().map(|column| line(said.said(column))));
        row.push(line(&view.labels(&view.needs[*node])));
        rows.push(row);
    }
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns.len() + 4).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}
