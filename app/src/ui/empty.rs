//! What stands where nothing is? Before the first thing exists: what it is and the one thing to do. When a filter hides everything: the way out of it.

use leptos::prelude::*;

use super::address::Address;
use super::button::Look;

/// Nothing yet: what will be here, and the first step as children (buttons or links).
#[component]
pub fn Empty(
    /// One line: "No clients yet".
    #[prop(into)]
    title: String,
    /// One sentence: what it is, what comes of it.
    #[prop(into)]
    text: String,
    /// The first step.
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

/// A filter hides everything.
#[component]
pub fn EmptyFiltered(
    /// Where the list is.
    at: Address,
    /// What it lists, in the plural: "jobs".
    #[prop(into)]
    what: String,
    /// The words of the view looked at, if it is a special one: "Trash".
    #[prop(optional_no_strip)]
    view: Option<&'static str>,
) -> impl IntoView {
    let what = what.to_lowercase();
    let (title, out) = match (at.get("q"), view) {
        ("", Some(view)) => (format!("No {what} under \u{201c}{view}\u{201d}."), "Show all"),
        ("", None) => (format!("No {what} match."), "Clear filters"),
        (typed, _) => (format!("No {what} match \u{201c}{typed}\u{201d}."), "Clear filters"),
    };
    view! {
        <section class="empty">
            <p class="text-fg-2">{title}</p>
            <a class=Look::Secondary.class() href=at.cleared().href()>{out}</a>
        </section>
    }
}
