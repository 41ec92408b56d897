//! The agency's integrations page: its own HighLevel company, the locations of its businesses, and unclaimed
//! installs.

use domain::integration::{self, Install, Integration, State};
use domain::page::ListQuery;
use domain::permission::Right;
use islands::connection::{ConnectionCard, ConnectionState, LiveConnection};
use kit::frame::{Crumb, Shell};
use kit::labels::integration::tone;
use kit::region::is_navigation;
use kit::title::PageTitle;
use kit::{
    Address, Ago, Banner, Button, ButtonLink, ButtonStyle, Card, Chip, Column, Confirm, CopyId, Empty, Filled, Form,
    Glyph, PageHeader, PostButton, Region, Row, SavedViews, SecretField, StatusPill, Table, Tone, ViewsOfList, counted,
};
use leptos::prelude::*;
use web::clock::now;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;
use web::saved_views::saved_views;

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
    locations: domain::page::Page<Integration>,
    saved: ViewsOfList,
    installs: Vec<Install>,
}

async fn load(context: &ServerContext, query: &ListQuery) -> Result<Facts> {
    let shown = web::session::claim(&context.session).await?;
    let mut tenant = context.page().await?;
    let (state, notices) = connection::read(&mut tenant.tx).await?;
    let unimported = if tenant.access.allows(Right::ClientsImport) { notices.left } else { 0 };
    let locations = store::integrations::list(&mut tenant.tx, query).await?;
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
        let facts = load(&context, &at.query()).await?;
        let filled = filled(&context.request, "add_private_token");
        let frame = frame(&context, vec![Crumb::current("Connections")]);
        let connect = format!("/api/integrations/ghl/connect?agency={}", facts.id);
        let Facts { agency, may, ready, state, trouble, elsewhere, unimported, locations, saved, installs, .. } = facts;
        let company = state.connection.as_ref().map(|own| own.integration.clone());
        let backup = state.connection.as_ref().is_some_and(|own| own.backup.is_some());
        let (connected, own) = (company.is_some(), agency.clone());
        let (source, start) = (format!("/a/{agency}/connections/state"), state.clone());
        let tool = (may && ready).then(|| {
            let (look, words) = if connected {
                (ButtonStyle::Secondary, "Connect again")
            } else {
                (ButtonStyle::Primary, "Connect HighLevel")
            };
            view! { <ButtonLink href=connect.clone() look=look icon=Glyph::Plug>{words}</ButtonLink> }
        });
        // An agency whose integration works does not need to give consent.
        let well = company.as_ref().is_some_and(|own| own.is_active && own.needs_reauth_at.is_none());
        let white_label =
            (may && ready && !well).then(|| view! { <WhiteLabel href=format!("{connect}&host=white-label")/> });
        let unimported = (unimported > 0).then(|| view! { <Unimported agency=agency.clone() count=unimported/> });
        let calls = format!("/a/{agency}/connections/calls");
        Ok(view! {
            <PageTitle text="Connections"/>
            <Shell frame=frame>
                {is_navigation().then(|| view! { <LiveConnection source start/> })}
                <PageHeader title="Connections">{tool}<ButtonLink href=calls>"Calls"</ButtonLink></PageHeader>
                {(!ready).then(|| view! {
                    <Banner tone=Tone::Warn text="This installation has no HighLevel app yet. Whoever runs the server sets GHL_CLIENT_ID and GHL_CLIENT_SECRET."/>
                })}
                {white_label}
                <div class="flex flex-col gap-4">
                    <Region key="company" topics="*" class="flex flex-col gap-4 empty:hidden">
                        {trouble.map(|text| view! { <Banner tone=Tone::Warn text=text/> })}
                        {(elsewhere > 0).then(|| view! { <Banner tone=Tone::Warn text=unclaimed_notice(elsewhere)/> })}
                        {unimported}
                        {(!connected).then(|| view! { <Nothing/> })}
                    </Region>
                    <section class="card has-[>[data-live=connection]:empty]:hidden" id="connection">
                        <ConnectionCard state/>
                        <Region key="connection-actions" topics="*" class="flex flex-wrap gap-2 px-4 pb-4 empty:hidden">
                            {company.map(|company| view! { <Actions agency=own company backup may/> })}
                        </Region>
                    </section>
                    {(!installs.is_empty()).then(|| view! { <Unclaimed agency=agency.clone() connect=ready.then(|| connect.clone()) installs/> })}
                    {(may && connected).then(|| view! { <PrivateToken agency=agency.clone() filled/> })}
                    <Locations agency=agency at page=locations saved/>
                </div>
            </Shell>
        })
    })
}

