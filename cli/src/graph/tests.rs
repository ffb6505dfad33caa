//! Drawings as text.

use clap::ValueEnum as _;

use super::{Drawing, Format, Node, render};

fn node(id: &str, group: &str, version: &str) -> Node {
    let label = id.split_once(':').map_or(id, |(_, label)| label).to_owned();
    let detail = vec![("version".to_owned(), version.to_owned())];
    Node {
        id: id.to_owned(),
        label,
        group: group.to_owned(),
        detail,
    }
}

/// a -> b, c; b -> d; c -> d; and one on its own. Out of order on purpose.
fn diamond() -> Drawing {
    Drawing {
        nodes: vec![
            node("uv:d", "uv", "0.1.0"),
            node("uv:a", "uv", "1.2.0"),
            node("npm:@x/c", "npm", "2.0.0"),
            node("uv:b", "uv", "0.3.0"),
            node("alone", "", ""),
        ],
        edges: vec![(2, 0), (1, 3), (1, 2), (3, 0), (1, 2)],
    }
}

fn strange() -> Drawing {
    let names = [
        "a-b",
        "a_b",
        "a.b",
        "@x/a",
        "A-b",
        "q\"u'o`te",
        "back\\slash\\",
        "é",
        "a,b",
        "end",
        "${x}",
        "l\nf",
        "",
    ];
    let nodes: Vec<Node> = names.iter().map(|name| node(name, name, "1,2")).collect();
    let edges = (1..nodes.len()).map(|index| (index, index - 1)).collect();
    Drawing { nodes, edges }
}

#[test]
fn levels() {
    let text = render(&diamond(), Format::Levels);
    assert_eq!(text, "Level 0: alone, d\nLevel 1: @x/c, b\nLevel 2: a\n");
}

#[test]
fn csv() {
    let expected = "level,name,group,version,dependencies\r\n0,alone,,,\r\n0,d,uv,0.1.0,\r\n1,@x/c,npm,2.0.0,d\r\n\
                    1,b,uv,0.3.0,d\r\n2,a,uv,1.2.0,\"@x/c,b\"\r\n";
    assert_eq!(render(&diamond(), Format::Csv), expected);
    let quoted = render(&strange(), Format::Csv);
    assert!(
        quoted.contains("\"q\"\"u'o`te\",\"q\"\"u'o`te\",\"1,2\""),
        "{quoted}"
    );
    assert!(quoted.contains("\"l\nf\""), "{quoted}");
}

#[test]
fn table() {
    let expected = "\
LEVEL  NAME   GROUP  VERSION  NEEDS
0      alone
0      d      uv     0.1.0
1      @x/c   npm    2.0.0    d
1      b      uv     0.3.0    d
2      a      uv     1.2.0    @x/c, b
";
    assert_eq!(render(&diamond(), Format::Table), expected);
}

#[test]
fn ascii() {
    let expected = "\
Level 0
  +-------+  +-------+
  | alone |  | d     |
  +-------+  | 0.1.0 |
             +-------+

Level 1
  +-------+  +-------+
  | @x/c  |  | b     |
  | 2.0.0 |  | 0.3.0 |
  | -> d  |  | -> d  |
  +-------+  +-------+

Level 2
  +---------+
  | a       |
  | 1.2.0   |
  | -> @x/c |
  | -> b    |
  +---------+
";
    assert_eq!(render(&diamond(), Format::Ascii), expected);
}

#[test]
fn ascii_fits_a_hundred_columns() {
    let long = "x".repeat(250);
    let mut nodes: Vec<Node> = (0..40)
        .map(|index| node(&format!("package-{index}"), "g", "1.0.0"))
        .collect();
    nodes.push(node(&long, "g", &long));
    let edges = vec![(0, 40), (1, 40)];
    let text = render(&Drawing { nodes, edges }, Format::Ascii);
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert_eq!(widest, Some(100), "{text}");
    assert!(text.lines().all(|line| line.trim_end() == line));
}

