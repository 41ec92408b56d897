//! The island that keeps the card of the agency's connection current.

use std::cell::RefCell;
use std::rc::Rc;

use kit::live_island;
use leptos::prelude::*;

use super::card::{ConnectionFacts, ConnectionHead};
use super::state::ConnectionState;
use crate::typed::Typed;

/// Keeps the card on the page current. The page itself, with its notices and buttons, is asked for only when these changed.
#[island(lazy)]
pub fn LiveConnection(
    /// Where the state is fetched.
    source: String,
    /// What the page began with.
    start: ConnectionState,
) -> impl IntoView {
    Effect::new(move |_| {
        live_island::register(Rc::new(Typed {
            topics: "*",
            tells: "*",
            source: source.clone(),
            renders: &["connection", "connection-facts"],
            announces: &["company", "connection-actions"],
            known: RefCell::new(start.clone()),
            changed: |known, now| known.forms != now.forms,
            view: |state| view! { <ConnectionHead state=state.clone()/><ConnectionFacts state/> }.into_any(),
        }));
    });
    view! { <span hidden=true></span> }
}
