//! Lists the facts of one object: names on the left, values on the right.

use leptos::prelude::*;

/// A list of facts. Its children are `KeyValue`s.
#[component]
pub fn KeyValues(children: Children) -> impl IntoView {
    view! { <dl class="key-values">{children()}</dl> }
}

/// One fact.
#[component]
pub fn KeyValue(
    /// Name of the fact.
    #[prop(into)]
    name: String,
    /// Value of the fact.
    children: Children,
) -> impl IntoView {
    view! { <dt>{name}</dt><dd>{children()}</dd> }
}
