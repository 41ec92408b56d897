//! Shows one event that a messaging platform sent: where it belongs, what became of it and why, and what a replay does.

use domain::messaging::received::{Received, kind_words};
use leptos::prelude::*;

use super::outcome;
use crate::{ButtonStyle, Card, Confirm, CopyId, Exact, KeyValue, KeyValues, StatusPill};

/// One event.
#[component]
pub fn IncomingEvent(
    /// The event.
    event: Received,
    /// What a replay would do now. `None` if it cannot be replayed.
    #[prop(optional_no_strip)]
    forecast: Option<String>,
    /// Where the replay is posted to, with its hidden fields. `None` if the viewer may not replay it.
    #[prop(optional_no_strip)]
    replay: Option<(&'static str, Vec<(&'static str, String)>)>,
    /// The page of the conversation that it changed. `None` if there is none, or the viewer may not read it.
    #[prop(optional_no_strip)]
    conversation: Option<String>,
    /// The shape of what came. `None` if nothing is kept of it, or the viewer may not see it.
    #[prop(optional_no_strip)]
    shape: Option<String>,
    /// Whether the viewer runs the platform and sees the error itself.
    #[prop(optional)]
    technical: bool,
) -> impl IntoView {
    let (tone, word) = outcome(&event.outcome);
    let because = explanation(&event.outcome, &event.provider);
    let error = event.error.clone().filter(|_| technical);
    let again = replay.zip(forecast.clone()).map(|((action, hidden), words)| {
        view! {
            <Confirm action=action label="Replay\u{2026}" verb="Replay event" start=true hidden=hidden operation=ButtonStyle::Primary>
                <p>{words}</p>
                <p>"It's processed with your current connections and settings. Nothing is done twice."</p>
            </Confirm>
        }
    });
    let place = [event.agency_name.filter(|_| technical), event.business_name];
    let place = place.into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} ");
    let place = if place.is_empty() { "Nobody".to_owned() } else { place };
    view! {
        <section id="event">
            <Card title=kind_words(&event.kind).to_owned()>
                <KeyValues>
                    <KeyValue name="Outcome"><StatusPill tone=tone plain=true>{word}</StatusPill></KeyValue>
                    <KeyValue name="Why">{because}</KeyValue>
                    {error.map(|error| view! { <KeyValue name="Error"><span class="break-words">{error}</span></KeyValue> })}
                    {forecast.map(|words| view! { <KeyValue name="Dry run">{words}</KeyValue> })}
                    <KeyValue name="Belongs to">{place}</KeyValue>
                    <KeyValue name="Source">{source(&event.provider).to_owned()}</KeyValue>
                    <KeyValue name="Account"><span class="font-mono text-xs break-all">{event.account}</span></KeyValue>
                    <KeyValue name="Key"><CopyId id=event.key tail=24 label="Copy key"/></KeyValue>
                    <KeyValue name="Failures">{event.attempts.to_string()}</KeyValue>
                    {event.happened_at.map(|at| view! { <KeyValue name="Happened"><Exact at/></KeyValue> })}
                    <KeyValue name="Received"><Exact at=event.at/></KeyValue>
                    {event.processed_at.map(|at| view! { <KeyValue name="Finished"><Exact at/></KeyValue> })}
                    {conversation.map(|href| view! { <KeyValue name="Conversation"><a class="underline underline-offset-2" href=href>"Open conversation"</a></KeyValue> })}
                    {shape.map(|shape| view! { <KeyValue name="What came"><code class="font-mono text-xs whitespace-pre-wrap break-words">{shape}</code></KeyValue> })}
                </KeyValues>
                {again}
            </Card>
        </section>
    }
}

/// What an outcome means.
fn explanation(outcome: &str, provider: &str) -> &'static str {
    match outcome {
        "processed" if provider == "ghl" => "Processed. Nothing is left to do.",
        "processed" => "Processed. Its content is in the conversation.",
        "duplicate" => "The same event came before, so it was skipped.",
        "ignored" => "Nothing to do.",
        "unroutable" => "No connected account had this ID when it came.",
        "quarantined" => {
            "It couldn't be read, or couldn't be processed within six hours. Its content is kept for 30 days."
        }
        _ => "Waiting to be processed. If it fails, it's retried for six hours.",
    }
}

/// What people call a source. One that only another version knows is shown as it is.
fn source(provider: &str) -> &str {
    match provider {
        "meta" => "Meta",
        "ghl" => "HighLevel",
        other => other,
    }
}
