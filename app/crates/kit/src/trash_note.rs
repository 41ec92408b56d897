//! Says above a list of deleted things what the trash is.

use leptos::prelude::*;

/// What the trash is, above it.
#[component]
pub fn TrashNote(
    /// Days for which deleted things can be restored.
    days: i64,
) -> impl IntoView {
    view! { <p class="pb-3 text-sm text-fg-2">{format!("What is deleted stays here for {days} days and can be restored as it was. Then it is erased for good.")}</p> }
}
