//! Asks a person whether an AI agent may work with one of their businesses: which program asks, where it leads them, what it may
//! do, and for how long.

use domain::agent_sign_in::Asked;
use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Banner, Button, ButtonLink, ButtonStyle, Choice, Filled, Form, Select, Tone};
use leptos::prelude::*;
use web::agent_request::AgentRequest;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};

use super::choices::choices;
use super::texts::{Texts, texts};
use crate::login::query_value;

/// The question.
#[component]
pub fn AgentConsent() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let words = texts(context.request.language);
        let Some((request, asked)) = asked(&context).await? else {
            return Ok(view! { <Gone words/> }.into_any());
        };
        let origin = context.state.settings.public_url.clone();
        let refused = asked.lead_back(&origin, ("error", "access_denied"));
        let choices = choices(&context, asked.business.as_deref()).await?;
        let filled = filled(&context.request, "allow_agent");
        let (title, text) = ((words.title)(&asked.program.name), (words.text)(&asked.program.name));
        let email = context.caller()?.email.clone();
        Ok(view! {
            <PageTitle text=title.clone()/>
            <Blank title=title text=text>
                <Warning words asked=asked/>
                <Answer words request choices filled refused/>
                <p class="text-sm text-fg-2">{(words.signed_in_as)(&email)}</p>
            </Blank>
        }
        .into_any())
    })
}

/// The request that the address names, if this browser brought it a short while ago and it still holds.
async fn asked(context: &ServerContext) -> Result<Option<(AgentRequest, Asked)>> {
    let id = query_value(&context.request.address, "request").and_then(|id| uuid::Uuid::try_parse(&id).ok());
    let Some(id) = id else { return Ok(None) };
    let kept = AgentRequest::of(&context.session, id).await?;
    let origin = &context.state.settings.public_url;
    Ok(kept.and_then(|kept| Asked::check(&kept.parameters(), origin).ok().map(|asked| (kept, asked))))
}

/// What a person is told when nothing waits for them.
#[component]
fn Gone(words: &'static Texts) -> impl IntoView {
    let (title, text) = words.gone;
    view! {
        <PageTitle text=title/>
        <Blank title=title text=text>
            <div><ButtonLink href="/">{words.home}</ButtonLink></div>
        </Blank>
    }
}

/// Where the person is led and who describes the program, which says more of it than its name.
#[component]
fn Warning(words: &'static Texts, asked: Asked) -> impl IntoView {
    let led = if asked.is_on_own_machine() { words.own_machine.to_owned() } else { (words.led_to)(&asked.host()) };
    let text = match asked.described_at() {
        Some(host) => format!("{led} {}", (words.described_at)(&host)),
        None => led,
    };
    view! { <Banner tone=Tone::Warn text=text/> }
}

/// The form that allows it, and the link that does not.
#[component]
fn Answer(
    words: &'static Texts,
    request: AgentRequest,
    choices: Vec<Choice>,
    filled: Filled,
    refused: String,
) -> impl IntoView {
    if choices.is_empty() {
        return view! {
            <p>{words.nothing_to_choose}</p>
            <div><Cancel words refused/></div>
        }
        .into_any();
    }
    let sent = request.parameters();
    let hidden: Vec<_> = [
        ("client", sent.client),
        ("redirect", sent.redirect),
        ("challenge", sent.challenge),
        ("state", sent.state),
        ("resource", sent.resource),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.to_owned()))
    .chain([("once", request.id.to_string())])
    .collect();
    let points = words.may.iter().map(|point| view! { <li>{*point}</li> }).collect_view();
    view! {
        <ul class="list-disc ps-5">{points}</ul>
        <Form action="/do/allow_agent" filled=filled hidden=hidden>
            <Select name="business" label=words.business choices=choices required=true/>
            <div class="flex flex-wrap gap-2">
                <Button look=ButtonStyle::Primary>{words.allow}</Button>
                <Cancel words refused/>
            </div>
        </Form>
    }
    .into_any()
}

/// Leads back to the agent with a no, in the same tab.
#[component]
fn Cancel(words: &'static Texts, refused: String) -> impl IntoView {
    view! { <a class=ButtonStyle::Secondary.class() href=refused>{words.cancel}</a> }
}
