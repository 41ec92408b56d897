//! The page of webhooks: where events are sent, the form for one webhook, its secret right after it was made, and the
//! log.

use std::collections::BTreeMap;

use domain::identity::Reach;
use domain::page::{Condition, Operator, Page};
use domain::webhooks::{Delivery, DeliveryDetail, Format, Off, Webhook};
use domain::{WebhookDeliveryId, WebhookId};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Address, Ago, Banner, ButtonLink, ButtonStyle, Card, Chip, Confirm, CopyId, Empty, Exact, Filled, Glyph,
    PageHeader, PostButton, Region, StatusPill, Tone,
};
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;
use web::shown_once::shown_once;

use super::form::{WebhookForm, blank, words, write};
use super::log::{CHOICES, Deliveries, DeliveryCard, name};

/// Parameters of the address that belong to the forms, not to the list.
const OTHERS: [&str; 2] = ["new", "edit"];

/// What the page shows.
struct Shown {
    agency: String,
    list: Address,
    webhooks: Vec<Webhook>,
    page: Page<Delivery>,
    detail: Option<DeliveryDetail>,
    /// The form, if it is open: the webhook that it changes, its kind, and what its fields hold.
    form: Option<(Option<Webhook>, Format, Filled)>,
    secret: Option<String>,
}

/// The page of webhooks.
#[component]
pub fn Webhooks() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let frame = frame(&context, vec![Crumb::current("Webhooks")]);
        if context.access()?.reach == Reach::Listed {
            return Ok(view! { <PageTitle text="Webhooks"/><Shell frame=frame><NotAll/></Shell> }.into_any());
        }
        let shown = gather(&context, &at).await?;
        let Shown { agency, list, webhooks, page, detail, form, secret } = shown;
        let add = form.is_none().then(|| view! { <Add agency=agency.clone() first=false/> });
        let form = form.map(|(webhook, format, filled)| {
            view! { <WebhookForm agency=agency.clone() webhook=webhook format=format filled=filled/> }
        });
        let detail = detail.map(|detail| {
            view! { <DeliveryCard agency=agency.clone() list=list.clone() detail=detail/> }
        });
        let log = (!webhooks.is_empty()).then(|| {
            view! { <Deliveries agency=agency.clone() list=list page=page webhooks=webhooks.clone()/> }
        });
        Ok(view! {
            <PageTitle text="Webhooks"/>
            <Shell frame=frame>
                <PageHeader title="Webhooks">{add}</PageHeader>
                <div class="flex flex-col gap-6">
                    {secret.map(|secret| view! { <Secret secret=secret/> })}
                    {form}
                    <Endpoints agency=agency webhooks=webhooks/>
                    {detail}
                    {log}
                </div>
            </Shell>
        }
        .into_any())
    })
}

/// What somebody sees who reaches only some clients: deliveries speak of all of them.
#[component]
fn NotAll() -> impl IntoView {
    view! {
        <PageHeader title="Webhooks"/>
        <Empty title="For all clients only" text="Webhooks report on every client, and you only have access to some. Ask an agency admin."/>
    }
}

async fn gather(context: &ServerContext, at: &Address) -> Result<Shown> {
    // The position in the list stays as long as nothing but the list is looked at.
    let list = match OTHERS.iter().all(|name| at.get(name).is_empty()) {
        true => at.clone(),
        false => OTHERS.iter().fold(at.clone(), |at, name| at.with(name, "")),
    };
    let mut tenant = context.page().await?;
    let agency = tenant.access.slug.clone();
    let webhooks = store::webhooks::list(&mut tenant.tx).await?;
    let mut query = list.query();
    for name in CHOICES.into_iter().filter(|name| !at.get(name).is_empty()) {
        let (field, value) = (name.to_owned(), at.get(name).to_owned());
        query.filters.push(Condition { field, operator: Operator::Is, value });
    }
    let page = store::webhooks::deliveries(&mut tenant.tx, &query).await?;
    let detail = match at.get("delivery").parse::<WebhookDeliveryId>() {
        Ok(id) => known(store::webhooks::detail(&mut tenant.tx, id).await)?,
        Err(_) => None,
    };
    tenant.commit().await?;
    let edited = at.get("edit").parse::<WebhookId>().ok();
    let edited = webhooks.iter().find(|webhook| Some(webhook.id) == edited).cloned();
    let form = match (edited, at.get("new")) {
        (Some(webhook), _) => Some(changed(context, webhook)),
        (None, "") => None,
        (None, kind) => {
            let format = Format::parse(kind).unwrap_or_default();
            Some((None, format, held(filled(&context.request, "create_webhook"), blank)))
        }
    };
    let user = context.caller()?.user;
    let secret = match shown_once(context, user, "create_webhook").await? {
        Some(secret) => Some(secret),
        None => shown_once(context, user, "rotate_webhook_secret").await?,
    };
    Ok(Shown { agency, list, webhooks, page, detail, form, secret })
}

