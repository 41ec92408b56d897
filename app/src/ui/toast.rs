//! How is an operation confirmed? One line that leaves by itself after ten seconds (not while it is hovered or focused), with its undo where there is one.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::button::{Look, PostButton};
use super::chip::{StatusIcon, Tone};

/// What an operation leaves to be said on the next page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub text: String,
    /// Whether it did not work.
    pub bad: bool,
    /// Where the undo is posted, if it can be undone.
    pub undo: Option<String>,
}

/// One line at the edge of the page.
#[component]
pub fn Toast(
    /// What is said.
    notice: Notice,
) -> impl IntoView {
    let (tone, role, stays) =
        if notice.bad { (Tone::Failed, "alert", "toast toast-stays") } else { (Tone::Ok, "status", "toast") };
    view! {
        <div class=stays role=role>
            <StatusIcon tone=tone />
            <p class="min-w-0 grow">{notice.text}</p>
            {notice.undo.map(|action| view! { <PostButton action=action look=Look::Quiet>"Undo"</PostButton> })}
        </div>
    }
}
