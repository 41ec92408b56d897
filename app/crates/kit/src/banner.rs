//! Shows what people must know before anything else on a page: one line across its top. The tone says how
//! important it is.

use leptos::prelude::*;

use crate::chip::{StatusIcon, Tone};

/// One line across the top of a page or card, with actions at its end.
#[component]
pub fn Banner(
    /// Importance of the message.
    #[prop(default = Tone::Running)]
    tone: Tone,
    /// The message.
    #[prop(into)]
    text: String,
    /// Actions: buttons or links.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let role = if matches!(tone, Tone::Failed) { "alert" } else { "status" };
    view! {
        <div class=format!("flex flex-wrap items-center gap-x-3 gap-y-2 rounded-card px-3 py-2 {}", tone.filled()) role=role>
            <StatusIcon tone=tone />
            <p class="min-w-0 grow basis-48">{text}</p>
            {children.map(|children| view! { <div class="flex flex-wrap items-center gap-2">{children()}</div> })}
        </div>
    }
}