/// A second link to the same consent. The standard page does not find agencies whose HighLevel is white-labelled,
/// under a domain of their own.
#[component]
fn WhiteLabel(href: String) -> impl IntoView {
    view! {
        <p class="pb-4 text-sm text-fg-2">
            "Is your HighLevel white-labelled, under a domain of your own? Then the usual page answers \"No integration found with the ID\": "
            <a class="link" href=href rel="external">"connect a white-labelled HighLevel"</a>" instead."
        </p>
    }
}

/// The warning that the businesses' locations belong to another company than the agency's integration.
fn unclaimed_notice(count: i64) -> String {
    let which = counted(count, "client's location belongs", "clients' locations belong");
    format!(
        "{which} to another HighLevel company than the one connected here. Their keys can't be made anew until you disconnect this one and connect theirs, and new clients would be created here."
    )
}

/// Sub-accounts that are no clients yet, with the way to import them.
#[component]
fn Unimported(agency: String, count: i64) -> impl IntoView {
    let text = format!("{} in HighLevel not in Slipway yet.", counted(count, "sub-account", "sub-accounts"));
    view! { <Banner text=text><ButtonLink href=format!("/a/{agency}/clients/import")>"Import"</ButtonLink></Banner> }
}

#[component]
fn Nothing() -> impl IntoView {
    let scopes = ghl::auth::SCOPES.iter().map(|scope| view! { <Chip>{*scope}</Chip> }).collect_view();
    view! {
        <Card>
            <Empty
                title="HighLevel is not connected"
                text="You go to HighLevel, choose your agency and give consent. Have an agency admin's sign-in ready, and tick \"install to all future locations\", so that new clients can be filled in."
            ></Empty>
            <details class="px-4 pb-4 text-sm text-fg-2">
                <summary class="fold">"What we ask for, and why"</summary>
                <p class="py-2">"We read your company, snapshots and locations; we create locations, users, tags and custom values for the clients you provision. We never change a snapshot and never read messages."</p>
                <div class="flex flex-wrap gap-1">{scopes}</div>
            </details>
        </Card>
    }
}

/// What can be done with the agency's own connection.
#[component]
fn Actions(agency: String, company: Integration, backup: bool, may: bool) -> impl IntoView {
    let hidden = vec![("agency", agency), ("integration", company.id.to_string())];
    let emergency = backup.then(|| view! { <UseBackup hidden=hidden.clone()/> });
    let off = integration::state(Some(&company), now()).state == State::Disconnected;
    (may && !off).then(|| view! {
        <PostButton action="/do/check_connection" hidden=hidden.clone()>"Check now"</PostButton>
        <Confirm action="/do/disconnect" label="Disconnect" verb="Disconnect HighLevel" hidden=hidden start=true>
            "The app is removed at HighLevel from your agency and all its locations, and our keys are deleted. Running jobs stop at their next call and wait. Your clients, history and snapshots stay; connecting again continues where you were."
        </Confirm>
        {emergency}
    })
}

