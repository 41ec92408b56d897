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

/// A business's own connection.
#[component]
pub fn BusinessIntegrations() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let (place, mut tx) = context.business_page().await?;
        let business = store::businesses::get(&mut tx, place.id).await?;
        let connection = match &business.ghl_location_id {
            Some(location) => store::integrations::location(&mut tx, location).await?,
            None => None,
        };
        let brand = store::agencies::brand(&mut tx).await?;
        tx.commit().await?;
        let (tone, word, text) = words(state(connection.as_ref(), now()).state);
        let frame = frame(&context, vec![Crumb::current("Connections")]);
        let pill = view! { <StatusPill tone=tone>{word}</StatusPill> };
        let managed = format!("Managed by {}.", brand.name);
        Ok(view! {
            <PageTitle text="Connections"/>
            <Shell frame=frame>
                <BrandAccent brand=brand.clone()/>
                <div class="pb-4"><BrandMark brand/></div>
                <PageHeader title="Connections"/>
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

/// The state in one word, and what it means to the people of the business.
const fn words(state: State) -> (Tone, &'static str, &'static str) {
    match state {
        State::Working | State::Quiet | State::RenewSoon => {
            (Tone::Ok, "Connected", "Your HighLevel account is connected.")
        }
        State::NotConnected | State::Connecting => {
            (Tone::Waiting, "Not connected", "Your HighLevel account is not connected yet.")
        }
        State::Paused | State::Disconnected => (Tone::Waiting, "Off", "Your agency has switched this connection off."),
        State::Expired | State::Error | State::Suspended => (
            Tone::Warn,
            "Being fixed",
            "The connection with HighLevel is interrupted. Your agency has to look at it; nothing you did is lost.",
        ),
    }
}
