//! What would a call change? The lines that a person reads before approving: what is said, what goes and what comes.

use domain::tools::{Change, REMOVED_TEXT, changes};
use leptos::prelude::*;

use super::texts::Texts;

/// The lines. What goes and what comes is told by a sign and by words for those who hear it, never by colour alone.
#[component]
pub(super) fn Diff(words: &'static Texts, shown: String) -> impl IntoView {
    let shown = if shown == REMOVED_TEXT { words.removed.to_owned() } else { shown };
    let lines = changes(&shown).into_iter().map(|(change, text)| {
        let text = text.to_owned();
        match change {
            Change::Said => view! { <p class="break-words">{text}</p> }.into_any(),
            Change::Gone => {
                view! { <Marked sign="\u{2212}" said=words.goes class="bg-bad-bg text-bad" text/> }.into_any()
            }
            Change::Come => view! { <Marked sign="+" said=words.comes class="bg-ok-bg text-ok" text/> }.into_any(),
        }
    });
    let lines = lines.collect_view();
    view! { <div class="flex flex-col gap-1">{lines}</div> }
}

#[component]
fn Marked(sign: &'static str, said: &'static str, class: &'static str, text: String) -> impl IntoView {
    let class = format!("flex gap-2 rounded-control px-2 py-0.5 text-sm {class}");
    view! {
        <p class=class>
            <span class="shrink-0 font-mono" aria-hidden="true">{sign}</span>
            <span class="sr-only">{said}": "</span>
            <span class="min-w-0 break-words">{text}</span>
        </p>
    }
}
