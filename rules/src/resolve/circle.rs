//! Circles: packages that wait for one another, actions that need each other's outputs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use globset::GlobBuilder;
use model::{ActionDecl, Diagnostic, PackageDecl};

/// Packages that wait for one another.
pub(super) fn of_packages(packages: &[PackageDecl]) -> Option<Diagnostic> {
    let mut named: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, package) in packages.iter().enumerate() {
        named.entry(&package.name).or_default().push(index);
    }
    let on = |package: &PackageDecl| {
        let found = package
            .cross_deps
            .iter()
            .flat_map(|name| named.get(name.as_str()).into_iter().flatten().copied());
        found.collect::<Vec<_>>()
    };
    let circle = circle(&packages.iter().map(on).collect::<Vec<_>>())?;
    let names: Vec<String> = circle
        .iter()
        .map(|&index| format!("`{}`", packages[index].name))
        .collect();
    let message = format!("packages wait for each other in a circle: {}", names.join(" → "));
    let place = packages[circle[0]].location.clone();
    Some(Diagnostic::error(message, place).hint("take one of them out of `cross_deps`"))
}

/// Actions that need each other's outputs.
pub(super) fn of_actions(actions: &[ActionDecl]) -> Option<Diagnostic> {
    let mut made: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, action) in actions.iter().enumerate() {
        made.extend(action.outputs.iter().map(|output| (output.as_str(), index)));
    }
    let needed = |(index, action): (usize, &ActionDecl)| {
        let mut makers = BTreeSet::new();
        for input in &action.inputs {
            makers.extend(made.get(input.as_str()));
            let around = input
                .match_indices('/')
                .filter_map(|(at, _)| made.get(&input[..at]));
            // What an action finds beside what it makes there itself.
            let others = around.copied().chain(found(input, &made));
            makers.extend(others.filter(|maker| *maker != index));
        }
        makers.into_iter().collect::<Vec<_>>()
    };
    let circle = circle(&actions.iter().enumerate().map(needed).collect::<Vec<_>>())?;
    let names: Vec<String> = circle
        .iter()
        .map(|&index| format!("`{}`", actions[index].name))
        .collect();
    let message = format!(
        "actions need each other's outputs in a circle: {}",
        names.join(" → ")
    );
    Some(
        Diagnostic::error(message, actions[circle[0]].location.clone())
            .hint("take one of them out of `inputs`"),
    )
}

/// Who makes what is in a folder, or what a pattern matches.
fn found(input: &str, made: &BTreeMap<&str, usize>) -> Vec<usize> {
    let is_pattern = |part: &str| part.contains(['*', '?', '[', '{']);
    let base = input
        .split('/')
        .take_while(|part| !is_pattern(part))
        .collect::<Vec<_>>()
        .join("/");
    let glob = (base != input).then(|| {
        GlobBuilder::new(input)
            .literal_separator(true)
            .empty_alternates(true)
            .build()
    });
    let matcher = match glob {
        None => None,
        Some(Ok(glob)) => Some(glob.compile_matcher()),
        // What is no pattern is told where its files are looked for.
        Some(Err(_)) => return Vec::new(),
    };
    let from = if base.is_empty() {
        String::new()
    } else {
        format!("{base}/")
    };
    let inside = made
        .range(from.as_str()..)
        .take_while(|(output, _)| output.starts_with(&from));
    let wanted = inside.filter(|(output, _)| matcher.as_ref().is_none_or(|matcher| matcher.is_match(output)));
    wanted.map(|(_, maker)| *maker).collect()
}

/// A circle in a graph, its start repeated at its end: the first one met, walking in order.
fn circle(edges: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut done = vec![false; edges.len()];
    let mut open = vec![false; edges.len()];
    for start in 0..edges.len() {
        let mut path: Vec<(usize, usize)> = Vec::new();
        if !done[start] {
            path.push((start, 0));
            open[start] = true;
        }
        while let Some((node, next)) = path.last_mut() {
            let Some(&to) = edges[*node].get(*next) else {
                done[*node] = true;
                open[*node] = false;
                path.pop();
                continue;
            };
            *next += 1;
            if open[to] {
                let from = path.iter().position(|(node, _)| *node == to)?;
                return Some(path[from..].iter().map(|(node, _)| *node).chain([to]).collect());
            }
            if !done[to] {
                open[to] = true;
                path.push((to, 0));
            }
        }
    }
    None
}