#[test]
fn dot() {
    let expected = r#"digraph releasekit {
  rankdir=LR;
  node [shape=box];
  "alone" [label="alone"];
  subgraph cluster_1 {
    label="npm";
    "npm:@x/c" [label="@x/c", tooltip="version: 2.0.0"];
  }
  subgraph cluster_2 {
    label="uv";
    "uv:a" [label="a", tooltip="version: 1.2.0"];
    "uv:b" [label="b", tooltip="version: 0.3.0"];
    "uv:d" [label="d", tooltip="version: 0.1.0"];
  }
  "npm:@x/c" -> "uv:d";
  "uv:a" -> "npm:@x/c";
  "uv:a" -> "uv:b";
  "uv:b" -> "uv:d";
}
"#;
    assert_eq!(render(&diamond(), Format::Dot), expected);
    let text = render(&strange(), Format::Dot);
    assert!(text.contains(r#""q\"u'o`te" [label="q\"u'o`te""#), "{text}");
    assert!(
        text.contains(r#""back\\slash\\" [label="back\\slash\\""#),
        "{text}"
    );
    assert!(text.contains(r#""l\nf""#), "{text}");
}

#[test]
fn mermaid() {
    let expected = r#"flowchart LR
  n_alone["alone"]
  subgraph g_npm["npm"]
    n_npm_3a__40_x_2f_c["@x/c"]
  end
  subgraph g_uv["uv"]
    n_uv_3a_a["a"]
    n_uv_3a_b["b"]
    n_uv_3a_d["d"]
  end
  n_npm_3a__40_x_2f_c --> n_uv_3a_d
  n_uv_3a_a --> n_npm_3a__40_x_2f_c
  n_uv_3a_a --> n_uv_3a_b
  n_uv_3a_b --> n_uv_3a_d
"#;
    assert_eq!(render(&diamond(), Format::Mermaid), expected);
    let text = render(&strange(), Format::Mermaid);
    assert!(text.contains("[\"q#34;u#39;o#96;te\"]"), "{text}");
}

#[test]
fn d2() {
    let expected = r#"direction: right
n_alone: "alone"
g_npm: "npm" {
  n_npm_3a__40_x_2f_c: "@x/c"
}
g_uv: "uv" {
  n_uv_3a_a: "a"
  n_uv_3a_b: "b"
  n_uv_3a_d: "d"
}
g_npm.n_npm_3a__40_x_2f_c -> g_uv.n_uv_3a_d
g_uv.n_uv_3a_a -> g_npm.n_npm_3a__40_x_2f_c
g_uv.n_uv_3a_a -> g_uv.n_uv_3a_b
g_uv.n_uv_3a_b -> g_uv.n_uv_3a_d
"#;
    assert_eq!(render(&diamond(), Format::D2), expected);
    let text = render(&strange(), Format::D2);
    assert!(
        text.contains(r#""\${x}""#) && text.contains(r#""q\"u'o`te""#),
        "{text}"
    );
}

#[test]
fn json() {
    let text = render(&diamond(), Format::Json);
    let graph: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(graph["schema"], "releasekit.graph/1");
    assert_eq!(
        graph["nodes"][1],
        serde_json::json!({
            "id": "uv:a", "label": "a", "group": "uv", "deps": ["npm:@x/c", "uv:b"], "rdeps": [], "version": "1.2.0",
        })
    );
    assert_eq!(graph["edges"].as_array().map(Vec::len), Some(4));
    assert_eq!(graph["edges"][0], serde_json::json!(["npm:@x/c", "uv:d"]));
    assert_eq!(
        graph["levels"],
        serde_json::json!([["alone", "uv:d"], ["npm:@x/c", "uv:b"], ["uv:a"]])
    );
}

#[test]
fn nothing_is_drawn_as_nothing() {
    let empty = Drawing::default();
    let expected = [
        (Format::Ascii, "(empty)\n"),
        (Format::Levels, ""),
        (Format::Table, "LEVEL  NAME  GROUP  NEEDS\n"),
        (Format::Csv, "level,name,group,dependencies\r\n"),
        (
            Format::Dot,
            "digraph releasekit {\n  rankdir=LR;\n  node [shape=box];\n}\n",
        ),
        (Format::Mermaid, "flowchart LR\n"),
        (Format::D2, "direction: right\n"),
    ];
    for (format, text) in expected {
        assert_eq!(render(&empty, format), text, "{format:?}");
    }
    let graph: serde_json::Value = serde_json::from_str(&render(&empty, Format::Json)).expect("JSON");
    assert_eq!(graph["levels"], serde_json::json!([]));
}

#[test]
fn the_order_of_what_is_given_does_not_matter() {
    let drawing = diamond();
    let count = drawing.nodes.len();
    let turned = Drawing {
        nodes: drawing.nodes.iter().rev().cloned().collect(),
        edges: drawing
            .edges
            .iter()
            .rev()
            .map(|(from, on)| (count - 1 - from, count - 1 - on))
            .collect(),
    };
    for format in Format::value_variants() {
        assert_eq!(render(&drawing, *format), render(&turned, *format), "{format:?}");
    }
}

#[test]
fn cycles_and_edges_to_nowhere_are_survived() {
    let nodes = ["a", "b", "c", "d"].map(|name| node(name, "", "")).to_vec();
    let drawing = Drawing {
        nodes,
        edges: vec![(0, 1), (1, 0), (2, 2), (3, 0), (3, 99)],
    };
    assert_eq!(render(&drawing, Format::Levels), "Level 0: a, b, c, d\n");
    for format in Format::value_variants() {
        assert!(!render(&drawing, *format).is_empty());
    }
}
