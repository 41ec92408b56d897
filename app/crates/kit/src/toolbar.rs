//! The bar above a list: views as tabs, the search box and the active filters. It uses plain links and one GET
//! form, so all of its state is in the address.

use domain::page::COUNTED_IN_VIEW;
use leptos::prelude::*;

use crate::address::Address;
use crate::icon::{Glyph, Icon};
use crate::search_field::SearchField;

/// A saved view of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Value of the `view` parameter; empty for the default view.
    pub key: &'static str,
    /// Label of the tab.
    pub label: &'static str,
    /// Number of rows in the view, shown as [`view_count`] says; `None` where counting is expensive.
    pub count: Option<i64>,
}

/// The number beside a view: exact as far as every view is counted, and "99+" for all above. A list says itself how many
/// rows it has.
#[must_use]
pub fn view_count(n: i64) -> String {
    if n > COUNTED_IN_VIEW { format!("{COUNTED_IN_VIEW}+") } else { n.to_string() }
}

/// An active filter, in addition to search and view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterChip {
    /// Parameter of the filter in the address.
    pub key: String,
    /// Text of the filter: "Snapshot is Dental Pro".
    pub label: String,
}

/// A switch beside the views: while it is on, every view shows only a part of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewToggle {
    /// Parameter of the address; `yes` while it is on.
    pub key: &'static str,
    /// Label of the switch.
    pub label: &'static str,
    /// Number of rows that it leaves in the default view; `None` where counting is expensive.
    pub count: Option<i64>,
}

impl ViewToggle {
    /// True if the switch is on at this address.
    #[must_use]
    pub fn is_on(&self, at: &Address) -> bool {
        at.get(self.key) == "yes"
    }
}

/// Views, search and filters of the list at `at`.
#[component]
pub fn Toolbar(
    /// Address of the list.
    at: Address,
    /// The views; an empty list means no tabs.
    #[prop(default = Vec::new())]
    views: Vec<SavedView>,
    /// A switch beside the views.
    #[prop(optional_no_strip)]
    toggle: Option<ViewToggle>,
    /// Active filters that the address does not name as such, or not in words.
    #[prop(default = Vec::new())]
    filters: Vec<FilterChip>,
    /// Label of the search box, which says what the search covers: "Search clients". `None` means no search box.
    #[prop(optional_no_strip)]
    search: Option<&'static str>,
    /// Additional controls at the end: a filter menu, an export link.
    #[prop(optional_no_strip)]
    tools: Option<AnyView>,
) -> impl IntoView {
    let named = at.conditions().into_iter().map(|one| FilterChip { key: one.parameter(), label: one.words() });
    let named: Vec<_> = named.filter(|one| filters.iter().all(|own| own.key != one.key)).collect();
    let filters: Vec<_> = filters.into_iter().chain(named).collect();
    if views.is_empty() && filters.is_empty() && search.is_none() && tools.is_none() {
        return ().into_any();
    }
    let tabs = (!views.is_empty()).then(|| view! { <ViewTabs at=at.clone() views=views toggle=toggle /> });
    let chips = (!filters.is_empty()).then(|| view! { <Chips at=at.clone() filters=filters /> });
    view! {
        <div class="flex flex-wrap items-center gap-x-3 gap-y-2 pb-3" data-toolbar>
            {tabs}
            <div class="ms-auto flex items-center gap-2 max-sm:ms-0 max-sm:w-full max-sm:flex-wrap">
                {search.map(|label| view! { <SearchField at=at label=label width="w-64 max-sm:w-full" /> })}
                {tools}
            </div>
            {chips}
        </div>
    }
    .into_any()
}

/// One tab per view; the current one is announced, not only shown.
#[component]
fn ViewTabs(at: Address, views: Vec<SavedView>, toggle: Option<ViewToggle>) -> impl IntoView {
    let now = at.get("view").to_owned();
    let toggle = toggle.map(|one| {
        let is_on = one.is_on(&at);
        let href = at.with(one.key, if is_on { "" } else { "yes" }).href();
        view! {
            <span class="mx-1 h-4 border-s border-line" aria-hidden="true"></span>
            <a class="view-tab" href=href aria-current=is_on.then_some("true")>
                {one.label}
                {one.count.map(|n| view! { <span class="text-2xs text-fg-3 tabular-nums">{view_count(n)}</span> })}
            </a>
        }
    });
    let tabs = views
        .into_iter()
        .map(|one| {
            let current = (one.key == now).then_some("page");
            view! {
                <a class="view-tab" href=at.with("view", one.key).href() aria-current=current>
                    {one.label}
                    {one.count.map(|n| view! { <span class="text-2xs text-fg-3 tabular-nums">{view_count(n)}</span> })}
                </a>
            }
        })
        .collect_view();
    view! { <nav class="flex min-w-0 items-center gap-1 overflow-x-auto" aria-label="Views">{tabs}{toggle}</nav> }
}

/// The active filters, each with a link that removes it.
#[component]
fn Chips(at: Address, filters: Vec<FilterChip>) -> impl IntoView {
    let chips = filters
        .into_iter()
        .map(|one| {
            let out = format!("Remove filter: {}", one.label);
            let without = at.with(&one.key, "").href();
            view! {
                <li class="inline-flex h-6 items-center rounded-control border border-line bg-surface ps-2 text-xs text-fg-2">
                    {one.label}
                    <a class="grid size-6 place-items-center text-fg-3 hover:text-fg" href=without aria-label=out><Icon of=Glyph::Close /></a>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="flex w-full flex-wrap items-center gap-2" aria-label="Filters">
            {chips}
            <li><a class="text-xs text-fg-3 hover:text-fg" href=at.cleared().href()>"Clear all"</a></li>
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::view_count;

    #[test]
    fn a_number_beside_a_view_is_exact_up_to_99() {
        for (n, shown) in [(0, "0"), (7, "7"), (99, "99"), (100, "99+"), (5_000_000, "99+")] {
            assert_eq!(view_count(n), shown);
        }
    }
}
