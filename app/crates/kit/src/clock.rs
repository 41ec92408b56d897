//! Keeps the times on a page current in the browser. Once a second it rewrites every `<time>` that carries a time;
//! an attribute of the element says which kind of time it shows.

use leptos::wasm_bindgen::JsCast as _;
use leptos::web_sys::{Document, Element};

use crate::time::{relative, span};

/// Rewrites all ticking times of the page.
pub fn tick(document: &Document) {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date fit an i64")]
    let now = js_sys::Date::now() as i64;
    for_each(document, "time[data-since],time[data-until],time[data-ago]", |time| write(time, now));
}

/// Writes exact times in the viewer's time zone. Call it once after the page, or a part of it, arrives.
pub fn localise(document: &Document) {
    for_each(document, "time[data-exact],time[data-ago]:not([data-local])", |time| {
        let Some(at) = moment(time, "data-exact").or_else(|| moment(time, "data-ago")) else { return };
        let Some(words) = local(at) else { return };
        if time.has_attribute("data-exact") {
            set_text(time, &words);
        } else {
            // Only the hover text changes; the visible words stay relative.
            drop(time.set_attribute("title", &words));
        }
    });
}

/// True if the browser rewrites this element's text and title, so that a difference there is not a change.
pub fn ticks(element: &Element) -> bool {
    element.tag_name() == "TIME"
        && ["data-since", "data-until", "data-ago", "data-exact"].iter().any(|name| element.has_attribute(name))
}

fn write(time: &Element, now: i64) {
    let left = |at: i64| at - now;
    if let Some(since) = moment(time, "data-since") {
        set_text(time, &span(-left(since) / 1000 * 1000));
    } else if let Some(until) = moment(time, "data-until") {
        let ms = left(until);
        let past = time.get_attribute("data-past").unwrap_or_default();
        set_text(time, &if ms > 0 { span(ms / 1000 * 1000) } else { past });
    } else if let Some(at) = moment(time, "data-ago") {
        set_text(time, &relative(-left(at)));
    }
}

/// The time in an attribute, in whole milliseconds as the server writes it.
fn moment(time: &Element, name: &str) -> Option<i64> {
    time.get_attribute(name)?.parse().ok()
}

/// The time in the viewer's zone, formatted as the server formats it. `None` if that zone is UTC, because the page
/// shows UTC already.
fn local(at: i64) -> Option<String> {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a date fit an f64")]
    let at = at as f64;
    let options = js_sys::Object::new();
    for (key, value) in [("dateStyle", "medium"), ("timeStyle", "long")] {
        drop(js_sys::Reflect::set(&options, &key.into(), &value.into()));
    }
    let date = js_sys::Date::new(&at.into());
    (date.get_timezone_offset() != 0.0).then(|| date.to_locale_string("en-GB", &options).into())
}

/// Sets the text only if it differs, so that a text selection inside is not lost every second.
pub fn set_text(element: &Element, words: &str) {
    if element.text_content().as_deref() != Some(words) {
        element.set_text_content(Some(words));
    }
}

/// Calls `act` with every element that matches the selector.
pub fn for_each(document: &Document, selector: &str, mut act: impl FnMut(&Element)) {
    each(document, selector, &mut act);
}

/// The loop of `for_each`. It exists once in the browser's code, however many callers there are.
fn each(document: &Document, selector: &str, act: &mut dyn FnMut(&Element)) {
    let Ok(found) = document.query_selector_all(selector) else { return };
    for at in 0..found.length() {
        if let Some(element) = found.item(at).and_then(|node| node.dyn_into::<Element>().ok()) {
            act(&element);
        }
    }
}
