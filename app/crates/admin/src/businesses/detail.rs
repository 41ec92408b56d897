//! The page of one business: its agency, its state, its connections, its last jobs and its people. It shows metadata only,
//! never a business's own content.

use domain::BusinessId;
use domain::audit::Repeated;
use domain::identity::Role;
use domain::provisioning::{JobStatus, zone_label};
use kit::activity::Activity;
use kit::frame::{Crumb, Shell};
use kit::labels::integration::tone;
use kit::title::PageTitle;
use kit::{
    Ago, ButtonLink, ButtonStyle, Card, CopyId, Exact, KeyValue, KeyValues, PageHeader, StatusPill, Tone, counted,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use store::platform::{self, BusinessFacts, BusinessPerson, Connection, LastJob};
use web::error::Error;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;
use web::platform_activity;

use super::page::{operation, state};

/// One business.
#[component]
pub fn BusinessPage() -> impl IntoView {
    let context = server_context();
    let named = use_params_map().with_untracked(|map| map.get("business").unwrap_or_default());
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let id: BusinessId = named.parse().map_err(|_| Error::NotFound)?;
        let facts = platform::business(&mut tx, id).await?;
        let which = Some(("client.is", id.to_string()));
        let happened = platform_activity::load(&mut tx, Some(facts.row.agency), which).await?;
        tx.commit().await?;
        let may = context.caller()?.platform == Some(Role::SuperAdmin);
        let crumbs = vec![Crumb::link("Businesses", "/admin/businesses"), Crumb::current(facts.row.name.clone())];
        let frame = frame(&context, crumbs);
        Ok(view! {
            <PageTitle text=facts.row.name.clone()/>
            <Shell frame=frame><Page facts happened may/></Shell>
        })
    })
}

#[component]
fn Page(facts: BusinessFacts, happened: Vec<Repeated>, may: bool) -> impl IntoView {
    let (look, word) = state(&facts.row);
    let mark = view! { <StatusPill tone=look>{word}</StatusPill> }.into_any();
    let client = format!("/a/{}/clients/{}", facts.agency_slug, facts.row.id);
    let acts = operation(&facts.row, may, ButtonStyle::Secondary);
    let (connections, people) = (facts.connections.clone(), facts.people.clone());
    let (jobs, slug) = (facts.jobs.clone(), facts.agency_slug.clone());
    view! {
        <PageHeader title=facts.row.name.clone() mark=mark>
            <ButtonLink href=client>"Open client"</ButtonLink>
            {acts}
        </PageHeader>
        <div class="grid items-start gap-4 lg:grid-cols-2">
            <div class="flex min-w-0 flex-col gap-4"><Details facts/><Connections connections/></div>
            <div class="flex min-w-0 flex-col gap-4"><Jobs jobs slug/><People people/><Activity entries=happened/></div>
        </div>
    }
}

#[component]
fn Details(facts: BusinessFacts) -> impl IntoView {
    let row = facts.row;
    let agency = format!("/admin/agencies/{}", row.agency);
    let limits = agency.clone();
    let zone = zone_label(&facts.timezone);
    let left = if facts.open_todos == 0 { "None".to_owned() } else { counted(facts.open_todos, "to-do", "to-dos") };
    view! {
        <Card title="Details">
            <KeyValues>
                <KeyValue name="Agency"><a class="underline underline-offset-2" href=agency>{row.agency_name.unwrap_or_default()}</a></KeyValue>
                <KeyValue name="Limits"><a class="underline underline-offset-2" href=limits>"Same as its agency"</a></KeyValue>
                <KeyValue name="URL name">{row.slug}</KeyValue>
                <KeyValue name="ID"><CopyId id=row.id.to_string()/></KeyValue>
                {row.ghl_location_id.map(|id| view! { <KeyValue name="Sub-account"><CopyId id=id/></KeyValue> })}
                <KeyValue name="Added"><Exact at=row.created_at/></KeyValue>
                <KeyValue name="Time zone">{zone}</KeyValue>
                <KeyValue name="Snapshot">{row.snapshot.unwrap_or_else(|| "None".to_owned())}</KeyValue>
                <KeyValue name="Left to do">{left}</KeyValue>
                {facts.archived_at.map(|at| view! { <KeyValue name="Archived"><Exact at/></KeyValue> })}
                {row.deleted_at.map(|at| view! { <KeyValue name="Deleted"><Exact at/></KeyValue> })}
            </KeyValues>
        </Card>
    }
}

