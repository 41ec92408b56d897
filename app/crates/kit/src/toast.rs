//! Confirms an operation with one line that disappears after ten seconds (not while it is hovered or focused),
//! with an undo button if the operation can be undone.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::button::ButtonStyle;
use crate::chip::{StatusIcon, Tone};
use crate::messages::messages;

/// What an operation reports on the next page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub text: String,
    /// True if the operation failed.
    pub bad: bool,
    /// The form that undoes the operation; `None` if it cannot be undone.
    #[serde(default)]
    pub undo: Option<Undo>,
}

/// A form that takes an operation back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// URL that it is posted to.
    pub action: String,
    /// Its fields: name and value.
    pub fields: Vec<(String, String)>,
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
            {notice.undo.map(|undo| view! { <UndoButton undo=undo /> })}
        </div>
    }
}

#[component]
fn UndoButton(undo: Undo) -> impl IntoView {
    let Undo { action, fields } = undo;
    let fields =
        fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    view! {
        <form method="post" action=action class="contents">
            {fields}
            <button type="submit" class=ButtonStyle::Quiet.class()>{messages().undo}</button>
        </form>
    }
}
