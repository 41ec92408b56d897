//! What frames a thing on a page: a hairline, a title, actions at the end of its line.

use leptos::prelude::*;

/// A framed part of a page.
#[component]
pub fn Card(
    /// Its title; none for a bare frame.
    #[prop(optional, into)]
    title: Option<String>,
    /// What stands at the end of the title's line: a link, a pill.
    #[prop(optional, into)]
    aside: Option<AnyView>,
    /// Whether its content reaches the edges (a table, a list).
    #[prop(optional)]
    flush: bool,
    /// Its content.
    children: Children,
) -> impl IntoView {
    let head = title.map(|title| {
        view! {
            <header class="flex min-h-11 items-center gap-3 border-b border-line px-4 py-2">
                <h2 class="grow text-sm font-semibold">{title}</h2>
                {aside}
            </header>
        }
    });
    let body = if flush { "min-w-0" } else { "min-w-0 p-4" };
    view! { <section class="card">{head}<div class=body>{children()}</div></section> }
}