#[component]
fn Connections(connections: Vec<Connection>) -> impl IntoView {
    if connections.is_empty() {
        return view! { <Card title="Connections"><p class="text-fg-2">"None. Its sub-account isn't connected."</p></Card> }.into_any();
    }
    let lines = connections.into_iter().map(|one| {
        let worked = one.last_ok_at.map(|at| view! { "Last used "<Ago at/> });
        let error = one.last_error.map(|code| format!("Last error: {code}"));
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <span class="min-w-0 grow font-medium">{one.name}</span>
                <StatusPill tone=tone(one.state) plain=true>{one.state.label()}</StatusPill>
                <span class="w-full text-sm text-fg-2">{worked}</span>
                {error.map(|error| view! { <span class="w-full text-sm break-words text-fg-2">{error}</span> })}
            </li>
        }
    });
    view! { <Card title="Connections"><ul class="flex flex-col gap-3">{lines.collect_view()}</ul></Card> }.into_any()
}

#[component]
fn Jobs(jobs: Vec<LastJob>, slug: String) -> impl IntoView {
    if jobs.is_empty() {
        return view! { <Card title="Last jobs"><p class="text-fg-2">"None. No job created or changed it."</p></Card> }
            .into_any();
    }
    let lines = jobs.into_iter().map(move |job| {
        let (look, word) = job_state(job.status);
        let failed = job.error.filter(|_| job.status == JobStatus::Failed);
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <a class="min-w-0 grow underline underline-offset-2" href=format!("/a/{slug}/provisioning/{}", job.id)>{format!("Job #{}", job.number)}</a>
                <StatusPill tone=look plain=true>{word}</StatusPill>
                <span class="text-sm text-fg-3"><Ago at=job.finished_at.unwrap_or(job.created_at)/></span>
                {failed.map(|why| view! { <span class="w-full text-sm break-words text-fg-2">{why}</span> })}
            </li>
        }
    });
    view! { <Card title="Last jobs"><ul class="flex flex-col gap-3">{lines.collect_view()}</ul></Card> }.into_any()
}

/// Tone and word of a job's state.
const fn job_state(status: JobStatus) -> (Tone, &'static str) {
    match status {
        JobStatus::Pending => (Tone::Waiting, "Queued"),
        JobStatus::InProgress => (Tone::Running, "Running"),
        JobStatus::Retrying => (Tone::Retrying, "Retrying"),
        JobStatus::AwaitingInput => (Tone::Asks, "Needs input"),
        JobStatus::Failed => (Tone::Failed, "Failed"),
        JobStatus::Cancelled => (Tone::Cancelled, "Canceled"),
        JobStatus::Completed => (Tone::Ok, "Done"),
    }
}

#[component]
fn People(people: Vec<BusinessPerson>) -> impl IntoView {
    if people.is_empty() {
        return view! { <Card title="People"><p class="text-fg-2">"No one yet. Its owner hasn't accepted an invitation, and no teammate is assigned."</p></Card> }.into_any();
    }
    let lines = people.into_iter().map(|one| {
        let seen = one.last_seen_at.map_or_else(|| "Never seen".into_any(), |at| view! { <Ago at/> }.into_any());
        view! {
            <li class="flex flex-wrap items-baseline gap-x-3 gap-y-1">
                <a class="min-w-0 grow underline underline-offset-2" href=format!("/admin/people/{}", one.user)>{one.name}</a>
                <span class="text-sm text-fg-2">{one.role}</span>
                <span class="text-sm text-fg-3">{seen}</span>
            </li>
        }
    });
    view! { <Card title="People"><ul class="flex flex-col gap-2">{lines.collect_view()}</ul></Card> }.into_any()
}
