//! The agency's page of incoming webhooks: one event, and the list of those of its clients.

use domain::messaging::received::Received;
use domain::permission::Right;
use kit::frame::{Crumb, Shell};
use kit::incoming::{EVENT, IncomingEvent, IncomingEvents};
use kit::title::PageTitle;
use kit::{Address, PageHeader};
use leptos::prelude::*;
use store::inbound;
use store::tenant::TenantTx;
use uuid::Uuid;
use web::error::{Error, Result};
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

/// What messaging platforms sent to the clients that the viewer may see.
#[component]
pub fn IncomingWebhooks() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let page = inbound::list(&mut tenant.tx, &at.query()).await?;
        let event = open(&mut tenant.tx, at.get(EVENT)).await?;
        let slug = tenant.access.slug.clone();
        let manages = tenant.access.allows(Right::ConnectionsManage);
        let reads = tenant.access.allows(Right::InboxAll);
        tenant.commit().await?;
        let crumbs =
            vec![Crumb::link("Connections", format!("/a/{slug}/connections")), Crumb::current("Incoming webhooks")];
        let frame = frame(&context, crumbs);
        let event = event
            .map(|(event, shape)| view! { <Event event=event shape=shape agency=slug manages=manages reads=reads/> });
        Ok(view! {
            <PageTitle text="Incoming webhooks"/>
            <Shell frame=frame>
                <PageHeader title="Incoming webhooks"/>
                <div class="flex flex-col gap-4">
                    {event}
                    <IncomingEvents at=at page=page/>
                </div>
            </Shell>
        })
    })
}

/// The event that the address opens, with the shape of what came.
async fn open(tx: &mut TenantTx, id: &str) -> Result<Option<(Received, Option<String>)>> {
    if id.is_empty() {
        return Ok(None);
    }
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let event = inbound::get(tx, id).await?;
    let shape = inbound::shape(tx, id).await?.map(|shape| format!("{shape:#}"));
    Ok(Some((event, shape)))
}

/// One event with what the viewer may do with it.
#[component]
fn Event(event: Received, shape: Option<String>, agency: String, manages: bool, reads: bool) -> impl IntoView {
    let forecast = event.is_replayable().then(|| {
        let client = event.business_name.clone().unwrap_or_default();
        format!("A replay would process it for {client}, unless the same event already came again and was processed.")
    });
    let replay = (manages && forecast.is_some())
        .then(|| ("/do/replay_incoming_event", vec![("agency", agency), ("id", event.id.to_string())]));
    let conversation = event.business.zip(event.conversation).filter(|_| reads);
    let conversation = conversation.map(|(business, id)| format!("/b/{business}/inbox/{id}"));
    view! { <IncomingEvent event=event forecast=forecast replay=replay conversation=conversation shape=shape/> }
}
