//! Says above a list of deleted things what the trash is.

use leptos::prelude::*;

/// What the trash is, above it.
#[component]
pub fn TrashNote(
    /// Days for which deleted things can be restored.
    days: i64,
) -> impl IntoView {
    view! { <p class="pb-3 text-sm text-fg-2">{format!("Deleted items stay here for {days} days. Until then, you can restore them as they were.")}</p> }
}
