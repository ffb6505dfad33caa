//! JSON: nodes with what they need and what needs them, edges, and levels, all by id.

use serde_json::{Map, Value, json};

use super::view::View;

pub(super) fn render(view: &View<'_>) -> String {
    let id = |node: &usize| Value::from(view.nodes[*node].id.as_str());
    let ids = |nodes: &[usize]| Value::from(nodes.iter().map(id).collect::<Vec<_>>());
    let nodes: Vec<Value> = view
        .nodes
        .iter()
        .enumerate()
        .map(|(index, node)| {
            let mut object = Map::new();
            object.insert("id".to_owned(), id(&index));
            object.insert("label".to_owned(), node.label.as_str().into());
            object.insert("group".to_owned(), node.group.as_str().into());
            object.insert("deps".to_owned(), ids(&view.needs[index]));
            object.insert("rdeps".to_owned(), ids(&view.needed_by[index]));
            for (name, text) in &node.detail {
                object
                    .entry(name.as_str())
                    .or_insert_with(|| text.as_str().into());
            }
            Value::Object(object)
        })
        .collect();
    let edges: Vec<Value> = view
        .edges()
        .map(|(from, on)| json!([id(&from), id(&on)]))
        .collect();
    let levels: Vec<Value> = view.levels.iter().map(|nodes| ids(nodes)).collect();
    let graph = json!({
        "schema": "releasekit.graph/1",
        "nodes": nodes,
        "edges": edges,
        "levels": levels,
    });
    format!("{graph:#}\n")
}
