//! The page that imports sub-accounts: how far the list is read, how an import goes on, and the list to choose from.

use domain::imports::{Importable, LocationList};
use domain::page::{ListQuery, Page};
use kit::frame::{Crumb, Shell};
use kit::region::AskedRegions;
use kit::title::PageTitle;
use kit::{
    Address, Bulk, ButtonStyle, Column, Confirm, Glyph, PageHeader, PostButton, Region, SavedView, Table, counted,
};
use leptos::context::Provider;
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;

use super::parts::{FORM, ListState, Running, line, nothing};

/// What the page shows.
#[derive(Clone)]
pub(super) struct Facts {
    /// Slug of the agency.
    pub agency: String,
    /// Whether HighLevel is connected.
    pub connected: bool,
    /// What is known of the list.
    pub list: LocationList,
    /// The sub-accounts that are no clients.
    pub page: Page<Importable>,
}

async fn load(context: &ServerContext, query: &ListQuery) -> Result<Facts> {
    let mut tenant = context.page().await?;
    let company = store::integrations::company(&mut tenant.tx).await?.filter(|company| company.is_active);
    let list = store::imports::state(&mut tenant.tx).await?;
    // The list of a company that is no longer connected is of no use.
    let current = company.as_ref().is_some_and(|company| company.platform_id == list.company);
    let page = match current {
        true => store::imports::list(&mut tenant.tx, query).await?,
        false => Page { rows: Vec::new(), next: None, total: Some(0) },
    };
    let list = if current { list } else { LocationList { progress: list.progress, ..LocationList::default() } };
    let facts = Facts { agency: tenant.access.slug.clone(), connected: company.is_some(), list, page };
    tenant.commit().await?;
    Ok(facts)
}

/// The page that imports sub-accounts as clients.
#[component]
pub fn ImportClients() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let facts = load(&context, &at.query()).await?;
        let clients = format!("/a/{}/clients", facts.agency);
        let frame = frame(&context, vec![Crumb::link("Clients", clients), Crumb::current("Import")]);
        let agency = facts.agency.clone();
        let hidden = vec![("agency", agency.clone())];
        let read = facts.connected.then(|| view! { <PostButton action="/do/read_locations" hidden=hidden icon=Glyph::Refresh>"Refresh list"</PostButton> });
        let all = (facts.connected && facts.list.left > 0 && !facts.list.progress.is_running())
            .then(|| view! { <ImportAll agency=agency left=facts.list.left/> });
        let (state, running) = (facts.clone(), facts.clone());
        // The table comes and goes with its rows, so it is part of a region that is always there.
        let listed = AskedRegions::parse("list,table").map(|asked| {
            view! { <Provider value=asked><Listed facts at/></Provider> }
        });
        Ok(view! {
            <PageTitle text="Import sub-accounts"/>
            <Shell frame=frame>
                <PageHeader title="Import sub-accounts" meta=META.into_any()>
                    <Region key="all" topics="locations.changed:* business.changed:*" class="contents">{all}</Region>
                    {read}
                </PageHeader>
                <div class="flex flex-col gap-4">
                    <Region key="import" topics="locations.changed:*" class="empty:hidden"><Running facts=running/></Region>
                    <Region key="state" topics="locations.changed:* integration.changed:* business.changed:*" class="empty:hidden"><ListState facts=state/></Region>
                    <Region key="list" topics="locations.changed:* business.changed:*">{listed}</Region>
                </div>
            </Shell>
        })
    })
}

const META: &str = "Clients you already have in HighLevel. Importing adds them here; nothing changes in HighLevel.";

/// The button that imports everything. It invites nobody.
#[component]
fn ImportAll(agency: String, left: i64) -> impl IntoView {
    let what = counted(left, "sub-account", "sub-accounts");
    let hidden = vec![("agency", agency), ("all", "true".to_owned())];
    view! {
        <Confirm action="/do/import_locations" label=format!("Import all {left}") verb=format!("Import {what}") hidden=hidden look=ButtonStyle::Primary operation=ButtonStyle::Primary>
            "Each becomes a client with its name, address, time zone and contact from HighLevel, and gets its own connection. Nobody is invited; you can invite owners later on each client's page."
        </Confirm>
    }
}

/// The list to choose from.
#[component]
fn Listed(facts: Facts, at: Address) -> impl IntoView {
    let Facts { agency, page, .. } = &facts;
    let columns = vec![
        Column::sorted("name", "Sub-account").lead(),
        Column::plain("State").mark(),
        Column::plain("City").wide_only(),
        Column::plain("Owner's email"),
        Column::plain("Invite owner"),
    ];
    let views = vec![
        SavedView { key: "", label: "Not imported", count: None },
        SavedView { key: "failed", label: "Couldn't import", count: None },
    ];
    let rows = page.rows.iter().map(|row| line(agency, row)).collect::<Vec<_>>();
    let hidden = agency.clone();
    let buttons = view! {
        <input type="hidden" name="agency" value=hidden/>
        <button type="submit" class=ButtonStyle::Primary.class()>"Import as clients"</button>
    };
    let bulk = Bulk { id: FORM, action: "/do/import_locations".to_owned(), buttons: buttons.into_any() };
    let (next, total) = (page.next.clone(), page.total);
    let empty = nothing();
    view! {
        <Table caption="Sub-accounts" noun=("sub-account", "sub-accounts") topics="locations.changed:* business.changed:*" at=at columns=columns rows=rows next=next total=total orders=store::imports::ORDERS views=views search="Search name, city, email" bulk=bulk empty=empty/>
    }
}
