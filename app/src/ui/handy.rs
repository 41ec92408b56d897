//! What small comforts does every page get once scripts run? Ticking times, copy buttons, menus that close, keys, buttons that show they were pressed.
//! All of it is delegated from the document, so it also serves parts that live updates bring later.

use std::cell::Cell;
use std::time::Duration;

use leptos::leptos_dom::helpers::{document, set_interval, set_timeout, window};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast as _;
use leptos::wasm_bindgen::closure::Closure;
use leptos::web_sys::{Element, Event, HtmlElement, KeyboardEvent, SubmitEvent};

use super::clock;

/// How long `g` waits for its second key.
const SECOND_KEY_MS: f64 = 1200.0;

/// The comforts of every page; shows nothing but says "Copied".
#[island]
pub fn Handy() -> impl IntoView {
    let said = RwSignal::new("");
    Effect::new(move |_| start(said));
    view! { <span class="sr-only" role="status">{move || said.get()}</span> }
}

fn start(said: RwSignal<&'static str>) {
    // Shows what needs scripts, and tells tests that the page is alive.
    if let Some(root) = document().document_element() {
        drop(root.set_attribute("data-hydrated", ""));
    }
    clock::localise(&document());
    clock::tick(&document());
    set_interval(|| if !document().hidden() { clock::tick(&document()) }, Duration::from_secs(1));
    listen("click", move |event: Event| {
        let Some(target) = event.target().and_then(|at| at.dyn_into::<Element>().ok()) else { return };
        copy(&target, said);
        close_menus(Some(&target));
    });
    let pressed = Cell::new(f64::NEG_INFINITY);
    listen("keydown", move |event: KeyboardEvent| key(&event, &pressed));
    listen("submit", busy);
    // A page brought back by the browser must not show its buttons as pressed.
    let back = Closure::<dyn FnMut()>::new(|| clock::for_each(&document(), "[data-busy]", |button| drop(button.remove_attribute("data-busy"))));
    drop(window().add_event_listener_with_callback("pageshow", back.into_js_value().unchecked_ref()));
}

/// Copies the id behind a copy button.
fn copy(target: &Element, said: RwSignal<&'static str>) {
    let Ok(Some(button)) = target.closest("[data-copy]") else { return };
    let text = button.get_attribute("data-copy").unwrap_or_default();
    drop(window().navigator().clipboard().write_text(&text));
    drop(button.set_attribute("data-copied", ""));
    said.set("Copied");
    set_timeout(
        move || {
            drop(button.remove_attribute("data-copied"));
            said.set("");
        },
        Duration::from_millis(1500),
    );
}

/// Closes every open menu but the one that holds `but`. Returns whether one was open.
fn close_menus(but: Option<&Element>) -> bool {
    let mut any = false;
    clock::for_each(&document(), "details[data-pop][open]", |menu| {
        if but.is_some_and(|inside| menu.contains(Some(inside))) {
            return;
        }
        any = true;
        let held = document().active_element().is_some_and(|focused| menu.contains(Some(&focused)));
        drop(menu.remove_attribute("open"));
        if let (true, Ok(Some(summary))) = (held, menu.query_selector("summary")) {
            focus(&summary);
        }
    });
    any
}

/// Keys: Escape closes menus; `g` and a letter goes; one letter presses what carries it. None of them while typing.
fn key(event: &KeyboardEvent, pressed: &Cell<f64>) {
    let typed = event.key();
    if typed == "Escape" {
        close_menus(None);
        return;
    }
    let off = document().document_element().is_some_and(|root| root.get_attribute("data-keys").as_deref() == Some("off"));
    if off || typed.len() != 1 || event.ctrl_key() || event.meta_key() || event.alt_key() || typing(event) {
        return;
    }
    let now = js_sys::Date::now();
    let second = now - pressed.replace(f64::NEG_INFINITY) < SECOND_KEY_MS;
    if typed == "g" && !second {
        pressed.set(now);
        return;
    }
    let name = if second { "data-go" } else { "data-key" };
    // Only characters that cannot end the selector's string.
    let safe = typed.chars().all(|c| c != '"' && c != '\\');
    if let (true, Ok(Some(found))) = (safe, document().query_selector(&format!("[{name}=\"{}\"]", typed.to_lowercase()))) {
        event.prevent_default();
        if found.tag_name() == "INPUT" {
            focus(&found);
        } else if let Some(found) = found.dyn_ref::<HtmlElement>() {
            found.click();
        }
    }
}

fn typing(event: &KeyboardEvent) -> bool {
    let Some(at) = event.target().and_then(|at| at.dyn_into::<HtmlElement>().ok()) else { return false };
    matches!(at.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || at.is_content_editable()
}

fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        drop(element.focus());
    }
}

/// The pressed button of a form shows that it was; a second press within the same page does nothing.
fn busy(event: SubmitEvent) {
    let Some(button) = event.submitter().and_then(|button| button.dyn_into::<Element>().ok()) else { return };
    if button.has_attribute("data-busy") {
        event.prevent_default();
        return;
    }
    drop(button.set_attribute("data-busy", ""));
}

fn listen<E>(event: &str, act: impl Fn(E) + 'static)
where
    E: wasm_bindgen::convert::FromWasmAbi + 'static,
{
    let handler = Closure::<dyn FnMut(E)>::new(act);
    drop(document().add_event_listener_with_callback(event, handler.into_js_value().unchecked_ref()));
}
