//! The integrations of a business, as its owner sees them.

use domain::integration::state;
use kit::frame::{Crumb, Shell};
use kit::labels::integration::tone;
use kit::title::PageTitle;
use kit::{Card, PageHeader, StatusPill};
use leptos::prelude::*;
use web::clock::now;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

/// A business's own integration.
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
        tx.commit().await?;
        let integration_status = state(connection.as_ref(), now());
        let frame = frame(&context, vec![Crumb::current("Integrations")]);
        let pill =
            view! { <StatusPill tone=tone(integration_status.state)>{integration_status.state.label()}</StatusPill> };
        Ok(view! {
            <PageTitle text="Integrations"/>
            <Shell frame=frame>
                <PageHeader title="Integrations"/>
                <Card title="HighLevel" aside=pill.into_any()>
                    <p class="text-fg-2">{integration_status.because}</p>
                    <p class="pt-2 text-sm text-fg-3">"Your agency looks after this connection."</p>
                </Card>
            </Shell>
        })
    })
}
