//! Comma-separated values after RFC 4180; a list is one value, itself separated by commas.

use super::view::View;

pub(super) fn render(view: &View<'_>) -> String {
    let columns = view.columns();
    let mut header = vec!["level", "name", "group"];
    header.extend(&columns);
    header.push("dependencies");
    let mut text = row(header.into_iter().map(str::to_owned));
    for node in view.levels.iter().flatten() {
        let said = view.nodes[*node];
        let mut values = vec![
            view.level_of[*node].to_string(),
            said.label.clone(),
            said.group.clone(),
        ];
        values.extend(columns.iter().map(|column| said.said(column).to_owned()));
        let needs: Vec<&str> = view.needs[*node]
            .iter()
            .map(|on| view.nodes[*on].label.as_str())
            .collect();
        values.push(needs.join(","));
        text.push_str(&row(values.into_iter()));
    }
    text
}

fn row(values: impl Iterator<Item = String>) -> String {
    let quoted: Vec<String> = values.map(|value| quote(&value)).collect();
    quoted.join(",") + "\r\n"
}

fn quote(value: &str) -> String {
    let edges = value.starts_with(' ') || value.ends_with(' ');
    if edges || value.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}
