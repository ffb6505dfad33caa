//! Adds items to what is separated by commas, and takes them out, in the style they are already written in.

use std::collections::{BTreeMap, BTreeSet};

use super::directive::keeps_element;
use super::edit::Edits;
use super::layout::quote;
use super::source::Source;
use super::syntax::{Element, List, Span};

/// Adds texts to a list: where they belong if it is sorted, else at its end. Those it has already stay.
pub(super) fn add(edits: &mut Edits<'_>, source: &Source, list: &List, texts: &BTreeSet<String>) {
    let present: Vec<Option<&str>> = list
        .elements
        .iter()
        .map(|element| element.text.as_deref())
        .collect();
    let missing = texts
        .iter()
        .filter(|text| !present.contains(&Some(text.as_str())));
    if list.elements.is_empty() {
        return fill(
            edits,
            source,
            list,
            &missing.map(|text| quote(text)).collect::<Vec<_>>(),
        );
    }
    let sorted = present.iter().all(Option::is_some) && present.is_sorted();
    let mut places: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for text in missing {
        let end = present.len();
        let place = if sorted {
            present.partition_point(|other| *other < Some(text.as_str()))
        } else {
            end
        };
        places.entry(place).or_default().push(quote(text));
    }
    let items: Vec<Span> = list.elements.iter().map(|element| element.span).collect();
    for (place, texts) in places {
        insert(edits, source, list.span.start + 1, &items, place, &texts);
    }
}

/// Fills an empty list.
fn fill(edits: &mut Edits<'_>, source: &Source, list: &List, texts: &[String]) {
    let indentation = source.indentation(list.span.start);
    let lines: String = texts
        .iter()
        .map(|text| format!("\n{indentation}    {text},"))
        .collect();
    let inside = Span {
        start: list.span.start + 1,
        end: list.span.end - 1,
    };
    match texts {
        [] => {}
        _ if !source.at(inside).trim().is_empty() => edits.insert(inside.start, lines),
        [text] => edits.replace(inside, text.as_str()),
        _ => edits.replace(inside, format!("{lines}\n{indentation}")),
    }
}

/// Inserts items before the one at `index`. `open` is the place behind the opening bracket; there is at least
/// one item.
pub(super) fn insert(
    edits: &mut Edits<'_>,
    source: &Source,
    open: usize,
    items: &[Span],
    index: usize,
    texts: &[String],
) {
    let (Some(first), Some(last)) = (items.first(), items.last()) else {
        return;
    };
    let tall = source.line_start(last.start) != source.line_start(open);
    let each = |before: &str, after: &str| -> String {
        texts
            .iter()
            .map(|text| format!("{before}{text}{after}"))
            .collect()
    };
    let Some(previous) = index.checked_sub(1).and_then(|index| items.get(index)) else {
        if tall && source.opens_line(first.start) && source.closes_line(open) {
            edits.insert(
                source.line_end(open),
                each(&format!("\n{}", source.indentation(first.start)), ","),
            );
        } else {
            edits.insert(first.start, each("", ", "));
        }
        return;
    };
    let comma = comma(source, previous.end);
    let place = comma.map_or(previous.end, |comma| comma + 1);
    if tall && source.closes_line(place) {
        let indentation = if source.opens_line(previous.start) {
            source.indentation(previous.start).to_owned()
        } else {
            format!("{}    ", source.indentation(open))
        };
        if comma.is_none() {
            edits.insert(previous.end, ",");
        }
        edits.insert(source.line_end(place), each(&format!("\n{indentation}"), ","));
    } else if comma.is_some() {
        edits.insert(place, each(" ", ","));
    } else {
        edits.insert(place, each(", ", ""));
    }
}

/// Takes texts out of a list, except elements that a directive protects.
pub(super) fn remove_texts(edits: &mut Edits<'_>, source: &Source, list: &List, gone: impl Fn(&str) -> bool) {
    let is_gone = |element: &Element| {
        element.text.as_deref().is_some_and(&gone) && !keeps_element(source, element.span)
    };
    let gone: Vec<bool> = list.elements.iter().map(is_gone).collect();
    if gone.contains(&true) {
        let items: Vec<Span> = list.elements.iter().map(|element| element.span).collect();
        remove(edits, source, list.span.start + 1, &items, &gone);
    }
}

/// Takes items out; `gone` says which, one truth for each item.
pub(super) fn remove(edits: &mut Edits<'_>, source: &Source, open: usize, items: &[Span], gone: &[bool]) {
    let last_kept = gone
        .iter()
        .rposition(|gone| !gone)
        .and_then(|index| items.get(index));
    // A run at the end of a line takes the comma before it along, unless a comment stands in between.
    let tail = items
        .last()
        .filter(|last| comma(source, last.end).is_none() && !alone(source, **last));
    let cut = last_kept.zip(tail).map(|(kept, last)| Span {
        start: kept.end,
        end: last.end,
    });
    let cut = cut.filter(|cut| source.comments_in(*cut).is_empty());
    let inside = Span {
        start: open,
        end: end(source, items),
    };
    let remarks = source.comments_in(Span {
        end: inside.end + 1,
        ..inside
    });
    if last_kept.is_none() && remarks.is_empty() {
        edits.replace(inside, "");
        return;
    }
    for (item, _) in items.iter().zip(gone).filter(|(_, gone)| **gone) {
        if cut.is_some_and(|cut| cut.start <= item.start) {
            continue;
        }
        edits.replace(extent(source, *item), "");
    }
    if let Some(cut) = cut.filter(|_| gone.last() == Some(&true)) {
        edits.replace(cut, "");
    }
}

/// The place of the closing bracket, or of a comment, behind the last item.
fn end(source: &Source, items: &[Span]) -> usize {
    let Some(last) = items.last() else { return 0 };
    let place = comma(source, last.end).map_or(last.end, |comma| comma + 1);
    let rest = source.at(Span {
        start: place,
        end: source.text.len(),
    });
    place + rest.len() - rest.trim_start().len()
}

/// Whether an item has a line to itself.
fn alone(source: &Source, item: Span) -> bool {
    let place = comma(source, item.end).map_or(item.end, |comma| comma + 1);
    source.opens_line(item.start) && source.closes_line(place)
}

/// What goes with an item: its line if it has one to itself, else its comma and the space behind it.
fn extent(source: &Source, item: Span) -> Span {
    let place = comma(source, item.end).map_or(item.end, |comma| comma + 1);
    if alone(source, item) {
        return Span {
            start: source.line_start(item.start),
            end: source.next_line(place),
        };
    }
    let rest = source.at(Span {
        start: place,
        end: source.line_end(place),
    });
    Span {
        start: item.start,
        end: place + rest.len() - rest.trim_start().len(),
    }
}

/// The place of the comma behind an item, if there is one.
fn comma(source: &Source, mut place: usize) -> Option<usize> {
    loop {
        let rest = source.at(Span {
            start: place,
            end: source.text.len(),
        });
        let next = rest.trim_start();
        place += rest.len() - next.len();
        match next.as_bytes().first()? {
            b',' => return Some(place),
            b'#' => place = source.line_end(place),
            _ => return None,
        }
    }
}
