//! An island whose regions show one value: it is fetched whole, and its components are rendered from it.

use std::cell::RefCell;

use kit::live_island::{self, LiveIsland, Shown};
use leptos::prelude::*;
use leptos::web_sys::Element;

use crate::json::{FromJson, read};

/// Regions that show one value.
pub(crate) struct Typed<T> {
    /// The topics after whose events it is fetched, separated by blanks.
    pub topics: &'static str,
    /// Those of its topics after whose events it says whether the regions that it announces changed.
    pub tells: &'static str,
    /// Where it is fetched.
    pub source: String,
    /// The regions that it renders.
    pub renders: &'static [&'static str],
    /// The regions that the page is asked for when `changed` says so.
    pub announces: &'static [&'static str],
    /// The value on the page.
    pub known: RefCell<T>,
    /// True if what is announced differs between two values.
    pub changed: fn(&T, &T) -> bool,
    /// Renders the regions.
    pub view: fn(T) -> AnyView,
}

impl<T: Clone + FromJson + 'static> LiveIsland for Typed<T> {
    fn topics(&self) -> &str {
        self.topics
    }

    fn tells(&self) -> &str {
        self.tells
    }

    fn renders(&self) -> &[&'static str] {
        self.renders
    }

    fn announces(&self) -> &[&'static str] {
        self.announces
    }

    fn address(&self, _whole: bool) -> String {
        self.source.clone()
    }

    fn show(&self, answer: &str, rows: &mut Vec<Element>) -> Option<Shown> {
        let (value, view) = (read::<T>(answer)?, self.view);
        let known = self.known.replace(value.clone());
        let outdated = if (self.changed)(&known, &value) { self.announces.to_vec() } else { Vec::new() };
        live_island::render(move || view(value), rows);
        Some(Shown { title: None, outdated })
    }
}
