//! What does an island start from? The page carries it once, as JSON beside the island. Properties of the island itself would
//! bring serde's reader and writer of its types into the browser.

use leptos::leptos_dom::helpers::document;
use leptos::prelude::*;

use crate::json::{FromJson, read};

/// What the page carries for an island.
pub(crate) struct Carried<T> {
    /// Where the state is fetched; empty if the state says so.
    pub source: String,
    /// The state with which the page began.
    pub state: T,
}

/// The element that carries what an island starts from: its name, where its state is fetched, and the state as JSON.
pub(crate) fn carry(island: &'static str, source: String, json: String) -> impl IntoView {
    view! { <span hidden=true data-start=island data-source=source data-json=json></span> }
}

/// What the page carries for an island; `None` if it cannot be read, so that the page's regions are fetched instead.
pub(crate) fn carried<T: FromJson>(island: &str) -> Option<Carried<T>> {
    let element = document().query_selector(&format!("[data-start={island}]")).ok().flatten()?;
    let state = read(&element.get_attribute("data-json")?)?;
    Some(Carried { source: element.get_attribute("data-source").unwrap_or_default(), state })
}
