//! Which sentences of a page does a screen reader hear, and when? Failures at once, the rest no more often than a person
//! can listen to.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::leptos_dom::helpers::{document, set_timeout};
use leptos::web_sys::Element;

use crate::clock::set_text;
use crate::shown::sentences;
use crate::stream::millis;

/// The polite region announces at most one sentence in this time, in milliseconds.
const INTERVAL_MS: f64 = 3000.0;

/// The two regions that announce sentences, and what they said.
pub(crate) struct Announcer {
    /// Announces when there is time.
    polite: Element,
    /// Announces at once.
    urgent: Element,
    /// When the polite region last announced something.
    spoke: Cell<f64>,
    /// True while the polite region waits to announce something.
    pending: Cell<bool>,
    /// What both regions said last.
    last: RefCell<(String, String)>,
}

impl Announcer {
    /// The announcer of a page, which has said what the page shows now.
    pub(crate) fn new(polite: Element, urgent: Element) -> Rc<Self> {
        let last = RefCell::new(sentences(&document()));
        Rc::new(Self { polite, urgent, spoke: Cell::new(0.0), pending: Cell::new(false), last })
    }

    /// Announces what is new among these sentences, the polite one and the urgent one.
    pub(crate) fn announce(self: &Rc<Self>, (polite, urgent): (String, String)) {
        let mut last = self.last.borrow_mut();
        if last.1 != urgent {
            set_text(&self.urgent, &urgent);
            last.1 = urgent;
        }
        if last.0 == polite {
            return;
        }
        let wait = self.spoke.get() + INTERVAL_MS - js_sys::Date::now();
        if wait <= 0.0 {
            self.spoke.set(js_sys::Date::now());
            set_text(&self.polite, &polite);
            last.0 = polite;
        } else if !self.pending.replace(true) {
            // The later call announces what the page says then, not what it says now.
            let announcer = self.clone();
            set_timeout(
                move || {
                    announcer.pending.set(false);
                    announcer.announce(sentences(&document()));
                },
                millis(wait),
            );
        }
    }
}
