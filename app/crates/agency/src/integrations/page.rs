//! The agency's integrations page: its own HighLevel company, the locations of its businesses, and unclaimed
//! installs.

use domain::integration::{self, Install, Integration, LocationCounts};
use domain::page::{ListQuery, Page};
use domain::permission::Right;
use islands::connection::{ConnectionFacts, ConnectionHead, ConnectionState, LiveConnectionFrom};
use kit::frame::{Crumb, Shell};
use kit::region::is_navigation;
use kit::title::PageTitle;
use kit::{
    Address, Banner, ButtonLink, ButtonStyle, Chip, Empty, Filled, Glyph, PageHeader, Region, Tone, ViewsOfList,
    counted,
};
use leptos::prelude::*;
use web::clock::now;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;
use web::saved_views::saved_views;

use super::actions::{Actions, PrivateToken};
use super::installs::Unclaimed;
use super::locations::{EXCEPTIONS, Locations, is_summary};
use super::state as connection;

/// What the page shows.
struct Facts {
    agency: String,
    id: String,
    may: bool,
    ready: bool,
    state: ConnectionState,
    trouble: Option<String>,
    /// Number of the businesses' locations that belong to another company than the agency's integration.
    elsewhere: i64,
    /// Number of sub-accounts in HighLevel that the caller may import.
    unimported: i64,
    /// Number of jobs that wait until HighLevel is connected again.
    waiting: i64,
    counts: LocationCounts,
    locations: Page<Integration>,
    saved: ViewsOfList,
    installs: Vec<Install>,
}

async fn load(context: &ServerContext, at: &Address) -> Result<Facts> {
    let view = if is_summary(at) { EXCEPTIONS.to_owned() } else { at.get("view").to_owned() };
    let query = ListQuery { view, ..at.query() };
    let shown = web::session::claim(&context.session).await?;
    let mut tenant = context.page().await?;
    let (state, notices) = connection::read(&mut tenant.tx).await?;
    let unimported = if tenant.access.allows(Right::ClientsImport) { notices.left } else { 0 };
    let locations = store::integrations::list(&mut tenant.tx, &query).await?;
    let may = tenant.access.allows(Right::ConnectionsManage);
    let facts = Facts {
        agency: tenant.access.slug.clone(),
        id: tenant.access.id.to_string(),
        may,
        ready: context.state.settings.highlevel_ready,
        state,
        trouble: notices.trouble,
        elsewhere: notices.elsewhere,
        unimported,
        waiting: notices.waiting,
        counts: store::integrations::counts(&mut tenant.tx).await?,
        locations,
        saved: saved_views(&mut tenant, &store::integrations::LIST).await?,
        installs: if may { store::app_installs::unclaimed(&mut tenant.tx, shown).await? } else { Vec::new() },
    };
    tenant.commit().await?;
    Ok(facts)
}

/// The integrations page.
#[component]
pub fn IntegrationsPage() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let facts = load(&context, &at).await?;
        // What went wrong with connecting stays on the page, so it is not said by a message that goes away.
        let failed = filled(&context.request, "connect").message;
        let mut frame = frame(&context, vec![Crumb::current("Connections")]);
        frame.notice = frame.notice.filter(|_| failed.is_none());
        let filled = filled(&context.request, "add_private_token");
        let (source, start) = (format!("/a/{}/connections/state", facts.agency), facts.state.clone());
        let calls = format!("/a/{}/connections/calls", facts.agency);
        let incoming = format!("/a/{}/connections/incoming", facts.agency);
        Ok(view! {
            <PageTitle text="Connections"/>
            <Shell frame=frame>
                {is_navigation().then(|| view! { <LiveConnectionFrom source start/> })}
                <PageHeader title="Connections"><ButtonLink href=calls>"API calls"</ButtonLink><ButtonLink href=incoming>"Incoming webhooks"</ButtonLink></PageHeader>
                {(!facts.ready).then(|| view! {
                    <Banner tone=Tone::Warn text="HighLevel isn't set up here yet. Your Slipway administrator needs to set GHL_CLIENT_ID and GHL_CLIENT_SECRET."/>
                })}
                <Content facts at failed filled/>
            </Shell>
        })
    })
}

impl Facts {
    /// Where the consent begins.
    fn connect(&self) -> String {
        format!("/api/integrations/ghl/connect?agency={}", self.id)
    }
}

