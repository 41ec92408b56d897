//! Tabs that choose which part of an object is shown: links in a row, with the current one underlined and announced.

use leptos::prelude::*;

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Label of the tab.
    pub label: String,
    /// Target of the tab.
    pub href: String,
    /// True if this tab is shown now.
    pub current: bool,
    /// Number of things in the tab; `None` shows no number.
    pub count: Option<i64>,
}

impl Tab {
    /// A tab without a count.
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), current, count: None }
    }
}

/// Tabs as links.
#[component]
pub fn Tabs(
    /// What the tabs are parts of, for assistive technology.
    #[prop(into)]
    label: String,
    /// The tabs.
    tabs: Vec<Tab>,
) -> impl IntoView {
    let tabs = tabs
        .into_iter()
        .map(|tab| {
            view! {
                <a class="tab" href=tab.href aria-current=tab.current.then_some("page")>
                    {tab.label}
                    {tab.count.map(|n| view! { <span class="text-2xs text-fg-3 tabular-nums">{crate::grouped(n)}</span> })}
                </a>
            }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=label>{tabs}</nav> }
}
