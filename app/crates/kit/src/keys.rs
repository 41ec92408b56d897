//! Keyboard shortcuts. `g` and a letter opens a page, a single letter presses the element that carries it
//! (`data-key`), J and K move through the rows, X ticks one, and `?` shows all shortcuts. None of them works while
//! typing, where Ctrl and Enter send a message. All single-letter shortcuts can be switched off (WCAG 2.1.4); the
//! browser stores that choice.

use std::cell::Cell;

use leptos::leptos_dom::helpers::{document, window};
use leptos::wasm_bindgen::JsCast as _;
use leptos::web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement, KeyboardEvent, Storage};

use crate::dom::{close_menus, focus, listen};

/// How long `g` waits for its second key, in milliseconds.
const SECOND_KEY_MS: f64 = 1200.0;
/// Key in the browser's local storage; it is set while single-letter shortcuts are off.
const OFF: &str = "keys-off";

/// The links of Find, in their order on the page: pages opened last, then hits.
const HITS: &str = "[data-recent]:not([hidden]) [data-recent-page]:not([hidden]) a, [data-live=found] a";

/// Listens for keys and for the switch that turns single letters off.
pub fn start() {
    show_switch();
    let pressed = Cell::new(f64::NEG_INFINITY);
    listen("keydown", move |event: KeyboardEvent| key(&event, &pressed));
    listen("change", |event: Event| {
        let Some(switch) = event.target().and_then(|at| at.dyn_into::<HtmlInputElement>().ok()) else { return };
        if let (true, Some(store)) = (switch.has_attribute("data-keys-switch"), store()) {
            drop(if switch.checked() { store.remove_item(OFF) } else { store.set_item(OFF, "1") });
        }
    });
}

fn store() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn off() -> bool {
    store().and_then(|store| store.get_item(OFF).ok().flatten()).is_some()
}

fn show_switch() {
    if let Ok(Some(switch)) = document().query_selector("[data-keys-switch]")
        && let Some(switch) = switch.dyn_ref::<HtmlInputElement>()
    {
        switch.set_checked(!off());
    }
}

fn key(event: &KeyboardEvent, pressed: &Cell<f64>) {
    let typed = event.key();
    if typed == "Escape" {
        close_menus(None);
        if close_search(event) {
            event.prevent_default();
        }
        return;
    }
    let find = (event.ctrl_key() || event.meta_key()) && typed.eq_ignore_ascii_case("k");
    if find && press("data-key", "mod-k") {
        event.prevent_default();
        return;
    }
    if (event.ctrl_key() || event.meta_key()) && typed == "Enter" && send(event) {
        event.prevent_default();
        return;
    }
    if let Some(done) = find_keys(event, &typed) {
        if done {
            event.prevent_default();
        }
        return;
    }
    // Longer names are keys without a letter: arrows, function keys.
    if typed.len() != 1 || event.ctrl_key() || event.meta_key() || event.alt_key() || typing(event) || off() {
        return;
    }
    let now = js_sys::Date::now();
    let second = now - pressed.replace(f64::NEG_INFINITY) < SECOND_KEY_MS;
    let letter = typed.to_ascii_lowercase();
    let done = match letter.as_str() {
        "g" if !second => {
            pressed.set(now);
            true
        }
        _ if second => press("data-go", &letter),
        "j" => walk(1),
        "k" => walk(-1),
        "x" => tick(),
        _ => press("data-key", &letter),
    };
    if done {
        event.prevent_default();
    }
}

