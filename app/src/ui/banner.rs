//! What must be known before anything else on a page: one line across its top. Its tone says how much it matters.

use leptos::prelude::*;

use super::chip::{StatusIcon, Tone};

/// One line across the top of a page or card; actions stand at its end.
#[component]
pub fn Banner(
    /// How much it matters.
    #[prop(default = Tone::Running)]
    tone: Tone,
    /// What is to be known.
    #[prop(into)]
    text: String,
    /// What can be done: buttons or links.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let role = if matches!(tone, Tone::Failed) { "alert" } else { "status" };
    view! {
        <div class=format!("flex flex-wrap items-center gap-x-3 gap-y-2 rounded-card px-3 py-2 {}", tone.filled()) role=role>
            <StatusIcon tone=tone />
            <p class="min-w-0 grow basis-60">{text}</p>
            {children.map(|children| view! { <div class="flex flex-wrap items-center gap-2">{children()}</div> })}
        </div>
    }
}
