//! The island that keeps the card of the agency's connection current.

use std::cell::RefCell;
use std::rc::Rc;

use kit::dom::when_awake;
use kit::live_island;
use leptos::prelude::*;

use super::card::{ConnectionFacts, ConnectionHead};
use super::state::ConnectionState;
use crate::json::written;
use crate::start::{Carried, carried, carry};
use crate::typed::Typed;

/// The name of what the page carries for the island.
const NAME: &str = "LiveConnection";

/// Keeps the card on the page current. The page itself, with its notices and buttons, is asked for only when these changed.
#[island(lazy)]
pub fn LiveConnection() -> impl IntoView {
    when_awake(|| {
        let Some(Carried { source, state }) = carried::<ConnectionState>(NAME) else { return };
        live_island::register(Rc::new(Typed {
            topics: "*",
            tells: "*",
            source,
            renders: &["connection", "connection-facts"],
            announces: &["company", "connection-actions"],
            known: RefCell::new(state),
            changed: |known, now| known.forms != now.forms,
            view: |state| view! { <ConnectionHead state=state.clone()/><ConnectionFacts state/> }.into_any(),
        }));
    });
    view! { <span hidden=true></span> }
}

/// The island, with what it starts from.
#[component]
pub fn LiveConnectionFrom(
    /// Where the state is fetched.
    source: String,
    /// What the page began with.
    start: ConnectionState,
) -> impl IntoView {
    view! { {carry(NAME, source, written(&start))}<LiveConnection/> }
}
