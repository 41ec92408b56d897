//! Shows one figure: its name, the number, and what it means or how it changed. It can link to the list behind the
//! figure.

use leptos::prelude::*;

/// One figure.
#[component]
pub fn Tile(
    /// What the figure counts.
    #[prop(into)]
    name: String,
    /// The figure.
    #[prop(into)]
    value: String,
    /// What the figure means, or how it changed.
    #[prop(optional, into)]
    note: Option<String>,
    /// Link to the list behind the figure.
    #[prop(optional, into)]
    href: Option<String>,
) -> impl IntoView {
    let inner = view! {
        <span class="text-xs text-fg-2">{name}</span>
        <span class="text-xl font-semibold tabular-nums">{value}</span>
        {note.map(|text| view! { <span class="text-xs text-fg-3">{text}</span> })}
    };
    match href {
        Some(href) => view! { <a class="card tile tile-link" href=href>{inner}</a> }.into_any(),
        None => view! { <div class="card tile">{inner}</div> }.into_any(),
    }
}
