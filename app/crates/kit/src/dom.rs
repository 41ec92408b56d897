//! Starts what islands do, listens to events of the document, moves the focus and closes menus.

use leptos::leptos_dom::helpers::document;
use leptos::wasm_bindgen::JsCast as _;
use leptos::wasm_bindgen::closure::Closure;
use leptos::web_sys::{Element, HtmlElement};
use wasm_bindgen_futures::spawn_local;

use crate::clock;

/// Closes every open menu except the one that contains `but`. If the focus was inside a closed menu, it moves to
/// the menu's button.
pub fn close_menus(but: Option<&Element>) {
    clock::for_each(&document(), "details[data-pop][open]", |menu| {
        if but.is_some_and(|inside| menu.contains(Some(inside))) {
            return;
        }
        let held = document().active_element().is_some_and(|focused| menu.contains(Some(&focused)));
        drop(menu.remove_attribute("open"));
        if let (true, Ok(Some(summary))) = (held, menu.query_selector("summary")) {
            focus(&summary);
        }
    });
}

/// Acts in the browser once the island that asks for it is awake; on the server it does nothing. An effect would do the same, but
/// nothing here depends on a signal, and every page would load what tracks them.
pub fn when_awake(act: impl FnOnce() + 'static) {
    if cfg!(target_family = "wasm") {
        spawn_local(async { act() });
    }
}

/// Gives focus to an element.
pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        drop(element.focus());
    }
}

/// Adds a listener to the document that lives as long as the page.
pub fn listen<E>(event: &str, act: impl Fn(E) + 'static)
where
    E: wasm_bindgen::convert::FromWasmAbi + 'static,
{
    let handler = Closure::<dyn FnMut(E)>::new(act);
    drop(document().add_event_listener_with_callback(event, handler.into_js_value().unchecked_ref()));
}
