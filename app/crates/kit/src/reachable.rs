//! Does the server answer? Everything that scripts ask goes through here. While there is no answer, the page says that it shows
//! what was loaded before (`data-lost`); the last question without an answer is asked again once there is one.

use std::cell::{Cell, RefCell};

use leptos::leptos_dom::helpers::{document, window};
use leptos::wasm_bindgen::{JsCast as _, JsValue};
use leptos::web_sys::{AbortSignal, RequestInit, Response};
use wasm_bindgen_futures::JsFuture;

use crate::clock::for_each;
use crate::stream::handler;

/// A request without an answer after this time, in milliseconds, is given up.
const PATIENCE_MS: u32 = 30_000;

thread_local! {
    /// True while the server does not answer.
    static LOST: Cell<bool> = const { Cell::new(false) };
    /// Asks the last question anew.
    static AGAIN: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

/// Says so when the browser loses its network, and asks again when it has one.
pub(crate) fn start() {
    on_network_change(|| {
        if window().navigator().on_line() {
            answered();
        } else {
            lost();
        }
    });
}

/// Acts whenever the browser loses its network or has one again.
pub(crate) fn on_network_change(act: impl Fn() + 'static) {
    let changed = handler(act);
    for event in ["online", "offline"] {
        drop(window().add_event_listener_with_callback(event, changed.unchecked_ref()));
    }
}

/// Sends a request and notes whether there is an answer.
pub(crate) async fn ask(address: &str, init: &RequestInit) -> Result<Response, JsValue> {
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
    let answer = JsFuture::from(window().fetch_with_str_and_init(address, init)).await;
    let answer = answer.map(|answer| answer.unchecked_into::<Response>());
    // A proxy answers with these for a server that does not.
    if answer.as_ref().is_ok_and(|answer| !matches!(answer.status(), 502 | 504)) {
        answered();
    } else {
        lost();
    }
    answer
}

/// The server did not answer.
pub(crate) fn lost() {
    if !LOST.replace(true) {
        for_each(&document(), "[data-lost]", |line| {
            // Only what is shown is an alert: a page that is read without scripts has none.
            drop(line.set_attribute("role", "alert"));
            drop(line.remove_attribute("hidden"));
        });
    }
}

/// Keeps a question that the server did not answer.
pub(crate) fn ask_again(question: impl FnOnce() + 'static) {
    if LOST.get() {
        AGAIN.set(Some(Box::new(question)));
    }
}

/// The server answers. True if it did not before.
pub(crate) fn answered() -> bool {
    let was_lost = LOST.replace(false);
    if was_lost {
        for_each(&document(), "[data-lost]", |line| drop(line.set_attribute("hidden", "")));
        if let Some(ask) = AGAIN.take() {
            ask();
        }
    }
    was_lost
}
