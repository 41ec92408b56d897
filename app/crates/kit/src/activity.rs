//! The card with the last things that happened to an agency, a client or a person.

use domain::audit::Repeated;
use leptos::prelude::*;

use crate::audit_log::Sentence;
use crate::{Ago, Card};

/// The card "Activity".
#[component]
pub fn Activity(
    /// What happened, newest first.
    entries: Vec<Repeated>,
) -> impl IntoView {
    if entries.is_empty() {
        return view! { <Card title="Activity"><p class="text-fg-2">"Nothing yet."</p></Card> }.into_any();
    }
    let lines = entries.into_iter().map(|Repeated { entry, times, .. }| {
        let at = entry.at;
        let times = (times > 1).then(|| format!(", {times} times"));
        view! {
            <li class="flex items-baseline justify-between gap-3">
                <span class="min-w-0"><Sentence entry/>{times}</span>
                <span class="shrink-0 text-sm text-fg-3"><Ago at/></span>
            </li>
        }
    });
    view! { <Card title="Activity"><ul class="flex flex-col gap-2">{lines.collect_view()}</ul></Card> }.into_any()
}
