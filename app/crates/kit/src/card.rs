//! A framed part of a page: a thin border, a title, and actions at the end of the title line.

use leptos::prelude::*;

/// A framed part of a page.
#[component]
pub fn Card(
    /// Title; `None` for a frame without a title line.
    #[prop(optional, into)]
    title: Option<String>,
    /// Content at the end of the title line, such as a link or a status pill.
    #[prop(optional, into)]
    aside: Option<AnyView>,
    /// True if the content reaches the edges of the card (a table, a list).
    #[prop(optional)]
    flush: bool,
    /// The content of the card.
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