/// `None` if it does not exist any more.
fn known<T>(found: store::Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(store::Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The form of a webhook, with what was typed if it was this webhook's.
fn changed(context: &ServerContext, webhook: Webhook) -> (Option<Webhook>, Format, Filled) {
    let typed = filled(&context.request, "change_webhook");
    let own = typed.values.get("id").is_some_and(|id| *id == webhook.id.to_string());
    let filled = held(if own { typed } else { Filled::default() }, || write(&webhook));
    let format = webhook.format;
    (Some(webhook), format, filled)
}

/// What came back of a form, or these values if nothing did.
fn held(mut filled: Filled, values: impl FnOnce() -> BTreeMap<String, String>) -> Filled {
    if filled.values.is_empty() {
        filled.values = values();
    }
    filled
}

/// The buttons that open the form.
#[component]
fn Add(agency: String, first: bool) -> impl IntoView {
    let address = |kind: &str| format!("/a/{agency}/webhooks?new={kind}#webhook");
    let (json, slack) = (address("json"), address("slack"));
    let main = match first {
        true => view! { <ButtonLink href=json look=ButtonStyle::Primary>"Add a webhook"</ButtonLink> }.into_any(),
        false => {
            view! { <ButtonLink href=json look=ButtonStyle::Primary icon=Glyph::Plus key="c">"Add a webhook"</ButtonLink> }
                .into_any()
        }
    };
    view! {
        <ButtonLink href=slack>"Add Slack"</ButtonLink>
        {main}
    }
}

/// A secret, the one time that it is shown.
#[component]
fn Secret(secret: String) -> impl IntoView {
    view! {
        <Card title="Signing secret">
            <p class="pb-3 text-fg-2">"Copy it now: you won't see it again. Use it to verify each delivery as described by Standard Webhooks. The headers are webhook-id, webhook-timestamp and webhook-signature."</p>
            <p class="break-all font-mono text-sm"><CopyId id=secret tail=0 label="Copy signing secret"/></p>
        </Card>
    }
}

/// The webhooks.
#[component]
fn Endpoints(agency: String, webhooks: Vec<Webhook>) -> impl IntoView {
    if webhooks.is_empty() {
        return view! {
            <Empty title="No webhooks yet" text="Tell Slack or another app when a job fails, needs you or finishes, and when a client is added.">
                <Add agency=agency first=true/>
            </Empty>
        }
        .into_any();
    }
    let lines = webhooks.into_iter().map(|webhook| view! { <Endpoint agency=agency.clone() webhook=webhook/> });
    let lines = lines.collect::<Vec<_>>();
    view! {
        <Region key="endpoints" topics="webhooks.changed:*">
            <Card title="Where events go" flush=true><ul>{lines}</ul></Card>
        </Region>
    }
    .into_any()
}

/// A webhook with its state and what can be done with it.
#[component]
fn Endpoint(agency: String, webhook: Webhook) -> impl IntoView {
    let (tone, word) = match (webhook.active, webhook.failing_since) {
        (false, _) => (Tone::Cancelled, "Off"),
        (true, Some(_)) => (Tone::Warn, "Failing"),
        (true, None) => (Tone::Ok, "On"),
    };
    let kind = match webhook.format {
        Format::Json => "Signed JSON",
        Format::Slack => "Slack",
    };
    let heading = name(&webhook);
    let url = (heading != webhook.url).then(|| webhook.url.clone());
    let events: Vec<String> = webhook.events.iter().map(|event| words(event.key())).collect();
    let chips = events.into_iter().map(|event| view! { <Chip>{event}</Chip> }).collect_view();
    let notice = notice(&webhook);
    let delivered = webhook.delivered_at.map_or_else(
        || view! { "Nothing delivered yet" }.into_any(),
        |at| view! { "Last delivered "<Ago at=at/> }.into_any(),
    );
    let rotated = webhook.old_secret_until.map(|at| {
        view! { <p class="text-sm text-fg-2">"The old secret also signs until "<Exact at=at/>"."</p> }
    });
    view! {
        <li class="flex flex-col gap-2 border-t border-line px-4 py-3 first:border-0">
            <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                <div class="min-w-0 grow basis-64">
                    <h3 class="text-base font-medium break-all">{heading}</h3>
                    {url.map(|url| view! { <p class="break-all text-sm text-fg-2">{url}</p> })}
                    <p class="text-sm text-fg-3">{kind}" \u{b7} "{delivered}</p>
                </div>
                <StatusPill tone=tone>{word}</StatusPill>
                <Actions agency=agency webhook=webhook/>
            </div>
            {notice.map(|text| view! { <Banner tone=Tone::Warn text=text/> })}
            {rotated}
            <div class="flex flex-wrap gap-1">{chips}</div>
        </li>
    }
}

/// What a person should know about a webhook that gets nothing, or soon gets nothing.
fn notice(webhook: &Webhook) -> Option<String> {
    let text = match (webhook.off_because, webhook.failing_since) {
        (Some(Off::Failures), _) => {
            "Turned off: every delivery failed for 5 days. Fix your endpoint, turn it on and resend what failed."
        }
        (Some(Off::Gone), _) => "Turned off: the endpoint answered that it no longer exists (410).",
        (Some(Off::Person), _) => return None,
        (None, Some(_)) => {
            "Deliveries are failing. Each is retried for 3 days; after 5 days of failures, the webhook is turned off."
        }
        (None, None) => return None,
    };
    Some(text.to_owned())
}

/// What can be done with a webhook.
#[component]
fn Actions(agency: String, webhook: Webhook) -> impl IntoView {
    let edit = format!("/a/{agency}/webhooks?edit={}#webhook", webhook.id);
    let log = format!("/a/{agency}/webhooks?webhook={}", webhook.id);
    let hidden = vec![("agency", agency), ("id", webhook.id.to_string())];
    let active = hidden.iter().cloned().chain([("active", (!webhook.active).to_string())]).collect::<Vec<_>>();
    let change = if webhook.active { "Turn off" } else { "Turn on" };
    let test = webhook.active.then(|| {
        view! { <PostButton action="/do/test_webhook" look=ButtonStyle::Quiet hidden=hidden.clone()>"Send test"</PostButton> }
    });
    let rotate = (webhook.format == Format::Json).then(|| {
        view! {
            <Confirm action="/do/rotate_webhook_secret" label="New secret" verb="Rotate secret" look=ButtonStyle::Quiet operation=ButtonStyle::Primary hidden=hidden.clone()>
                "For 24 hours, each delivery is signed with both the old and the new secret. Update your endpoint in that time."
            </Confirm>
        }
    });
    view! {
        <span class="inline-flex flex-wrap items-center gap-1 max-sm:-ms-3 sm:ms-auto">
            {test}
            <ButtonLink href=edit look=ButtonStyle::Quiet>"Edit"</ButtonLink>
            <ButtonLink href=log look=ButtonStyle::Quiet>"Log"</ButtonLink>
            {rotate}
            <PostButton action="/do/set_webhook_active" look=ButtonStyle::Quiet hidden=active>{change}</PostButton>
            <Confirm action="/do/remove_webhook" label="Remove" verb="Remove webhook" look=ButtonStyle::Quiet hidden=hidden>"It gets no more events, and its log is deleted."</Confirm>
        </span>
    }
}
