//! Shows a message while its form is on the way. A form with `data-sending` names the field of the text; the part of the page
//! with `data-sent` shows it as soon as the form is sent. The form goes as it does without scripts, and the page that answers
//! has the message itself, or the form with its text and why it was refused.

use std::cell::Cell;
use std::time::Duration;

use leptos::leptos_dom::helpers::{document, set_timeout, window};
use leptos::wasm_bindgen::JsCast as _;
use leptos::wasm_bindgen::closure::Closure;
use leptos::web_sys::{Element, FormData, HtmlFormElement, SubmitEvent};

use crate::clock::{for_each, set_text};
use crate::dom::listen;

/// After this time nothing is said any more of a form to which no page answers.
const PATIENCE: Duration = Duration::from_secs(30);

thread_local! {
    /// How many messages of the page said the same when the form was sent.
    static SAME: Cell<usize> = const { Cell::new(0) };
}

/// Listens for forms that are sent. Whoever else stops one from being sent listens before.
pub(crate) fn start() {
    listen("submit", show);
    // A page that the browser restores from its history sends nothing.
    let back = Closure::<dyn FnMut()>::new(hide);
    drop(window().add_event_listener_with_callback("pageshow", back.into_js_value().unchecked_ref()));
}

/// Ends it when live updates brought the message before the page that answers.
pub(crate) fn settle() {
    let Some(part) = part().filter(|part| !part.has_attribute("hidden")) else { return };
    if same(&part, &text_of(&part)) > SAME.get() {
        hide();
    }
}

fn show(event: SubmitEvent) {
    // A button with an address of its own does something else with the text.
    let is_other = event.submitter().is_some_and(|button| button.has_attribute("formaction"));
    let form = event.target().and_then(|at| at.dyn_into::<HtmlFormElement>().ok());
    let (Some(form), Some(part)) = (form, part()) else { return };
    let Some(field) = form.get_attribute("data-sending").filter(|_| !event.default_prevented() && !is_other) else {
        return;
    };
    let typed = FormData::new_with_form(&form).ok().and_then(|fields| fields.get(&field).as_string());
    let Some(text) = typed.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else { return };
    SAME.set(same(&part, &text));
    if let Ok(Some(place)) = part.query_selector("[data-sent-text]") {
        set_text(&place, &text);
    }
    drop(part.remove_attribute("hidden"));
    set_timeout(hide, PATIENCE);
}

fn hide() {
    if let Some(part) = part() {
        drop(part.set_attribute("hidden", ""));
    }
}

/// The part of the page that shows what is on its way.
fn part() -> Option<Element> {
    document().query_selector("[data-sent]").ok().flatten()
}

fn text_of(part: &Element) -> String {
    let place = part.query_selector("[data-sent-text]").ok().flatten();
    place.and_then(|place| place.text_content()).unwrap_or_default()
}

/// How many messages of the page say this text.
fn same(part: &Element, text: &str) -> usize {
    let mut count = 0;
    for_each(&document(), &part.get_attribute("data-sent").unwrap_or_default(), |said| {
        count += usize::from(said.text_content().is_some_and(|said| said.trim() == text));
    });
    count
}
