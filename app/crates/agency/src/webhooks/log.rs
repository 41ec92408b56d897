//! The log of deliveries on the page of webhooks: the table, and one delivery with its body and attempts.

use domain::notifications::Kind;
use domain::webhooks::event::TEST;
use domain::webhooks::{Attempt, Delivery, DeliveryDetail, DeliveryState, Trouble, Webhook};
use kit::{
    Address, Ago, ButtonLink, ButtonStyle, Card, Column, CopyId, Empty, Exact, FilterChip, Menu, MenuLink, PostButton,
    Row, SavedView, StatusPill, Table, Tone, Until,
};
use leptos::prelude::*;

use super::form::words;

/// The table of deliveries.
#[component]
pub fn Deliveries(
    /// Short name of the agency.
    agency: String,
    /// Address of the list.
    list: Address,
    /// The rows.
    page: domain::page::Page<Delivery>,
    /// The webhooks, for the name of the filter.
    webhooks: Vec<Webhook>,
) -> impl IntoView {
    let empty = view! { <Empty title="Nothing sent yet" text="Deliveries from the last 30 days appear here, with the response and a button to resend."/> };
    let views = ["", "failed", "waiting", "delivered"].into_iter().zip(["All", "Failed", "Waiting", "Delivered"]);
    let views = views.map(|(key, label)| SavedView { key, label, count: None }).collect();
    let filters = chips(&list, &webhooks);
    let rows = page.rows.into_iter().map(|delivery| line(&agency, &list, &webhooks, delivery)).collect::<Vec<_>>();
    let tools = view! { <Filters at=list.clone() webhooks=webhooks/> }.into_any();
    let columns = vec![
        Column::plain("Event").lead(),
        Column::plain("State").mark(),
        Column::plain("Webhook").wide_only(),
        Column::plain("Tries").number().wide_only(),
        Column::sorted("created", "When"),
        Column::plain(""),
    ];
    view! {
        <Table caption="Deliveries" noun=("delivery", "deliveries") topics="webhooks.changed:*" at=list columns=columns rows=rows next=page.next total=page.total orders=store::webhooks::ORDERS views=views filters=filters tools=tools search="Search events" empty=empty.into_any()/>
    }
}

/// Parameters of the address that choose a webhook and an event.
pub const CHOICES: [&str; 2] = ["webhook", "event"];

/// The filters that are on.
fn chips(list: &Address, webhooks: &[Webhook]) -> Vec<FilterChip> {
    let [webhook, event] = CHOICES;
    let chosen = webhooks.iter().find(|one| one.id.to_string() == list.get(webhook));
    let of = chosen.map(|one| FilterChip { key: webhook.to_owned(), label: format!("Webhook is {}", name(one)) });
    let about = (!list.get(event).is_empty())
        .then(|| FilterChip { key: event.to_owned(), label: format!("Event is {}", words(list.get(event))) });
    of.into_iter().chain(about).collect()
}

/// The webhooks and events to choose from, each as a link to its deliveries.
#[component]
fn Filters(at: Address, webhooks: Vec<Webhook>) -> impl IntoView {
    let [webhook, event] = CHOICES;
    let of = webhooks.into_iter().map(|one| {
        view! { <MenuLink href=at.with(webhook, &one.id.to_string()).href()>{name(&one)}</MenuLink> }
    });
    let of = of.collect_view();
    let about = Kind::ALL.into_iter().map(Kind::key).chain([TEST]).map(|key| {
        view! { <MenuLink href=at.with(event, key).href()>{words(key)}</MenuLink> }
    });
    let about = about.collect_view();
    view! {
        <Menu label="Webhook">{of}</Menu>
        <Menu label="Event">{about}</Menu>
    }
}

/// What a webhook is called: its description, or where it is.
pub fn name(webhook: &Webhook) -> String {
    if webhook.description.is_empty() { webhook.url.clone() } else { webhook.description.clone() }
}

/// One delivery. Its webhook is called what the cards above call it, and where it is stands in its title. Without room for a
/// column of its own it stands below the event.
fn line(agency: &str, list: &Address, webhooks: &[Webhook], delivery: Delivery) -> Row {
    let to = webhooks.iter().find(|one| one.id == delivery.webhook).map_or_else(|| delivery.url.clone(), name);
    let (event, title) = (words(&delivery.event), words(&delivery.event));
    let details = format!("{}#delivery", list.with("delivery", &delivery.id.to_string()).href());
    let hidden = vec![("agency", agency.to_owned()), ("id", delivery.id.to_string())];
    let again = (delivery.state != DeliveryState::Waiting).then(|| {
        view! { <PostButton action="/do/replay_webhook_delivery" look=ButtonStyle::Quiet hidden=hidden>"Send again"</PostButton> }
    });
    Row {
        key: delivery.id.to_string(),
        href: None,
        cells: vec![
            view! {
                <span class="block font-medium sm:truncate sm:max-lg:max-w-40 lg:max-w-56" title=title>{event}</span>
                <span class="block break-words text-xs text-fg-3 sm:truncate sm:max-lg:max-w-40 lg:max-w-56 xl:hidden" title=delivery.url.clone()>{to.clone()}</span>
            }
            .into_any(),
            view! { <State delivery=delivery.clone()/> }.into_any(),
            view! { <span class="block max-w-44 truncate text-fg-2 2xl:max-w-96" title=delivery.url>{to}</span> }
                .into_any(),
            view! { {delivery.attempts} }.into_any(),
            view! { <Ago at=delivery.created_at/> }.into_any(),
            view! {
                <span class="inline-flex flex-wrap items-center gap-1 sm:flex-nowrap">
                    <ButtonLink href=details look=ButtonStyle::Quiet>"Details"</ButtonLink>
                    {again}
                </span>
            }
            .into_any(),
        ],
    }
}

