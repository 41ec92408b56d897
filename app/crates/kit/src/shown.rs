//! What of an open page matters to its live updates besides its regions: the topics it shows, the sentences it wants
//! announced, logs that stay at their end, and rows that flash.

use std::time::Duration;

use domain::topics;
use leptos::leptos_dom::helpers::{document, set_timeout};
use leptos::wasm_bindgen::JsCast as _;
use leptos::web_sys::{Document, Element, HtmlElement};

use crate::clock::for_each;

/// How long a changed row is tinted; the stylesheet fades the tint over the same time.
const FLASH: Duration = Duration::from_millis(1500);

/// Everything that the page shows, for the stream.
pub(crate) fn shown_topics() -> String {
    let mut shown = Vec::new();
    for_each(&document(), "[data-topics]", |region| {
        topics::add(&mut shown, &region.get_attribute("data-topics").unwrap_or_default());
    });
    shown.join(" ")
}

/// What the page wants announced: the polite sentences and the urgent ones.
pub(crate) fn sentences(page: &Document) -> (String, String) {
    let (mut polite, mut urgent) = (String::new(), String::new());
    for_each(page, "[data-announce]", |element| {
        let text = element.text_content().unwrap_or_default();
        let to = if element.get_attribute("data-announce").as_deref() == Some("assertive") {
            &mut urgent
        } else {
            &mut polite
        };
        to.push_str(text.trim());
        to.push(' ');
    });
    (polite, urgent)
}

/// The logs that are scrolled to their end, and so should stay there, or all logs.
pub(crate) fn ends(page: &Document, all: bool) -> Vec<HtmlElement> {
    let mut found = Vec::new();
    for_each(page, "[data-follow]", |log| {
        let at_end = log.scroll_top() + log.client_height() >= log.scroll_height() - 24;
        if let (true, Some(log)) = (at_end || all, log.dyn_ref::<HtmlElement>()) {
            found.push(log.clone());
        }
    });
    found
}

/// Scrolls logs to their end, unless the address points at one line.
pub(crate) fn follow(page: &Document, logs: &[HtmlElement]) {
    let pointed = page.location().and_then(|at| at.hash().ok()).is_some_and(|hash| hash.starts_with("#line-"));
    for log in logs.iter().filter(|_| !pointed) {
        log.set_scroll_top(log.scroll_height());
    }
}

/// Tints a row for a moment; the stylesheet omits the tint for people who ask for less motion.
pub(crate) fn flash(row: &Element) {
    drop(row.set_attribute("data-flash", ""));
    let row = row.clone();
    set_timeout(move || drop(row.remove_attribute("data-flash")), FLASH);
}
