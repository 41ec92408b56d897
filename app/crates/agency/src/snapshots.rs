//! The snapshots that clients can be provisioned from: HighLevel's list as we read it. It is searchable, and each
//! snapshot can be switched off.

use domain::SnapshotId;
use domain::permission::Right;
use domain::snapshot::Snapshot;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Address, Ago, ButtonLink, ButtonStyle, Column, Confirm, Empty, Glyph, Menu, MenuLink, PageHeader, PostButton, Row,
    SavedView, StatusPill, Table, Tone,
};
use leptos::prelude::*;
use operations::snapshots;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

/// Queues a background job that reads the list from HighLevel again.
#[server(prefix = "/do", endpoint = "sync_snapshots")]
pub async fn sync_snapshots() -> Result<()> {
    let context = server_context()?;
    snapshots::sync(&context.actor()?).await?;
    flash_notice(&context, "sync_snapshots", "Reading the list from HighLevel. It appears here in a moment.").await
}

/// Offers a snapshot for new clients, or stops offering it.
#[server(prefix = "/do", endpoint = "set_snapshot_active")]
pub async fn set_snapshot_active(snapshot: SnapshotId, active: bool) -> Result<()> {
    let context = server_context()?;
    Ok(snapshots::set_active(&context.actor()?, snapshot, active).await?)
}

/// Sets what HighLevel has no field for: a niche to find the snapshot by, and our own description of it.
#[server(prefix = "/do", endpoint = "describe_snapshot")]
pub async fn describe_snapshot(snapshot: SnapshotId, niche: String, description: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let (Ok(niche), Ok(description)) = (domain::text::optional(&niche, 60), domain::text::optional(&description, 500))
    else {
        let words = "A niche has at most 60 characters and a description 500. Nothing was changed.";
        return Err(web::Error::Conflict(words.to_owned()));
    };
    snapshots::describe(&actor, snapshot, &niche, &description).await?;
    flash_notice(&context, "describe_snapshot", "Saved.").await
}

/// The list of snapshots.
#[component]
pub fn Snapshots() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let page = store::snapshots::list(&mut tenant.tx, &at.query()).await?;
        let niches = store::snapshots::niches(&mut tenant.tx).await?;
        let agency = tenant.access.slug.clone();
        let may = tenant.access.allows(Right::SnapshotsManage);
        tenant.commit().await?;
        let frame = frame(&context, vec![Crumb::current("Snapshots")]);
        let hidden = vec![("agency", agency.clone())];
        let connections = format!("/a/{agency}/connections");
        let empty = view! {
            <Empty title="No snapshots yet" text="Connect HighLevel and we list your snapshots. We never change them.">
                <ButtonLink href=connections look=ButtonStyle::Primary>"Go to connections"</ButtonLink>
            </Empty>
        };
        let views = ["", "active", "inactive"].into_iter().zip(["All", "Offered", "Switched off"]);
        let views = views.map(|(key, label)| SavedView { key, label, count: None }).collect();
        let tools = (!niches.is_empty()).then(|| view! { <Niches at=at.clone() niches/> }.into_any());
        let rows = page.rows.into_iter().map(|row| line(&agency, may, row)).collect::<Vec<_>>();
        let columns = vec![
            Column::sorted("name", "Snapshot"),
            Column::plain("State"),
            Column::plain("Niche").wide_only(),
            Column::plain("Last seen").wide_only(),
            Column::plain(""),
        ];
        Ok(view! {
            <PageTitle text="Snapshots"/>
            <Shell frame=frame>
                <PageHeader title="Snapshots">
                    {may.then(|| view! { <PostButton action="/do/sync_snapshots" hidden=hidden icon=Glyph::Refresh>"Sync now"</PostButton> })}
                </PageHeader>
                <Table caption="Snapshots" topics="snapshots.changed:* snapshots.synced:*" at=at columns=columns rows=rows next=page.next total=page.total orders=store::snapshots::ORDERS views=views tools=tools.unwrap_or_else(|| ().into_any()) search="Search snapshots" empty=empty.into_any()/>
            </Shell>
        })
    })
}

fn line(agency: &str, may: bool, row: Snapshot) -> Row {
    let (tone, word) = if row.is_active { (Tone::Ok, "Offered") } else { (Tone::Cancelled, "Switched off") };
    let niche = row.niche.unwrap_or_default();
    let change = if row.is_active { "Switch off" } else { "Offer again" };
    let hidden =
        vec![("agency", agency.to_owned()), ("snapshot", row.id.to_string()), ("active", (!row.is_active).to_string())];
    Row {
        key: row.id.to_string(),
        href: None,
        cells: vec![
            view! { <span class="font-medium">{row.name}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            view! { <span class="text-fg-2" title=row.description.clone()>{if niche.is_empty() { "—".to_owned() } else { niche.clone() }}</span> }.into_any(),
            row.last_seen_at.map(|at| view! { <Ago at=at/> }).into_any(),
            may.then(|| {
                view! {
                    <span class="inline-flex items-center gap-1">
                        <Describe hidden=hidden[..2].to_vec() niche=niche description=row.description.unwrap_or_default()/>
                        <PostButton action="/do/set_snapshot_active" look=ButtonStyle::Quiet hidden=hidden>{change}</PostButton>
                    </span>
                }
            })
            .into_any(),
        ],
    }
}

/// A form for what we know about a snapshot and HighLevel does not.
#[component]
fn Describe(hidden: Vec<(&'static str, String)>, niche: String, description: String) -> impl IntoView {
    view! {
        <Confirm action="/do/describe_snapshot" label="Describe" verb="Save" look=ButtonStyle::Quiet operation=ButtonStyle::Primary hidden=hidden>
            <label class="flex flex-col gap-1">"Niche"<input class="control" name="niche" value=niche maxlength="60" placeholder="Dental"/></label>
            <label class="flex flex-col gap-1">"Description"<input class="control" name="description" value=description maxlength="500"/></label>
        </Confirm>
    }
}

/// The niches in use; choosing one shows its snapshots.
#[component]
fn Niches(at: Address, niches: Vec<String>) -> impl IntoView {
    let links = niches.into_iter().map(
        move |niche| view! { <MenuLink href=at.with("view", &format!("niche:{niche}")).href()>{niche}</MenuLink> },
    );
    view! { <Menu label="Niche">{links.collect_view()}</Menu> }
}
