//! What was set up for the business, in the words of its owner.

use chrono_tz::Tz;
use domain::business::Setup;
use domain::language::Language;
use kit::{Card, Chip, KeyValue, KeyValues};
use leptos::prelude::*;

use crate::messages::messages;

/// The card "What we set up for you".
#[component]
pub(super) fn SetUp(
    language: Language,
    zone: Tz,
    setup: Option<Setup>,
    snapshot: Option<String>,
    agency: String,
) -> impl IntoView {
    let texts = messages(language);
    let Some(Setup { tags, values, finished_at, .. }) = setup else {
        let text = (texts.set_up_by)(&agency);
        return view! { <Card title=texts.set_up_title><p class="text-fg-2">{text}</p></Card> }.into_any();
    };
    let done = finished_at.map(|at| language.date_in(zone, at));
    let tags = (!tags.is_empty()).then(|| {
        let chips = tags.into_iter().map(|tag| view! { <Chip>{tag}</Chip> }).collect_view();
        view! { <KeyValue name=texts.contact_tags><span class="flex flex-wrap gap-1">{chips}</span></KeyValue> }
    });
    let values =
        values.into_iter().map(|(name, value)| view! { <KeyValue name=name>{value}</KeyValue> }).collect_view();
    view! {
        <Card title=texts.set_up_title>
            <KeyValues>
                {snapshot.map(|name| view! { <KeyValue name=texts.started_from>{name}</KeyValue> })}
                {done.map(|done| view! { <KeyValue name=texts.ready_since>{done}</KeyValue> })}
                {tags}
                {values}
            </KeyValues>
        </Card>
    }
    .into_any()
}
