//! Shows what stands in place of an empty list. Before the first object exists: what the list is for and the one
//! thing to do. When a filter hides everything: a link that removes the filter.

use leptos::prelude::*;

use crate::address::Address;
use crate::button::ButtonStyle;

/// Shown when nothing exists yet: says what will be here. The children are the first step (buttons or links).
#[component]
pub fn Empty(
    /// Title in one line: "No clients yet".
    #[prop(into)]
    title: String,
    /// One sentence: what will be here and what it leads to.
    #[prop(into)]
    text: String,
    /// Buttons or links for the first step.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="empty">
            <h2 class="text-md font-semibold">{title}</h2>
            <p class="max-w-[46ch] text-fg-2">{text}</p>
            {children.map(|children| view! { <div class="flex flex-wrap justify-center gap-2 pt-2">{children()}</div> })}
        </section>
    }
}

/// Shown when a search, a view or a filter hides everything.
#[component]
pub fn EmptyFiltered(
    /// Address of the list.
    at: Address,
    /// What the list contains, in the plural: "jobs".
    #[prop(into)]
    what: String,
    /// Label of the current view, if it is not the default view: "Trash".
    #[prop(optional_no_strip)]
    view: Option<&'static str>,
) -> impl IntoView {
    let what = what.to_lowercase();
    let (title, out) = match (at.get("q"), view) {
        ("", Some("Trash")) => ("The trash is empty.".to_owned(), "Show all"),
        ("", Some(view)) => (format!("No {what} under \u{201c}{view}\u{201d}."), "Show all"),
        ("", None) => (format!("No {what} match."), "Clear filters"),
        (typed, _) => (format!("No {what} match \u{201c}{typed}\u{201d}."), "Clear filters"),
    };
    view! {
        <section class="empty">
            <p class="text-fg-2">{title}</p>
            <a class=ButtonStyle::Secondary.class() href=at.cleared().href()>{out}</a>
        </section>
    }
}
