//! The page of snapshots: the state of the list, its toolbar, and a card for each snapshot.

use std::collections::BTreeMap;

use domain::SnapshotId;
use domain::page::Page;
use domain::permission::Right;
use domain::snapshot::sync::{Link, SyncState};
use domain::snapshot::{Snapshot, SnapshotUse};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Address, Ago, ButtonStyle, EmptyFiltered, Menu, MenuLink, PageHeader, Pager, Region, SavedView, SavedViews,
    Toolbar, ViewsOfList,
};
use leptos::prelude::*;
use store::snapshots;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;
use web::saved_views::saved_views;

use super::card::SnapshotCard;
use super::states::{Able, NoList, Stale};

/// The topics that the page shows.
const TOPICS: &str = "snapshots.changed:* snapshots.synced:* integration.changed:*";

/// What the page shows.
struct Shown {
    able: Able,
    state: SyncState,
    page: Page<Snapshot>,
    used: BTreeMap<SnapshotId, SnapshotUse>,
    niches: Vec<String>,
    saved: ViewsOfList,
}

/// The list of snapshots.
#[component]
pub fn Snapshots() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let shown = gather(&context, &at).await?;
        let frame = frame(&context, vec![Crumb::current("Snapshots")]);
        let synced = match shown.state {
            SyncState::Synced(at) => Some(view! { "Synced " <Ago at=at/> }),
            _ => None,
        };
        let sync = match shown.state {
            SyncState::Synced(_) => shown.able.sync("Sync now", ButtonStyle::Secondary),
            _ => ().into_any(),
        };
        let create = shown.able.create();
        let nothing = shown.page.rows.is_empty() && !at.is_filtered() && at.at() == 0;
        let (state, able) = (shown.state.clone(), shown.able.clone());
        let top = match nothing {
            true => view! { <NoList state able/> }.into_any(),
            false => view! { <Stale state able/> }.into_any(),
        };
        let tools = (!nothing).then(|| tools(&shown, &at));
        Ok(view! {
            <PageTitle text="Snapshots"/>
            <Shell frame=frame>
                <PageHeader title="Snapshots" meta=view! { <Region key="synced" topics=TOPICS>{synced}</Region> }.into_any()>
                    <Region key="sync" topics=TOPICS class="contents">{sync}</Region>
                    {create}
                </PageHeader>
                <Region key="state" topics=TOPICS class="pb-4 empty:hidden">{top}</Region>
                <Region key="tools" topics="snapshots.synced:*">{tools}</Region>
                <Region key="cards" topics=format!("{TOPICS} provisioning.job:*")>{(!nothing).then(|| cards(shown, at))}</Region>
            </Shell>
        })
    })
}

async fn gather(context: &ServerContext, at: &Address) -> Result<Shown> {
    let mut tenant = context.page().await?;
    let page = snapshots::list(&mut tenant.tx, &at.query()).await?;
    let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
    let link = match store::integrations::company(&mut tenant.tx).await?.filter(|own| own.is_active) {
        None => Link::None,
        Some(own) if own.needs_reauth_at.is_some() => Link::Ended,
        Some(_) => Link::Connected,
    };
    let shown = Shown {
        able: Able {
            agency: tenant.access.slug.clone(),
            may_sync: tenant.access.allows(Right::SnapshotsManage),
            may_connect: tenant.access.allows(Right::ConnectionsManage),
            may_create: tenant.access.allows(Right::Provision),
        },
        state: snapshots::syncs::facts(&mut tenant.tx).await?.state(link),
        used: snapshots::usage(&mut tenant.tx, &ids).await?,
        niches: snapshots::niches(&mut tenant.tx).await?,
        saved: saved_views(&mut tenant, &snapshots::LIST).await?,
        page,
    };
    tenant.commit().await?;
    Ok(shown)
}

/// Views, search, industries, order and saved views.
fn tools(shown: &Shown, at: &Address) -> AnyView {
    let views = ["", "active", "inactive"].into_iter().zip(["All", "Available", "Hidden"]);
    let views: Vec<SavedView> = views.map(|(key, label)| SavedView { key, label, count: None }).collect();
    let industries = shown.niches.iter().map(|niche| {
        let (href, niche) = (at.with("view", &format!("niche:{niche}")).href(), niche.clone());
        view! { <MenuLink href=href>{niche}</MenuLink> }
    });
    let industries = industries.collect::<Vec<_>>();
    let industries = (!industries.is_empty()).then(|| view! { <Menu label="Industry">{industries}</Menu> });
    let (by_name, newest) = (at.with("sort", "").href(), at.with("sort", "-created").href());
    let (own, saved) = (at.clone(), shown.saved.clone());
    let tools = view! {
        {industries}
        <Menu label="Sort">
            <MenuLink href=by_name>"By name"</MenuLink>
            <MenuLink href=newest>"Newest first"</MenuLink>
        </Menu>
        <SavedViews at=own saved/>
    };
    view! { <Toolbar at=at.clone() views=views search=Some("Search snapshots") tools=Some(tools.into_any())/> }
        .into_any()
}

/// A card for each snapshot of this page of the list.
fn cards(shown: Shown, at: Address) -> AnyView {
    if shown.page.rows.is_empty() {
        return view! { <EmptyFiltered at=at what="Snapshots"/> }.into_any();
    }
    let Shown { able, page, used, .. } = shown;
    let count = page.rows.len();
    let cards = page.rows.into_iter().map(|row| {
        let used = used.get(&row.id).copied().unwrap_or_default();
        view! {
            <SnapshotCard agency=able.agency.clone() snapshot=row used=used may_change=able.may_sync may_create=able.may_create/>
        }
    });
    view! {
        <ul class="grid grid-cols-1 gap-4 sm:grid-cols-2 xl:grid-cols-3" aria-label="Snapshots">{cards.collect_view()}</ul>
        <Pager at=at shown=count next=page.next total=page.total noun=("snapshot", "snapshots")/>
    }
    .into_any()
}
