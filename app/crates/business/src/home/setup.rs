//! What was set up for the business, in the words of its owner.

use domain::business::Setup;
use kit::{Card, Chip, KeyValue, KeyValues};
use leptos::prelude::*;

/// The card "What we set up for you".
#[component]
pub(super) fn SetUp(setup: Option<Setup>, snapshot: Option<String>, agency: String) -> impl IntoView {
    let Some(Setup { tags, values, finished_at, .. }) = setup else {
        let text = format!("{agency} set up your HighLevel account.");
        return view! { <Card title="What was set up for you"><p class="text-fg-2">{text}</p></Card> }.into_any();
    };
    let done = finished_at.map(|at| at.format("%b %-d, %Y").to_string());
    let tags = (!tags.is_empty()).then(|| {
        let chips = tags.into_iter().map(|tag| view! { <Chip>{tag}</Chip> }).collect_view();
        view! { <KeyValue name="Contact tags"><span class="flex flex-wrap gap-1">{chips}</span></KeyValue> }
    });
    let values =
        values.into_iter().map(|(name, value)| view! { <KeyValue name=name>{value}</KeyValue> }).collect_view();
    view! {
        <Card title="What was set up for you">
            <KeyValues>
                {snapshot.map(|name| view! { <KeyValue name="Started from">{name}</KeyValue> })}
                {done.map(|done| view! { <KeyValue name="Ready since">{done}</KeyValue> })}
                {tags}
                {values}
            </KeyValues>
        </Card>
    }
    .into_any()
}
