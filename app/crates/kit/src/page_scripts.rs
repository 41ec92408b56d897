//! Adds small conveniences to every page once scripts run: ticking times, copy buttons, menus that close, keyboard
//! shortcuts, and buttons that show they were pressed. All listeners are on the document, so they also serve parts
//! that live updates bring later.

use std::cell::Cell;
use std::time::Duration;

use leptos::leptos_dom::helpers::{document, set_interval, set_timeout, window};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast as _;
use leptos::wasm_bindgen::closure::Closure;
use leptos::web_sys::{Element, Event, HtmlDialogElement, SubmitEvent};

use crate::dom::{close_menus, listen, when_awake};
use crate::{clock, keys, live_search, preview, reachable, recent, sending, url_name, zone_field};

/// For how long after a form was sent its answer is expected, in milliseconds.
const LEAVING_MS: f64 = 3000.0;

thread_local! {
    /// When a form was last sent.
    static SENT: Cell<f64> = const { Cell::new(0.0) };
}

/// True while the answer to a form that was just sent is expected: the page is about to be left for another one.
pub(crate) fn is_leaving() -> bool {
    js_sys::Date::now() - SENT.get() < LEAVING_MS
}

/// Starts the conveniences of every page. It is invisible and only announces "Copied" to assistive technology.
#[island]
pub fn PageScripts() -> impl IntoView {
    when_awake(start);
    view! { <span class="sr-only" role="status" data-voice="handy"></span> }
}

fn start() {
    // Reveals what needs scripts, and tells tests that the page is hydrated.
    if let Some(root) = document().document_element() {
        drop(root.set_attribute("data-hydrated", ""));
    }
    show_address_note();
    clock::refresh(&document());
    set_interval(
        || {
            if !document().hidden() {
                clock::tick(&document())
            }
        },
        Duration::from_secs(1),
    );
    listen("click", move |event: Event| {
        let Some(target) = event.target().and_then(|at| at.dyn_into::<Element>().ok()) else { return };
        copy(&target);
        let closes = target.closest("[data-close]").is_ok_and(|found| found.is_some());
        close_menus(Some(&target).filter(|_| !closes));
        open_dialog(&target);
    });
    keys::start();
    reachable::start();
    live_search::start();
    recent::start();
    preview::start();
    url_name::start();
    zone_field::start();
    listen("submit", mark_submitted);
    sending::start();
    guard();
    // A page that the browser restores from its history must not show its buttons as pressed.
    let back = Closure::<dyn FnMut()>::new(|| {
        clock::for_each(&document(), "[data-busy]", |button| drop(button.remove_attribute("data-busy")))
    });
    drop(window().add_event_listener_with_callback("pageshow", back.into_js_value().unchecked_ref()));
}

/// Shows the note with the installation's public address (`data-lives-at`), unless the page was opened under it.
fn show_address_note() {
    let here = window().location().origin().ok();
    clock::for_each(&document(), "[data-lives-at]", |note| {
        let known = if note.get_attribute("data-lives-at") == here {
            note.set_attribute("hidden", "")
        } else {
            note.remove_attribute("hidden")
        };
        drop(known);
    });
}

/// Copies the text of the copy button that was clicked.
fn copy(target: &Element) {
    let Ok(Some(button)) = target.closest("[data-copy]") else { return };
    let text = button.get_attribute("data-copy").unwrap_or_default();
    drop(window().navigator().clipboard().write_text(&text));
    drop(button.set_attribute("data-copied", ""));
    say("Copied");
    set_timeout(
        move || {
            drop(button.remove_attribute("data-copied"));
            say("");
        },
        Duration::from_millis(1500),
    );
}

/// Announces a word to assistive technology.
fn say(word: &str) {
    if let Ok(Some(voice)) = document().query_selector("[data-voice=handy]") {
        clock::set_text(&voice, word);
    }
}

/// Opens the dialog that a button names.
fn open_dialog(target: &Element) {
    let Ok(Some(button)) = target.closest("[data-dialog]") else { return };
    let id = button.get_attribute("data-dialog").unwrap_or_default();
    if let Some(dialog) = document().get_element_by_id(&id).and_then(|found| found.dyn_into::<HtmlDialogElement>().ok())
    {
        drop(dialog.show_modal());
        if id == "find" {
            recent::open();
        }
    }
}

/// Marks the submit button that was pressed. Pressing it again on the same page does nothing.
fn mark_submitted(event: SubmitEvent) {
    let Some(button) = event.submitter().and_then(|button| button.dyn_into::<Element>().ok()) else { return };
    if button.has_attribute("data-busy") {
        event.prevent_default();
        return;
    }
    drop(button.set_attribute("data-busy", ""));
    SENT.set(js_sys::Date::now());
}

/// Asks before the page is left while a guarded form (`data-guard`) holds unsent input.
fn guard() {
    listen("input", |event: Event| {
        let form = event
            .target()
            .and_then(|at| at.dyn_into::<Element>().ok())
            .and_then(|at| at.closest("form[data-guard]").ok().flatten());
        if let Some(form) = form {
            drop(form.set_attribute("data-guard", "typed"));
        }
    });
    let leaving = Closure::<dyn FnMut(Event)>::new(|event: Event| {
        let typed = document().query_selector("form[data-guard=typed]").is_ok_and(|found| found.is_some());
        let sent = document().query_selector("form[data-guard] [data-busy]").is_ok_and(|found| found.is_some());
        if typed && !sent {
            event.prevent_default();
        }
    });
    drop(window().add_event_listener_with_callback("beforeunload", leaving.into_js_value().unchecked_ref()));
}
