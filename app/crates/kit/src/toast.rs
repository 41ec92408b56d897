//! Confirms an operation with one line that disappears after ten seconds (not while it is hovered or focused),
//! with an undo button if the operation can be undone.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::button::{ButtonStyle, PostButton};
use crate::chip::{StatusIcon, Tone};
use crate::messages::messages;

/// What an operation reports on the next page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub text: String,
    /// True if the operation failed.
    pub bad: bool,
    /// URL that the undo is posted to; `None` if the operation cannot be undone.
    pub undo: Option<String>,
}

/// A notice of one line at the edge of the page.
#[component]
pub fn Toast(
    /// The notice.
    notice: Notice,
) -> impl IntoView {
    let (tone, role, stays) =
        if notice.bad { (Tone::Failed, "alert", "toast toast-stays") } else { (Tone::Ok, "status", "toast") };
    view! {
        <div class=stays role=role>
            <StatusIcon tone=tone />
            <p class="min-w-0 grow">{notice.text}</p>
            {notice.undo.map(|action| view! { <PostButton action=action look=ButtonStyle::Quiet>{messages().undo}</PostButton> })}
        </div>
    }
}
