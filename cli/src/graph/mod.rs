//! Draws a graph as text, in one of several formats. Pure: the same graph gives the same text, whatever order its
//! nodes and edges come in.

mod ascii;
mod csv;
mod d2;
mod dot;
mod json;
mod levels;
mod mermaid;
mod name;
mod table;
#[cfg(test)]
mod tests;
mod view;

use clap::ValueEnum;

use view::View;

/// A graph to draw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drawing {
    /// What is drawn.
    pub(crate) nodes: Vec<Node>,
    /// Who needs whom, as indices: dependent, dependency.
    pub(crate) edges: Vec<(usize, usize)>,
}

/// One thing in a graph.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// What tells it from all others.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) label: String,
    /// What it is drawn together with; empty for nothing.
    pub(crate) group: String,
    /// What else there is to say, by name.
    pub(crate) detail: Vec<(String, String)>,
}

/// How a graph is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Boxes, for a terminal
    Ascii,
    /// What can go first, then what can go next
    Levels,
    /// Aligned columns
    Table,
    /// Comma-separated values
    Csv,
    /// For programs
    Json,
    /// Graphviz
    Dot,
    /// Mermaid, as Markdown viewers know it
    Mermaid,
    /// D2
    D2,
}

/// The drawing as text, which ends with a line ending unless it is empty.
pub(crate) fn render(drawing: &Drawing, format: Format) -> String {
    let view = View::of(drawing);
    match format {
        Format::Ascii => ascii::render(&view),
        Format::Levels => levels::render(&view),
        Format::Table => table::render(&view),
        Format::Csv => csv::render(&view),
        Format::Json => json::render(&view),
        Format::Dot => dot::render(&view),
        Format::Mermaid => mermaid::render(&view),
        Format::D2 => d2::render(&view),
    }
}
