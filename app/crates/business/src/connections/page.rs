//! The page of a business's connections: its messaging channels, and HighLevel, about which its people can do nothing.

use chrono::{DateTime, Utc};
use domain::IntegrationId;
use domain::channel_doctor::{Line, examine};
use domain::channel_setup::Step;
use domain::integration::{Integration, Kind, State, state};
use domain::language::Language;
use domain::messaging::view::ChannelView;
use domain::permission::Right;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Card, PageHeader, Region, StatusPill, Tone};
use leptos::prelude::*;
use web::brand::{BrandAccent, BrandMark};
use web::clock::now;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;
use web::shown_once::shown_once;

use super::card::{ChannelCard, ConnectCard, Rights};
use super::doctor::asked;
use super::renewal::NewLink;
use super::signup::{self, EmbeddedSignup};
use super::texts::texts;
use super::web_chat::{self, WebChatCard};
use crate::messages::messages;

/// The kinds of channels that a business connects, in the order of the page.
const KINDS: [Kind; 3] = [Kind::Whatsapp, Kind::Instagram, Kind::Facebook];

/// What the page shows.
struct Facts {
    brand: domain::brand::Brand,
    highlevel: Option<Integration>,
    channels: Vec<(Integration, Option<ChannelView>)>,
    rights: Rights,
    /// The channels with a renewal link that works, and until when.
    links: Vec<(IntegrationId, DateTime<Utc>)>,
    /// The channel whose doctor is open, and what it found.
    doctor: Option<(IntegrationId, Vec<Line>)>,
    /// The renewal link that was just made.
    new_link: Option<String>,
    /// Whose messages about WhatsApp's signup are heard; `None` if it has no window here.
    signup: Option<Vec<String>>,
}

async fn read(context: &ServerContext) -> Result<Facts> {
    let (place, mut tx) = context.business_page().await?;
    let business = store::businesses::get(&mut tx, place.id).await?;
    let brand = store::agencies::brand(&mut tx).await?;
    let known = store::messaging::channels::list(&mut tx).await?;
    let integrations = store::integrations::of_channels(&mut tx).await?;
    let links = store::renewal_links::open_ones(&mut tx).await?;
    let asked = asked(context).and_then(|id| integrations.iter().find(|one| one.id == id));
    let doctor = match asked {
        Some(one) => {
            let seen = store::messaging::doctor::seen(&mut tx, one.id).await?;
            Some((one.id, examine(one, &seen, context.state.settings.meta_ready, now())))
        }
        None => None,
    };
    tx.commit().await?;
    let new_link = shown_once(context, context.caller()?.user, "make_renewal_link").await?;
    let highlevel = store::integrations::for_business(&context.state.db, &business).await?;
    let channels = integrations.into_iter().map(|integration| {
        let channel = known.iter().find(|channel| channel.integration == Some(integration.id)).cloned();
        (integration, channel)
    });
    let rights = Rights {
        business: place.id,
        zone: business.zone(),
        connect: place.allows(Right::ChannelsConnect),
        ready: context.state.settings.meta_ready,
    };
    let signup = if rights.connect && rights.ready { signup::origins(context) } else { None };
    Ok(Facts { brand, highlevel, channels: channels.collect(), rights, links, doctor, new_link, signup })
}

/// The connections of a business.
#[component]
pub fn BusinessIntegrations() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let facts = read(&context).await?;
        let web_chat = web_chat::read(&context).await?;
        let language = context.request.language;
        let words = messages(language);
        let frame = frame(&context, vec![Crumb::current(words.connections)]);
        let brand = facts.brand.clone();
        let managed = (words.managed_by)(&brand.name);
        Ok(view! {
            <PageTitle text=words.connections/>
            <Shell frame=frame>
                <BrandAccent brand=brand.clone()/>
                <div class="pb-4"><BrandMark brand/></div>
                <PageHeader title=words.connections/>
                {facts.signup.map(|origins| view! { <EmbeddedSignup language origins/> })}
                <div class="flex max-w-3xl flex-col gap-6">
                    {facts.new_link.map(|link| view! { <NewLink language link/> })}
                    <Channels language channels=facts.channels links=facts.links doctor=facts.doctor rights=facts.rights/>
                    <WebChatCard language shown=web_chat/>
                    <HighLevel language connection=facts.highlevel managed/>
                </div>
            </Shell>
        })
    })
}

/// The channels of the business, and what can be connected besides.
#[component]
fn Channels(
    language: Language,
    channels: Vec<(Integration, Option<ChannelView>)>,
    links: Vec<(IntegrationId, DateTime<Utc>)>,
    doctor: Option<(IntegrationId, Vec<Line>)>,
    rights: Rights,
) -> impl IntoView {
    let words = texts(language);
    let waiting = channels.iter().any(|(integration, _)| is_waiting(integration));
    let missing = KINDS.into_iter().filter(|kind| !channels.iter().any(|(known, _)| known.kind == *kind));
    let more = missing.map(|kind| view! { <ConnectCard language kind rights=rights.clone()/> }).collect_view();
    let of_cards = rights.clone();
    let cards = channels.into_iter().map(move |(integration, channel)| {
        let link_until = links.iter().find(|(id, _)| *id == integration.id).map(|(_, until)| *until);
        let doctor = doctor.as_ref().filter(|(id, _)| *id == integration.id).map(|(_, lines)| lines.clone());
        view! { <ChannelCard language integration channel link_until doctor rights=of_cards.clone()/> }
    });
    let cards = cards.collect_view();
    let warning = (!rights.ready)
        .then(|| view! { <p class="rounded-control bg-warn-bg px-3 py-2 text-sm text-warn">{words.not_ready}</p> });
    view! {
        <section class="flex flex-col gap-3" aria-labelledby="channels">
            <div>
                <h2 id="channels" class="text-md font-semibold">{words.channels}</h2>
                <p class="text-sm text-fg-2">{words.channels_help}</p>
            </div>
            {warning}
            <Region key="channels" topics="integration.changed:* channel.changed:*">
                <div class="flex flex-col gap-3" data-waiting=waiting.then_some("")>{cards}{more}</div>
            </Region>
            {rights.connect.then(|| view! {
                <a class="link w-fit text-sm" href=format!("/b/{}/integrations/incoming", rights.business)>{words.incoming}</a>
            })}
        </section>
    }
}

/// Whether a channel waits for its first message.
fn is_waiting(integration: &Integration) -> bool {
    integration.setup_step.as_deref().and_then(Step::parse) == Some(Step::Test)
}

/// The connection with HighLevel, which the agency manages.
#[component]
fn HighLevel(language: Language, connection: Option<Integration>, managed: String) -> impl IntoView {
    let words = messages(language);
    let found = state(connection.as_ref(), now()).state;
    let (word, text) = (words.connection)(found);
    let pill = view! { <StatusPill tone=tone(found)>{word}</StatusPill> };
    view! {
        <Card title="HighLevel" aside=pill.into_any()>
            <p class="text-fg-2">{text}</p>
            <p class="pt-2 text-sm text-fg-3">{managed}</p>
        </Card>
    }
}

/// How a state of HighLevel looks to people who can do nothing about it.
const fn tone(state: State) -> Tone {
    match state {
        State::Working | State::Quiet | State::RenewSoon => Tone::Ok,
        State::NotConnected | State::Connecting | State::Paused | State::Disconnected => Tone::Waiting,
        State::Expired | State::Error | State::Suspended => Tone::Warn,
    }
}
