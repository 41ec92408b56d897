//! Shows that the page asks the server while somebody types. The form is marked, and the stylesheet draws a line along it once
//! that lasts (`style/controls.css`); the regions that wait are marked for assistive technology.

use leptos::leptos_dom::helpers::document;
use leptos::web_sys::Element;

use crate::clock::for_each;

/// Marks a form, and the regions with these names, as waiting for an answer. Nothing else waits from now on: the answer to an
/// earlier question is not shown any more.
pub(crate) fn begin(form: &Element, regions: &[String]) {
    settle();
    drop(form.set_attribute("data-busy", ""));
    for_each(&document(), "[data-live]", |region| {
        if region.get_attribute("data-live").is_some_and(|key| regions.contains(&key)) {
            drop(region.set_attribute("aria-busy", "true"));
        }
    });
}

/// Nothing waits any more.
pub(crate) fn settle() {
    for_each(&document(), "form[data-busy],[data-live][aria-busy]", |waiting| {
        drop(waiting.remove_attribute("data-busy"));
        drop(waiting.remove_attribute("aria-busy"));
    });
}
