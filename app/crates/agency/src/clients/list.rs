//! The agency's list of clients: what each is in its way, what is left to do, its snapshot, whether its owner joined, and
//! when something last happened.

use std::collections::HashMap;

use domain::business::{BusinessCounts, BusinessRow};
use domain::clients::OwnerState;
use domain::identity::Reach;
use domain::integration::State;
use domain::permission::Right;
use kit::frame::{Crumb, Shell};
use kit::labels::business::status;
use kit::labels::integration::tone;
use kit::title::PageTitle;
use kit::{
    Address, Ago, ButtonLink, ButtonStyle, Column, Empty, Glyph, PageHeader, PostButton, Row, SavedView, SavedViews,
    StatusPill, Table, Tone, TrashNote, counted,
};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;
use web::saved_views::saved_views;

/// The list of clients.
#[component]
pub fn Clients() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let page = store::businesses::list(&mut tenant.tx, &at.query()).await?;
        let counts = store::businesses::counts(&mut tenant.tx).await?;
        let todos = match tenant.access.allows(Right::TodosRead) {
            true => {
                let shown: Vec<_> = page.rows.iter().map(|row| row.id).collect();
                store::todos::open_of(&mut tenant.tx, &shown).await?
            }
            false => HashMap::new(),
        };
        let agency = tenant.access.slug.clone();
        let may = tenant.access.allows(Right::Provision);
        let (restores, reach) = (tenant.access.allows(Right::ClientsManage), tenant.access.reach);
        let import = tenant.access.allows(Right::ClientsImport).then(|| format!("/a/{agency}/clients/import"));
        let saved = saved_views(&mut tenant, &store::businesses::LIST).await?;
        tenant.commit().await?;
        let tools = view! { <SavedViews at=at.clone() saved/> };
        let new = format!("/a/{agency}/provisioning/new");
        let trash = at.get("view") == "trash";
        let empty = view! { <NoClients new=new.clone() import=import.clone() may=may reach=reach/> };
        let todos = |row: &BusinessRow| todos.get(&row.id).copied().unwrap_or_default();
        let rows = page.rows.into_iter().map(|row| line(&agency, todos(&row), row, restores)).collect::<Vec<_>>();
        let frame = frame(&context, vec![Crumb::current("Clients")]);
        Ok(view! {
            <PageTitle text="Clients"/>
            <Shell frame=frame>
                <PageHeader title="Clients">
                    {may.then(|| view! { <ButtonLink href=new look=ButtonStyle::Primary icon=Glyph::Plus key="c">"New client"</ButtonLink> })}
                    {import.map(|href| view! { <ButtonLink href=href>"Import"</ButtonLink> })}
                </PageHeader>
                {trash.then(|| view! { <TrashNote days=i64::from(store::trash::DAYS)/> })}
                <Table
                    caption="Clients" noun=("client", "clients")
                    topics="business.changed:* integration.changed:* provisioning.job:* invite.changed:* todos.changed:*"
                    at=at
                    columns=columns(trash)
                    rows=rows
                    next=page.next
                    total=page.total
                    orders=store::businesses::ORDERS
                    views=views(counts)
                    search="Search clients"
                    tools=tools.into_any()
                    empty=empty.into_any()
                />
            </Shell>
        })
    })
}

fn views(counts: BusinessCounts) -> Vec<SavedView> {
    vec![
        SavedView { key: "", label: "All", count: Some(counts.all) },
        SavedView { key: "active", label: "Active", count: Some(counts.active) },
        SavedView { key: "paused", label: "Paused", count: Some(counts.paused) },
        SavedView { key: "archived", label: "Archived", count: Some(counts.archived) },
        SavedView { key: "trash", label: "Trash", count: Some(counts.deleted) },
    ]
}

fn columns(trash: bool) -> Vec<Column> {
    vec![
        Column::sorted("name", "Client").lead(),
        Column::plain("Needs a look").mark(),
        Column::plain("Snapshot").wide_only(),
        Column::plain("Owner"),
        Column::plain("City").wide_only(),
        if trash { Column::plain("Removed") } else { Column::plain("Last activity").named() },
        Column::sorted("created", "Since").wide_only(),
        Column::plain(""),
    ]
}

/// Shown while there is no client. A member who reaches only assigned clients must not read that the agency has none.
#[component]
fn NoClients(new: String, import: Option<String>, may: bool, reach: Reach) -> impl IntoView {
    let none = match reach {
        Reach::All => "Create your first one from a snapshot and watch every step.",
        Reach::Listed => {
            "No clients are assigned to you yet. An agency admin assigns them on each client's page, and clients you create are yours right away."
        }
    };
    view! {
        <Empty title="No clients yet" text=none>
            {may.then(|| view! { <ButtonLink href=new look=ButtonStyle::Primary>"Create a client"</ButtonLink> })}
            {import.map(|href| view! { <ButtonLink href=href>"Import from HighLevel"</ButtonLink> })}
        </Empty>
    }
}

fn line(agency: &str, todos: i64, row: BusinessRow, restores: bool) -> Row {
    let hidden = vec![("agency", agency.to_owned()), ("business", row.id.to_string())];
    let restore = (restores && row.deleted_at.is_some()).then(|| {
        view! { <PostButton action="/do/restore_client" look=ButtonStyle::Quiet hidden=hidden>"Restore"</PostButton> }
    });
    let look = look(&row, todos);
    let owner = owner(&row);
    let dash = |text: Option<String>| text.unwrap_or_else(|| "\u{2014}".to_owned());
    let name = row.name.clone();
    Row {
        key: row.id.to_string(),
        href: Some(format!("/a/{agency}/clients/{}", row.id)),
        cells: vec![
            view! { <span class="block max-w-72 truncate font-medium" title=name>{row.name}</span> }.into_any(),
            look,
            view! { <span class="block max-w-48 truncate text-fg-2">{dash(row.snapshot)}</span> }.into_any(),
            owner,
            view! { <span class="text-fg-2">{dash(row.city)}</span> }.into_any(),
            view! { <Ago at=row.deleted_at.unwrap_or(row.last_activity_at)/> }.into_any(),
            view! { <Ago at=row.created_at/> }.into_any(),
            restore.into_any(),
        ],
    }
}

/// The one thing about a client that is not as it should be: its own status, else its connection, else what is left to do.
/// Nothing if all is well.
fn look(row: &BusinessRow, todos: i64) -> AnyView {
    let own = if row.deleted_at.is_some() { "deleted" } else { &row.status };
    if !matches!(own, "active") {
        let (tone, word) = status(own);
        return view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any();
    }
    match row.highlevel {
        State::Working | State::Quiet | State::Connecting => {
            let left = (todos > 0).then(|| counted(todos, "to-do", "to-dos"));
            left.map(|left| view! { <StatusPill tone=Tone::Asks plain=true>{left}</StatusPill> }).into_any()
        }
        trouble => view! { <StatusPill tone=tone(trouble) plain=true>{trouble.label()}</StatusPill> }.into_any(),
    }
}

/// Whether the owner uses the product.
fn owner(row: &BusinessRow) -> AnyView {
    match (row.owner, row.owner_invited_at) {
        (OwnerState::Joined, _) => view! { <span>"Joined"</span> }.into_any(),
        (OwnerState::Invited, Some(at)) => view! { <span class="text-fg-2">"Invited "<Ago at/></span> }.into_any(),
        _ => view! { <span class="text-fg-3">"Not invited"</span> }.into_any(),
    }
}