/// The form that puts the emergency token into use. It asks for a reason, which goes into the audit log.
#[component]
fn UseBackup(hidden: Vec<(&'static str, String)>) -> impl IntoView {
    view! {
        <Confirm action="/do/use_private_token" label="Use emergency token" verb="Use it now" hidden=hidden>
            "Calls of your agency go out with it until you connect again. It may do what was ticked for it in HighLevel; keys for new clients' locations need the connection by consent."
            <label class="flex flex-col gap-1">"Why"<input class="control" name="reason" maxlength="200" required=true/></label>
        </Confirm>
    }
}

/// The form for a private integration token of the agency, which is kept beside the OAuth integration.
#[component]
fn PrivateToken(agency: String, filled: Filled) -> impl IntoView {
    let open = filled.is_bad();
    view! {
        <Card>
            <details open=open>
                <summary class="fold font-medium">"Emergency backup: a private integration token"</summary>
                <p class="py-3 text-sm text-fg-2">"Made by hand in HighLevel under Settings, Private integrations. It is used only if you choose to, is shown to nobody after saving, and should be replaced every 90 days."</p>
                <Form action="/do/add_private_token" filled=filled hidden=vec![("agency", agency)]>
                    <SecretField name="token" label="Private token"/>
                    <div><Button>"Save token"</Button></div>
                </Form>
            </details>
        </Card>
    }
}

#[component]
fn Unclaimed(agency: String, connect: Option<String>, installs: Vec<Install>) -> impl IntoView {
    let lines = installs
        .into_iter()
        .map(move |install| view! { <UnclaimedInstall agency=agency.clone() connect=connect.clone() install/> });
    view! { <Card title="Installed at HighLevel, not claimed yet" flush=true><ul>{lines.collect_view()}</ul></Card> }
}

/// One unclaimed install. An install that did not begin here says so and takes more than a click to claim, because
/// somebody else may have sent it.
#[component]
fn UnclaimedInstall(agency: String, connect: Option<String>, install: Install) -> impl IntoView {
    let label = install.label().to_owned();
    let what = match &install.location_id {
        Some(_) => format!("Location {label}"),
        None => format!("Company {label}"),
    };
    let id = install.location_id.clone().unwrap_or_else(|| install.company_id.clone());
    let whose = [install.company_email.clone(), install.company_place.clone()];
    let whose = whose.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let by = install.installer.clone().map(|who| format!(" by {who}"));
    let hidden = vec![("agency", agency), ("install", install.id.to_string())];
    let claim = if install.begun_here {
        view! {
            <Confirm action="/do/claim_install" label="Claim" verb="Claim it" hidden=hidden>
                "Claim it only if this HighLevel account is your agency's. It is then connected here."
            </Confirm>
        }
        .into_any()
    } else {
        view! {
            <Confirm action="/do/claim_install" label="Claim it all the same" verb="Claim it" hidden=hidden>
                "You did not start this here. If this HighLevel account is not your agency's, your clients would be created in a stranger's account."
                <label class="flex flex-col gap-1">{format!("Type the name to claim it: {label}")}<input class="control" name="company" maxlength="255" autocomplete="off" required=true/></label>
            </Confirm>
        }
        .into_any()
    };
    let warning = (!install.begun_here).then(|| view! {
        <p class="py-1 text-sm text-warn">"You did not start this here. It came from HighLevel's marketplace, perhaps by somebody else's link. To connect your own agency, use the button; what nobody claims is deleted within an hour."</p>
        {connect.map(|href| view! { <ButtonLink href=href look=ButtonStyle::Primary icon=Glyph::Plug>"Connect from here"</ButtonLink> })}
    });
    view! {
        <li class="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3 first:border-0">
            <div class="min-w-0 grow basis-72">
                <p class="font-medium">{what}</p>
                {(!whose.is_empty()).then(|| view! { <p class="text-sm text-fg-2">{whose}</p> })}
                <p class="text-sm text-fg-3"><CopyId id=id/></p>
                {install.installed_at.map(|at| view! { <p class="text-sm text-fg-2">"Installed " <Ago at=at/> {by}</p> })}
                {warning}
            </div>
            {claim}
        </li>
    }
}

#[component]
fn Locations(agency: String, at: Address, page: domain::page::Page<Integration>, saved: ViewsOfList) -> impl IntoView {
    let tools = view! { <SavedViews at=at.clone() saved/> };
    let empty = view! { <Card title="Client locations"><p class="text-fg-2">"None yet. Each client you provision gets its own connection here."</p></Card> };
    let (next, total) = (page.next, page.total);
    let rows: Vec<Row> = page.rows.into_iter().map(|connection| {
        let integration_status = integration::state(Some(&connection), now());
        let name = connection.platform_name.clone().unwrap_or_else(|| connection.platform_id.clone());
        Row {
            key: connection.id.to_string(),
            href: connection.business.map(|business| format!("/a/{agency}/clients/{business}")),
            cells: vec![
                view! { <span class="font-medium">{name}</span> }.into_any(),
                view! { <StatusPill tone=tone(integration_status.state) plain=true evidence=integration_status.because.clone()>{integration_status.state.label()}</StatusPill> }.into_any(),
                view! { <span class="text-fg-2">{integration_status.because}</span> }.into_any(),
            ],
        }
    }).collect();
    let columns =
        vec![Column::plain("Client location"), Column::plain("State"), Column::plain("How we know").wide_only()];
    view! {
        <Table caption="Client locations" topics="integration.changed:* business.changed:*" at=at columns=columns rows=rows next=next total=total search="Search locations" tools=tools.into_any() empty=empty.into_any()/>
    }
}
