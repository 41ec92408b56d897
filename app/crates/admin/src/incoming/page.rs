//! The platform's page of incoming webhooks: bodies that could not be read, one event, and the list of all events.

use domain::identity::Role;
use domain::messaging::received::{PutAside, Received};
use kit::frame::{Crumb, Shell};
use kit::incoming::{EVENT, IncomingEvent, IncomingEvents};
use kit::title::PageTitle;
use kit::{Address, Ago, ButtonStyle, Card, CopyId, PageHeader, PostButton};
use leptos::prelude::*;
use store::inbound;
use store::tenant::PlatformTx;
use uuid::Uuid;
use web::error::{Error, Result};
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

/// What messaging platforms sent to all agencies, and to none.
#[component]
pub fn PlatformIncoming() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let page = inbound::list_platform(&mut tx, &at.query()).await?;
        let bodies = inbound::put_aside(&mut tx).await?;
        let open = open(&mut tx, at.get(EVENT)).await?;
        tx.commit().await?;
        let may = context.caller()?.platform == Some(Role::SuperAdmin);
        let frame = frame(&context, vec![Crumb::current("Incoming webhooks")]);
        let event = open.map(|(event, forecast)| {
            let replay =
                (may && forecast.is_some()).then(|| ("/do/replay_platform_event", vec![("id", event.id.to_string())]));
            view! { <IncomingEvent event=event forecast=forecast replay=replay technical=true/> }
        });
        Ok(view! {
            <PageTitle text="Incoming webhooks"/>
            <Shell frame=frame>
                <PageHeader title="Incoming webhooks"/>
                <div class="flex flex-col gap-4">
                    <Bodies bodies=bodies may=may/>
                    {event}
                    <IncomingEvents at=at page=page/>
                </div>
            </Shell>
        })
    })
}

/// The event that the address opens, with what a replay of it would do.
async fn open(tx: &mut PlatformTx, id: &str) -> Result<Option<(Received, Option<String>)>> {
    if id.is_empty() {
        return Ok(None);
    }
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let event = inbound::get_platform(tx, id).await?;
    let forecast = match event.is_replayable() {
        true => Some(inbound::forecast(tx, &event).await?.words()),
        false => None,
    };
    Ok(Some((event, forecast)))
}

/// Bodies that could not be read at all, if there are any.
#[component]
fn Bodies(bodies: Vec<PutAside>, may: bool) -> impl IntoView {
    if bodies.is_empty() {
        return ().into_any();
    }
    let lines = bodies.into_iter().map(|body| {
        let replay = may.then(|| {
            let hidden = vec![("id", body.id.to_string())];
            view! { <PostButton action="/do/replay_platform_body" look=ButtonStyle::Quiet hidden=hidden>"Replay"</PostButton> }
        });
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <CopyId id=body.id.to_string()/>
                <span class="min-w-0 grow basis-60 break-words">{body.error.unwrap_or_default()}</span>
                <span class="text-sm text-fg-3"><Ago at=body.at/></span>
                {replay}
            </li>
        }
    });
    let lines = lines.collect_view();
    view! {
        <Card title="Could not be read">
            <p class="pb-3 text-fg-2">"Each of these was set aside and is kept for 30 days. Replay one once the problem is fixed."</p>
            <ul class="flex flex-col gap-2">{lines}</ul>
        </Card>
    }
    .into_any()
}
