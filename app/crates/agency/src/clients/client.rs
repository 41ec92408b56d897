//! The page of one business (a "client" to its agency): details, HighLevel integration, people and jobs.

use domain::business::Business;
use domain::integration::{Integration, state};
use domain::provisioning::JobRow;
use kit::frame::{Crumb, Shell};
use kit::labels::business::status;
use kit::labels::integration::tone;
use kit::labels::provisioning as labels;
use kit::title::PageTitle;
use kit::{Ago, ButtonLink, ButtonStyle, Card, CopyId, KeyValue, KeyValues, PageHeader, Region, StatusPill};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use store::tenant::TenantTx;
use web::clock::now;
use web::error::{Error, Result};
use web::guard::{ServerContext, agency_business_scope, server_context};
use web::page::load_page;
use web::page_frame::frame;

use super::people::{self, People};

/// What the page shows.
struct Facts {
    base: String,
    business: Business,
    connection: Option<Integration>,
    jobs: Vec<JobRow>,
    /// Address of the location's page in HighLevel.
    location_page: Option<String>,
    people: people::Facts,
}

async fn load(context: &ServerContext, named: &str) -> Result<Facts> {
    let mut tenant = context.page().await?;
    let business = store::businesses::find_ref(&mut tenant.tx, named).await?.ok_or(Error::NotFound)?;
    let (place, user) = (tenant.access.clone(), tenant.caller.user);
    if !place.reaches(business.id) {
        return Err(Error::NotFound);
    }
    let jobs = store::provisioning::of_business(&mut tenant.tx, business.id, 20).await?;
    tenant.commit().await?;
    let mut tx = TenantTx::begin(&context.state.db, agency_business_scope(Some(user), &place, business.id)).await?;
    let connection = match &business.ghl_location_id {
        Some(location) => store::integrations::location(&mut tx, location).await?,
        None => None,
    };
    let location_page = match &connection {
        Some(Integration { platform_id: id, parent_platform_id: company, .. }) => {
            let app = &context.state.settings.highlevel_app;
            Some(store::agencies::location_page(&mut tx, app, company.as_deref(), id).await?)
        }
        None => None,
    };
    let people = people::load(context, &mut tx, &place, business.details.email.clone()).await?;
    tx.commit().await?;
    Ok(Facts { base: format!("/a/{}", place.slug), business, connection, jobs, location_page, people })
}

/// The page of one business.
#[component]
pub fn Client() -> impl IntoView {
    let context = server_context();
    let named = use_params_map().read_untracked().get("business").unwrap_or_default();
    load_page(async move {
        let context = context?;
        let facts = load(&context, &named).await?;
        let name = facts.business.name.clone();
        let crumbs = vec![Crumb::link("Clients", format!("{}/clients", facts.base)), Crumb::current(name.clone())];
        let frame = frame(&context, crumbs);
        let (look, word) = status(&facts.business.status);
        let another = format!("{}/provisioning/new", facts.base);
        Ok(view! {
            <PageTitle text=name.clone()/>
            <Shell frame=frame>
                <PageHeader title=name mark=view! { <StatusPill tone=look>{word}</StatusPill> }.into_any()>
                    <ButtonLink href=another>"Create another client"</ButtonLink>
                </PageHeader>
                <Region key="client" topics="business.changed:* integration.changed:* invite.changed:* provisioning.job:*" class="grid items-start gap-4 lg:grid-cols-2">
                    <Details business=facts.business/>
                    <HighLevel connection=facts.connection location_page=facts.location_page/>
                    <People facts=facts.people/>
                    <Jobs base=facts.base jobs=facts.jobs/>
                </Region>
            </Shell>
        })
    })
}

#[component]
fn Details(business: Business) -> impl IntoView {
    let details = business.details;
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "—".to_owned());
    let place = [details.address, details.city, details.state, details.postal_code, details.country];
    let place = place.into_iter().flatten().collect::<Vec<_>>().join(", ");
    view! {
        <Card title="Details">
            <KeyValues>
                <KeyValue name="Email">{or_dash(details.email)}</KeyValue>
                <KeyValue name="Phone">{or_dash(details.phone)}</KeyValue>
                <KeyValue name="Website">{or_dash(details.website)}</KeyValue>
                <KeyValue name="Address">{if place.is_empty() { "—".to_owned() } else { place }}</KeyValue>
                <KeyValue name="Time zone">{details.timezone}</KeyValue>
                <KeyValue name="Client since"><Ago at=business.created_at/></KeyValue>
            </KeyValues>
        </Card>
    }
}

#[component]
fn HighLevel(connection: Option<Integration>, location_page: Option<String>) -> impl IntoView {
    let integration_status = state(connection.as_ref(), now());
    let location = connection.map(|connection| connection.platform_id).zip(location_page).map(|(id, page)| {
        view! {
            <div class="flex flex-wrap items-center justify-between gap-2 pt-3">
                <p class="text-sm">"Location " <CopyId id=id/></p>
                <ButtonLink href=page look=ButtonStyle::Quiet>"Open in HighLevel"</ButtonLink>
            </div>
        }
    });
    view! {
        <Card title="HighLevel" aside=view! { <StatusPill tone=tone(integration_status.state)>{integration_status.state.label()}</StatusPill> }.into_any()>
            <p class="text-fg-2">{integration_status.because}</p>
            {location}
        </Card>
    }
}

#[component]
fn Jobs(base: String, jobs: Vec<JobRow>) -> impl IntoView {
    if jobs.is_empty() {
        return ().into_any();
    }
    let lines = jobs.into_iter().map(move |job| {
        let (look, word) = labels::job(&job);
        view! {
            <li class="flex items-center gap-3 border-t border-line px-4 py-2.5 first:border-0">
                <a class="grow hover:underline" href=format!("{base}/provisioning/{}", job.id)>{format!("Job #{}", job.number)}</a>
                <StatusPill tone=look plain=true>{word}</StatusPill>
                <span class="text-sm text-fg-2"><Ago at=job.created_at/></span>
            </li>
        }
    });
    view! { <Card title="Provisioning" flush=true><ul>{lines.collect_view()}</ul></Card> }.into_any()
}
