//! A form field for a secret. The secret is written and never read back: the page knows only that one is stored,
//! its ending and its age.

use leptos::prelude::*;

use crate::chip::{StatusIcon, Tone};
use crate::field::{FieldFrame, described};
use crate::form::filled;

/// A write-only field. With `stored` it says that a secret is stored and asks for nothing until *Replace* is opened.
#[component]
pub fn SecretField(
    /// Name of the field.
    name: &'static str,
    /// Label above the control.
    #[prop(into)]
    label: String,
    /// What may be shown about the stored secret: "ends in …7Q · 41 days old". `None` if none is stored.
    #[prop(optional, into)]
    stored: Option<String>,
    /// Help under the control.
    #[prop(optional, into)]
    help: Option<String>,
    /// True if a secret is required while none is stored.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let error = filled().error(name);
    let open = error.is_some();
    let describedby = described(name, error.is_some(), help.is_some());
    let invalid = error.is_some().then_some("true");
    let must = required && stored.is_none();
    let input = view! {
        <input class="control font-mono" id=format!("field-{name}") type="password" name=name required=must autocomplete="off" spellcheck="false" aria-invalid=invalid aria-describedby=describedby />
    };
    view! {
        <FieldFrame name=name label=label help=help error=error required=required>
            {match stored {
                None => input.into_any(),
                Some(known) => view! {
                    <details open=open>
                        <summary class="flex min-h-8 items-center gap-2 rounded-control border border-line bg-raised px-3 text-sm text-fg-2">
                            <StatusIcon tone=Tone::Ok />
                            <span class="grow">"Saved · " {known}</span>
                            <span class="font-medium text-accent">"Replace"</span>
                        </summary>
                        <div class="pt-2">{input}</div>
                    </details>
                }
                .into_any(),
            }}
        </FieldFrame>
    }
}