fn typing(event: &KeyboardEvent) -> bool {
    let Some(at) = event.target().and_then(|at| at.dyn_into::<HtmlElement>().ok()) else { return false };
    let tick = at.dyn_ref::<HtmlInputElement>().is_some_and(|input| input.type_() == "checkbox");
    (matches!(at.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") && !tick) || at.is_content_editable()
}

/// Presses the button that a form with `data-send` shows, while somebody types in one of its areas.
fn send(event: &KeyboardEvent) -> bool {
    let area = event.target().and_then(|at| at.dyn_into::<Element>().ok()).filter(|at| at.tag_name() == "TEXTAREA");
    let Some(form) = area.and_then(|area| area.closest("form[data-send]").ok().flatten()) else { return false };
    let Ok(buttons) = form.query_selector_all("button[type=submit]") else { return false };
    let mut buttons = (0..buttons.length()).filter_map(|at| buttons.item(at)?.dyn_into::<HtmlElement>().ok());
    // A button that the style sheet hides has no width. One in a closed fold may have one.
    let in_fold = |button: &HtmlElement| button.closest("details:not([open])").is_ok_and(|fold| fold.is_some());
    let shown = buttons.find(|button| button.offset_width() > 0 && !in_fold(button));
    shown.map(|button| button.click()).is_some()
}

/// Closes the dialog whose search field has the focus. The browser's own first Escape would only empty the field.
fn close_search(event: &KeyboardEvent) -> bool {
    let Some(field) = event.target().and_then(|at| at.dyn_into::<HtmlInputElement>().ok()) else { return false };
    let dialog = field.closest("dialog[open]").ok().flatten().and_then(|it| it.dyn_into::<HtmlDialogElement>().ok());
    let Some(dialog) = dialog.filter(|_| field.type_() == "search" && !event.is_composing()) else { return false };
    dialog.close();
    true
}

/// Handles the keys of Find. The arrow keys move between the search field and its hits. A letter typed on a hit goes
/// back to the search field. Enter in the search field opens the first hit, once the hits belong to the typed words.
/// Returns `None` if the key is not for Find, true if it is handled, and false if the browser must still process it.
fn find_keys(event: &KeyboardEvent, typed: &str) -> Option<bool> {
    let words = document().query_selector("[data-find]").ok()??;
    let found = document().query_selector("[data-live=found]").ok()??;
    let links = document().query_selector_all(HITS).ok()?;
    let mut stops = vec![words.clone()];
    stops.extend((0..links.length()).filter_map(|at| links.item(at)?.dyn_into::<Element>().ok()));
    let at = document().active_element()?;
    let now = stops.iter().position(|stop| stop.is_same_node(Some(&at)))?;
    let next = match typed {
        "ArrowDown" => now + 1,
        "ArrowUp" => now + stops.len() - 1,
        "Enter" if now == 0 && !event.is_composing() => {
            let said = words.dyn_ref::<HtmlInputElement>()?.value();
            let first = stops.get(1).filter(|_| found.get_attribute("data-typed") == Some(said))?;
            first.dyn_ref::<HtmlElement>()?.click();
            return Some(true);
        }
        _ if now > 0 && typed.chars().count() == 1 && !event.ctrl_key() && !event.meta_key() => {
            focus(&words);
            return Some(false);
        }
        _ => return None,
    };
    focus(&stops[next % stops.len()]);
    Some(true)
}

/// Focuses the input, or clicks the other element, that carries this letter in the attribute `name`.
fn press(name: &str, letter: &str) -> bool {
    // These characters could end the selector's string.
    if letter.contains(['"', '\\']) {
        return false;
    }
    let Ok(Some(found)) = document().query_selector(&format!("[{name}=\"{letter}\"]")) else { return false };
    if found.tag_name() == "INPUT" {
        focus(&found);
    } else if let Some(found) = found.dyn_ref::<HtmlElement>() {
        found.click();
    }
    true
}

/// Moves the focus one row forwards or backwards; the first time it moves to the first row.
fn walk(by: i64) -> bool {
    let Ok(links) = document().query_selector_all(".row-link") else { return false };
    let links: Vec<Element> = (0..links.length()).filter_map(|at| links.item(at)?.dyn_into().ok()).collect();
    let now = row().and_then(|row| links.iter().position(|link| row.contains(Some(link))));
    let next = now.map_or(Some(0), |at| i64::try_from(at).ok().and_then(|at| usize::try_from(at + by).ok()));
    next.and_then(|at| links.get(at)).map(focus).is_some()
}

/// Toggles the checkbox of the row that has the focus.
fn tick() -> bool {
    let found = row()
        .and_then(|row| row.query_selector(".tick").ok().flatten())
        .and_then(|tick| tick.dyn_into::<HtmlElement>().ok());
    found.map(|tick| tick.click()).is_some()
}

/// The row that holds the focus.
fn row() -> Option<Element> {
    document().active_element()?.closest("[data-row]").ok().flatten()
}
