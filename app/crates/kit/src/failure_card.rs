//! Tells a person that something failed, in three parts: what happened, what it affects, and the one action that
//! fixes it. The raw cause is collapsed below, together with the request id, which can be copied.

use leptos::prelude::*;

use crate::button::{ButtonStyle, PostButton};
use crate::chip::{StatusIcon, Tone};
use crate::copy_id::CopyId;

/// The action that fixes a problem: its label, its URL, and whether it changes something (then it is posted).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Label of the action: a verb and the object.
    pub label: String,
    /// URL that the action opens or is posted to.
    pub href: String,
    /// True if the action is posted.
    pub post: bool,
}

/// A failure, as it is told to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailureNotice {
    /// What happened, in plain words.
    pub title: String,
    /// What the failure affects, and what is safe.
    pub effect: String,
    /// The one action that fixes it; `None` if there is none.
    pub fix: Option<Fix>,
    /// The raw cause, collapsed at first.
    pub detail: Option<String>,
    /// The request id, to quote to whoever helps.
    pub request: Option<String>,
    /// True if nothing broke: the person lacks a right, and the effect says who can grant it.
    pub forbidden: bool,
}

/// A card that tells a person about a failure.
#[component]
pub fn FailureCard(
    /// The failure.
    notice: FailureNotice,
    /// Additional actions, beside the first.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (tone, frame) = if notice.forbidden { (Tone::Asks, "border-line") } else { (Tone::Failed, "border-bad/30") };
    let fix = notice.fix.map(|fix| {
        if fix.post {
            view! { <PostButton action=fix.href look=ButtonStyle::Primary>{fix.label}</PostButton> }.into_any()
        } else {
            view! { <a class=ButtonStyle::Primary.class() href=fix.href>{fix.label}</a> }.into_any()
        }
    });
    let ways = (fix.is_some() || children.is_some()).then(|| {
        view! { <div class="flex flex-wrap items-center gap-2 pt-1">{fix}{children.map(|children| children())}</div> }
    });
    view! {
        <section class=format!("flex items-start gap-3 rounded-card border {frame} bg-surface p-4") role="alert">
            <span class="mt-[3px]"><StatusIcon tone=tone size=16 /></span>
            <div class="flex min-w-0 grow flex-col gap-2">
                <h2 class="text-md font-semibold">{notice.title}</h2>
                <p class="max-w-[68ch] text-fg-2">{notice.effect}</p>
                {ways}
                <Folded detail=notice.detail request=notice.request />
            </div>
        </section>
    }
}

/// The raw cause and the request id, collapsed at first.
#[component]
fn Folded(detail: Option<String>, request: Option<String>) -> impl IntoView {
    (detail.is_some() || request.is_some()).then(|| {
        view! {
            <details class="text-xs text-fg-3">
                <summary class="fold w-fit py-1">"Technical details"</summary>
                <div class="flex flex-col gap-2 pt-1">
                    {detail.map(|text| view! { <pre class="overflow-x-auto rounded-control bg-raised p-3 font-mono whitespace-pre-wrap text-fg-2">{text}</pre> })}
                    {request.map(|id| view! { <p class="flex items-center gap-1.5">"Request" <CopyId id=id /></p> })}
                </div>
            </details>
        }
    })
}