/// The page below its header.
#[component]
fn Content(facts: Facts, at: Address, failed: Option<String>, filled: Filled) -> impl IntoView {
    let connect = facts.ready.then(|| facts.connect());
    let Facts {
        agency, may, state, trouble, elsewhere, unimported, waiting, counts, locations, saved, installs, ..
    } = facts;
    let company = state.connection.as_ref().map(|own| own.integration.clone());
    let backup = state.connection.as_ref().is_some_and(|own| own.backup.is_some());
    let (connected, own, again) = (company.is_some(), agency.clone(), connect.clone().filter(|_| may));
    let first = again.clone();
    let works = integration::state(company.as_ref(), now()).state;
    // An agency whose integration works does not need to give consent.
    let well = company.as_ref().is_some_and(|own| own.is_active && own.needs_reauth_at.is_none());
    let white_label = again.clone().filter(|_| !well);
    let white_label = white_label.map(|connect| view! { <WhiteLabel href=format!("{connect}&host=white-label")/> });
    let unimported = (unimported > 0).then(|| view! { <Unimported agency=agency.clone() count=unimported/> });
    let facts = state.clone();
    view! {
        {failed.map(|text| view! { <div class="pb-4"><Banner tone=Tone::Failed text=text/></div> })}
        <div class="flex flex-col gap-4">
            <Region key="company" topics="*" class="flex flex-col gap-4 empty:hidden">
                {trouble.map(|text| view! { <Banner tone=Tone::Warn text=text/> })}
                {(elsewhere > 0).then(|| view! { <Banner tone=Tone::Warn text=unclaimed_notice(elsewhere)/> })}
                {unimported}
                {(!connected).then(|| view! { <Nothing connect=first/> })}
            </Region>
            <section class="card has-[>[data-live=connection]:empty]:hidden" id="connection">
                <ConnectionHead state/>
                <Region key="connection-actions" topics="*" class="flex flex-wrap gap-2 px-4 pb-4 empty:hidden">
                    {company.map(|company| view! { <Actions agency=own company connect=again backup may waiting/> })}
                </Region>
                <ConnectionFacts state=facts/>
            </section>
            {white_label}
            {(!installs.is_empty()).then(|| view! { <Unclaimed agency=agency.clone() connect installs/> })}
            {(may && connected).then(|| view! { <PrivateToken agency=agency.clone() filled/> })}
            <Locations agency at counts company=works page=locations saved/>
        </div>
    }
}

/// A further link to the same consent. The standard page does not find agencies whose HighLevel is white-labelled,
/// under a domain of their own.
#[component]
fn WhiteLabel(href: String) -> impl IntoView {
    view! {
        <p class="text-sm text-fg-2">
            "Do you use HighLevel under your own domain? Its standard page then says \"No integration found with the ID\": "
            <a class="link" href=href rel="external">"connect a white-labeled HighLevel"</a>" instead."
        </p>
    }
}

/// The warning that the businesses' locations belong to another company than the agency's integration.
fn unclaimed_notice(count: i64) -> String {
    let which = counted(count, "client's location belongs", "clients' locations belong");
    format!(
        "{which} to another HighLevel company than the one connected here. Their keys can't be renewed until you disconnect this one and connect theirs. New clients would be created here."
    )
}

/// Sub-accounts that are no clients yet, with the way to import them.
#[component]
fn Unimported(agency: String, count: i64) -> impl IntoView {
    let text = format!("{} in HighLevel not in Slipway yet.", counted(count, "sub-account", "sub-accounts"));
    view! { <Banner text=text><ButtonLink href=format!("/a/{agency}/clients/import")>"Import"</ButtonLink></Banner> }
}

#[component]
fn Nothing(connect: Option<String>) -> impl IntoView {
    let scopes = ghl::auth::SCOPES.iter().map(|scope| view! { <Chip>{*scope}</Chip> }).collect_view();
    view! {
        <Empty
            title="HighLevel is not connected"
            text="We take you to HighLevel: sign in as an agency admin, choose your agency and approve. Check \"install to all future locations\", so that we can set up new clients."
        >
            {connect.map(|href| view! { <ButtonLink href look=ButtonStyle::Primary icon=Glyph::Plug>"Connect HighLevel"</ButtonLink> })}
        </Empty>
        <details class="text-sm text-fg-2">
            <summary class="fold">"What we ask for, and why"</summary>
            <p class="max-w-[75ch] py-2">"We read your company, snapshots and sub-accounts, and create sub-accounts, users, tags and custom values for the clients you set up. We never change a snapshot. Contacts, conversations, calendars and opportunities are only for AI agents that a client connects, within what the client allows."</p>
            <div class="flex flex-wrap gap-1">{scopes}</div>
        </details>
    }
}
