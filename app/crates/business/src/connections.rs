//! Does the business's connection with HighLevel work? Said to its owner, who can do nothing about it: no tokens, no
//! times.

use domain::integration::{State, state};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Card, PageHeader, StatusPill, Tone};
use leptos::prelude::*;
use web::brand::{BrandAccent, BrandMark};
use web::clock::now;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

use crate::messages::messages;

/// A business's own connection.
#[component]
pub fn BusinessIntegrations() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let (place, mut tx) = context.business_page().await?;
        let business = store::businesses::get(&mut tx, place.id).await?;
        let brand = store::agencies::brand(&mut tx).await?;
        tx.commit().await?;
        let connection = store::integrations::for_business(&context.state.db, &business).await?;
        let texts = messages(context.request.language);
        let found = state(connection.as_ref(), now()).state;
        let (word, text) = (texts.connection)(found);
        let frame = frame(&context, vec![Crumb::current(texts.connections)]);
        let pill = view! { <StatusPill tone=tone(found)>{word}</StatusPill> };
        let managed = (texts.managed_by)(&brand.name);
        Ok(view! {
            <PageTitle text=texts.connections/>
            <Shell frame=frame>
                <BrandAccent brand=brand.clone()/>
                <div class="pb-4"><BrandMark brand/></div>
                <PageHeader title=texts.connections/>
                <div class="max-w-xl">
                    <Card title="HighLevel" aside=pill.into_any()>
                        <p class="text-fg-2">{text}</p>
                        <p class="pt-2 text-sm text-fg-3">{managed}</p>
                    </Card>
                </div>
            </Shell>
        })
    })
}

/// How a state looks.
const fn tone(state: State) -> Tone {
    match state {
        State::Working | State::Quiet | State::RenewSoon => Tone::Ok,
        State::NotConnected | State::Connecting | State::Paused | State::Disconnected => Tone::Waiting,
        State::Expired | State::Error | State::Suspended => Tone::Warn,
    }
}
