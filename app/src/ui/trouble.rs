//! What is a person told when something did not work? Three parts: what happened, what it affects, the one thing that mends it.
//! The raw cause folds below and can be copied with the request's id. The app's closed error becomes a `Trouble` in one place.

use leptos::prelude::*;

use super::button::{Look, PostButton};
use super::chip::{StatusIcon, Tone};
use super::copy_id::CopyId;

/// The way out: its words, its address, and whether it changes something (then it is posted).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// A verb and the thing.
    pub label: String,
    /// Where it leads or is posted.
    pub href: String,
    /// Whether it is posted.
    pub post: bool,
}

/// Something that did not work, as it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// What happened, in plain words.
    pub title: String,
    /// What it affects, what is safe.
    pub effect: String,
    /// The one thing that mends it.
    pub fix: Option<Fix>,
    /// The raw cause, folded away.
    pub detail: Option<String>,
    /// The request's id, to quote to whoever helps.
    pub request: Option<String>,
    /// Whether nothing broke: the person lacks a permission, and the effect says who can grant it.
    pub forbidden: bool,
}

/// Something that did not work.
#[component]
pub fn TroubleCard(
    /// What is told.
    trouble: Trouble,
    /// Further ways out, beside the first.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (tone, frame) = if trouble.forbidden { (Tone::Asks, "border-line") } else { (Tone::Failed, "border-bad/30") };
    let fix = trouble.fix.map(|fix| {
        if fix.post {
            view! { <PostButton action=fix.href look=Look::Primary>{fix.label}</PostButton> }.into_any()
        } else {
            view! { <a class=Look::Primary.class() href=fix.href>{fix.label}</a> }.into_any()
        }
    });
    let ways = (fix.is_some() || children.is_some()).then(|| {
        view! { <div class="flex flex-wrap items-center gap-2 pt-1">{fix}{children.map(|children| children())}</div> }
    });
    view! {
        <section class=format!("flex items-start gap-3 rounded-card border {frame} bg-surface p-4") role="alert">
            <span class="mt-[3px]"><StatusIcon tone=tone size=16 /></span>
            <div class="flex min-w-0 grow flex-col gap-2">
                <h2 class="text-md font-semibold">{trouble.title}</h2>
                <p class="max-w-[68ch] text-fg-2">{trouble.effect}</p>
                {ways}
                <Folded detail=trouble.detail request=trouble.request />
            </div>
        </section>
    }
}

/// The raw cause and the request's id.
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
