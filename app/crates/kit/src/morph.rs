//! Updates a part of the page without losing what a person is doing in it. It works node by node and in place:
//! equal nodes are not touched, so focus, scroll position, selection and typed values stay. What the person opened
//! or chose takes precedence over the server's version.

use leptos::wasm_bindgen::JsCast as _;
use leptos::web_sys::{Document, Element, HtmlOptionElement, HtmlSelectElement, Node};

use crate::clock::{for_each, refresh, ticks};

/// Attributes that the browser side writes; a difference in them means nothing.
const OURS: [&str; 4] = ["data-flash", "data-local", "data-busy", "data-copied"];

/// Updates every live region (`data-live`) of `page` that also exists in `fresh`. Adds new and changed rows to `rows`.
pub fn regions(page: &Document, fresh: &Document, rows: &mut Vec<Element>) {
    update(page, &|selector| fresh.query_selector(selector).ok().flatten(), rows);
}

/// As `regions`, from regions that were rendered in the browser.
pub fn parts(page: &Document, fresh: &Element, rows: &mut Vec<Element>) {
    update(page, &|selector| fresh.query_selector(selector).ok().flatten(), rows);
}

fn update(page: &Document, find: &dyn Fn(&str) -> Option<Element>, rows: &mut Vec<Element>) {
    for_each(page, "[data-live]", |old| {
        let key = old.get_attribute("data-live").unwrap_or_default();
        let nested = old.parent_element().and_then(|parent| parent.closest("[data-live]").ok().flatten()).is_some();
        if let (false, Some(new)) = (nested, find(&format!("[data-live=\"{key}\"]"))) {
            morph(old, &new, rows);
        }
    });
    // Times keep their text while they are morphed, so each is written for its new moment before the browser paints.
    refresh(page);
}

/// Makes `old` look like `new` and adds new and changed rows (`data-row`) to `rows`. Returns true if anything that
/// matters changed.
fn morph(old: &Element, new: &Element, rows: &mut Vec<Element>) -> bool {
    // An island updates itself, and a choice made in a select belongs to the person.
    if old.tag_name() == "LEPTOS-ISLAND" || chosen(old) || came_back(old, new) {
        return false;
    }
    let mut changed = attributes(old, new);
    if ticks(old) && ticks(new) {
        return false;
    }
    changed |= children(old, new, rows);
    if changed && old.has_attribute("data-row") {
        rows.push(old.clone());
    }
    changed
}

/// True if this form came back from a post with what was typed. The server gives that back once, so a newer version of
/// the form has lost it.
fn came_back(old: &Element, new: &Element) -> bool {
    let is_form = old.tag_name() == "FORM" && old.has_attribute("data-typed");
    is_form && old.get_attribute("action") == new.get_attribute("action")
}

/// True if this is a select in which the person chose something other than the server's choice.
fn chosen(element: &Element) -> bool {
    let Some(select) = element.dyn_ref::<HtmlSelectElement>() else { return false };
    let options = select.options();
    (0..options.length())
        .filter_map(|at| options.item(at)?.dyn_into::<HtmlOptionElement>().ok())
        .any(|option| option.selected() != option.default_selected())
}

fn attributes(old: &Element, new: &Element) -> bool {
    let skip = |name: &str| {
        OURS.contains(&name) || (name == "open" && old.tag_name() == "DETAILS") || (name == "title" && ticks(old))
    };
    let mut changed = false;
    for name in names(new) {
        let value = new.get_attribute(&name);
        if !skip(&name) && old.get_attribute(&name) != value {
            changed |= old.set_attribute(&name, &value.unwrap_or_default()).is_ok();
        }
    }
    for name in names(old) {
        if !skip(&name) && !new.has_attribute(&name) {
            changed |= old.remove_attribute(&name).is_ok();
        }
    }
    changed
}

fn names(element: &Element) -> Vec<String> {
    element.get_attribute_names().iter().filter_map(|name| name.as_string()).collect()
}

/// Pairs the children by key and kind, removes those without a partner first (so that the rest need not move),
/// then puts the others in order.
fn children(old: &Element, new: &Element, rows: &mut Vec<Element>) -> bool {
    let Some(document) = old.owner_document() else { return false };
    let mut spare = nodes(old);
    let wanted: Vec<(Node, Option<Node>)> = nodes(new)
        .into_iter()
        .map(|want| {
            let partner = spare.iter().position(|have| alike(have, &want)).map(|at| spare.remove(at));
            (want, partner)
        })
        .collect();
    let mut changed = false;
    for gone in spare {
        changed |= gone.node_type() != Node::COMMENT_NODE;
        drop(old.remove_child(&gone));
    }
    let mut cursor = old.first_child();
    for (want, partner) in wanted {
        match partner {
            Some(have) => {
                if cursor.as_ref() == Some(&have) {
                    cursor = have.next_sibling();
                } else {
                    drop(old.insert_before(&have, cursor.as_ref()));
                    changed = true;
                }
                changed |= node(&have, &want, rows);
            }
            None => {
                changed |= insert(&document, old, &want, cursor.as_ref(), rows);
            }
        }
    }
    changed
}

/// Updates one node to its new version.
fn node(old: &Node, new: &Node, rows: &mut Vec<Element>) -> bool {
    if let (Some(old), Some(new)) = (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        return morph(old, new, rows);
    }
    let differs = old.node_value() != new.node_value();
    if differs {
        old.set_node_value(new.node_value().as_deref());
    }
    differs && old.node_type() == Node::TEXT_NODE
}

/// Inserts a copy of a new node before `cursor`.
fn insert(document: &Document, parent: &Element, want: &Node, cursor: Option<&Node>, rows: &mut Vec<Element>) -> bool {
    let Ok(copy) = document.import_node_with_deep(want, true) else { return false };
    drop(parent.insert_before(&copy, cursor));
    if let Some(element) = copy.dyn_ref::<Element>().filter(|element| element.has_attribute("data-row")) {
        rows.push(element.clone());
    }
    copy.node_type() != Node::COMMENT_NODE
}

fn nodes(parent: &Element) -> Vec<Node> {
    let list = parent.child_nodes();
    (0..list.length()).filter_map(|at| list.item(at)).collect()
}

/// True if two nodes are the same thing at two times: the same kind, and the same key if they have one.
fn alike(old: &Node, new: &Node) -> bool {
    if old.node_type() != new.node_type() || old.node_name() != new.node_name() {
        return false;
    }
    match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        (Some(old), Some(new)) => key(old) == key(new),
        _ => true,
    }
}

fn key(element: &Element) -> Option<String> {
    element
        .get_attribute("data-row")
        .or_else(|| element.get_attribute("id"))
        .or_else(|| element.get_attribute("data-live"))
}
