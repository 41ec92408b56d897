//! How are the facts of one thing listed: names on the left, values on the right, one above the other on a phone.

use leptos::prelude::*;

/// A list of facts; holds `KeyValue`s.
#[component]
pub fn KeyValues(children: Children) -> impl IntoView {
    view! { <dl class="key-values">{children()}</dl> }
}

/// One fact.
#[component]
pub fn KeyValue(
    /// Its name.
    #[prop(into)]
    name: String,
    /// Its value.
    children: Children,
) -> impl IntoView {
    view! { <dt>{name}</dt><dd>{children()}</dd> }
}