/// The most characters of an answer that stand on one line.
const ON_ONE_LINE: usize = 24;

/// Where a delivery stands, with the last answer.
#[component]
fn State(delivery: Delivery) -> impl IntoView {
    let answer = answer(delivery.status, delivery.trouble);
    let (tone, word) = match delivery.state {
        DeliveryState::Delivered => (Tone::Ok, "Delivered"),
        DeliveryState::Failed => (Tone::Failed, "Failed"),
        DeliveryState::Waiting if delivery.attempts > 0 => (Tone::Retrying, "Trying again"),
        DeliveryState::Waiting => (Tone::Waiting, "Waiting"),
    };
    let next = delivery.next_attempt_at.filter(|_| delivery.attempts > 0);
    // Only what is too long for one line breaks.
    let is_short = answer.chars().count() <= ON_ONE_LINE;
    let said = if is_short { "text-xs whitespace-nowrap text-fg-3" } else { "text-xs text-fg-3" };
    view! {
        <span class="inline-flex flex-wrap items-center gap-x-2">
            <StatusPill tone=tone plain=true>{word}</StatusPill>
            {(!answer.is_empty()).then(|| view! { <span class=said>{answer}</span> })}
            {next.map(|at| view! { <span class="text-xs whitespace-nowrap text-fg-3">"in "<Until at=at past="a moment"/></span> })}
        </span>
    }
}

/// An answer in words: "500 \u{b7} Refused".
fn answer(status: Option<i32>, trouble: Option<Trouble>) -> String {
    let parts = [status.map(|status| status.to_string()), trouble.map(|trouble| trouble.words().to_owned())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} ")
}

/// One delivery: what is sent, and every attempt.
#[component]
pub fn DeliveryCard(
    /// Short name of the agency.
    agency: String,
    /// Address of the list.
    list: Address,
    /// The delivery.
    detail: DeliveryDetail,
) -> impl IntoView {
    let DeliveryDetail { delivery, body, tries } = detail;
    let hidden = vec![("agency", agency), ("id", delivery.id.to_string())];
    let again = (delivery.state != DeliveryState::Waiting).then(|| {
        view! { <PostButton action="/do/replay_webhook_delivery" hidden=hidden>"Send again"</PostButton> }
    });
    let attempts = tries.into_iter().map(|attempt| view! { <AttemptLine attempt=attempt/> }).collect::<Vec<_>>();
    let none = attempts.is_empty().then(|| view! { <li class="text-fg-2">"Not sent yet."</li> });
    let title = format!("Delivery: {}", words(&delivery.event));
    view! {
        <div id="delivery">
        <Card title=title>
            <div class="flex flex-col gap-4">
                <p class="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-fg-2">
                    <State delivery=delivery.clone()/>
                    <span>"Happened "<Exact at=delivery.created_at/></span>
                    <span class="inline-flex items-center gap-1">"Event id "<CopyId id=delivery.event_id.to_string()/></span>
                </p>
                <div class="flex flex-col gap-1.5">
                    <h3 class="text-sm font-medium">"Body"</h3>
                    <pre class="overflow-x-auto rounded-control border border-line bg-raised p-3 font-mono text-xs" tabindex="0" role="group" aria-label="Body">{pretty(&body)}</pre>
                </div>
                <div class="flex flex-col gap-1.5">
                    <h3 class="text-sm font-medium">"Attempts"</h3>
                    <ol class="flex flex-col gap-2">{attempts}{none}</ol>
                </div>
                <div class="flex flex-wrap gap-2">
                    {again}
                    <ButtonLink href=list.with("delivery", "").href() look=ButtonStyle::Quiet>"Close"</ButtonLink>
                </div>
            </div>
        </Card>
        </div>
    }
}

#[component]
fn AttemptLine(attempt: Attempt) -> impl IntoView {
    let (tone, word) = if attempt.trouble.is_none() { (Tone::Ok, "Delivered") } else { (Tone::Failed, "Failed") };
    let said = (!attempt.answer.is_empty()).then(|| {
        view! { <pre class="overflow-x-auto rounded-control bg-raised p-2 font-mono text-xs whitespace-pre-wrap break-all">{attempt.answer}</pre> }
    });
    view! {
        <li class="flex flex-col gap-1 border-t border-line pt-2 text-sm first:border-0 first:pt-0">
            <span class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <StatusPill tone=tone plain=true>{word}</StatusPill>
                <span class="text-fg-2">{answer(attempt.status, attempt.trouble)}</span>
                <span class="text-fg-3">{attempt.ms}" ms"</span>
                <Exact at=attempt.at/>
            </span>
            {said}
        </li>
    }
}

/// JSON as people read it.
fn pretty(body: &str) -> String {
    let parsed = serde_json::from_str::<serde_json::Value>(body).ok();
    parsed.and_then(|body| serde_json::to_string_pretty(&body).ok()).unwrap_or_else(|| body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_told_in_words() {
        assert_eq!(answer(Some(500), Some(Trouble::Refused)), "500 \u{b7} Refused");
        assert_eq!(answer(None, Some(Trouble::TimedOut)), "No answer in 10 seconds");
        assert_eq!(answer(Some(200), None), "200");
        assert_eq!(answer(None, None), "");
    }

    #[test]
    fn a_body_is_shown_line_by_line_and_as_it_is_if_it_is_no_json() {
        assert_eq!(pretty("{\"a\":1}"), "{\n  \"a\": 1\n}");
        assert_eq!(pretty("<b>"), "<b>");
    }
}
