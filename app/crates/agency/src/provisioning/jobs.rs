//! The list of jobs: which run, which failed and which need a person, each with its steps, its time compared with
//! the usual, and its next button. Failures with the same cause are shown once at the top, so that ten failed jobs
//! are one thing to fix.

use std::collections::BTreeMap;

use domain::page::{Condition, Operator, Page};
use domain::permission::Right;
use domain::provisioning::{JobCounts, JobRow, JobStatus, Operation, Typical};
use kit::frame::{Crumb, Shell};
use kit::labels::provisioning as labels;
use kit::time::now;
use kit::title::PageTitle;
use kit::{
    Address, Ago, Banner, Bulk, ButtonLink, ButtonStyle, Column, Confirm, Elapsed, Empty, Glyph, PageHeader,
    PostButton, Region, Row, SavedView, SavedViews, StatusPill, StepDots, Table, Tone, ViewToggle, ViewsOfList,
};
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;
use web::saved_views::saved_views;

use super::job::head::millis;

/// What the list needs.
struct List {
    page: Page<JobRow>,
    counts: JobCounts,
    /// The usual durations: with and without a snapshot.
    typical: (Typical, Typical),
    agency: String,
    may: bool,
    saved: ViewsOfList,
}

/// The switch that leaves only the jobs that the person who looks started.
const MINE: ViewToggle = ViewToggle { key: "mine", label: "Mine", count: None };

/// The jobs of an agency.
#[component]
pub fn JobsPage() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let list = read(&context, &at).await?;
        let root = format!("/a/{}/provisioning", list.agency);
        let frame = frame(&context, vec![Crumb::current("Jobs")]);
        let new = list.may.then(|| view! { <a class=ButtonStyle::Primary.class() href=format!("{root}/new") data-key="c"><kit::Icon of=Glyph::Plus/>"New client"</a> });
        let causes = causes(&list);
        let aloud = format!(
            "{} running, {} failed, {} need input.",
            list.counts.running, list.counts.failed, list.counts.needs_input
        );
        Ok(view! {
            <PageTitle text="Jobs"/>
            <Shell frame=frame>
                <PageHeader title="Jobs">{new}</PageHeader>
                <Region key="aloud" topics="provisioning.job:*"><span class="sr-only" data-announce>{aloud}</span></Region>
                <Region key="causes" topics="provisioning.job:* integration.changed:*" class="flex flex-col gap-2 pb-4 empty:hidden">{causes}</Region>
                {table(list, at, &root)}
            </Shell>
        })
    })
}

async fn read(context: &ServerContext, at: &Address) -> Result<List> {
    let mut tenant = context.page().await?;
    let (mut query, only_mine) = (at.query(), MINE.is_on(at));
    if only_mine {
        let value = tenant.caller.user.to_string();
        query.filters.push(Condition { field: "by".to_owned(), operator: Operator::Is, value });
    }
    let list = List {
        page: store::provisioning::list(&mut tenant.tx, &query).await?,
        counts: store::provisioning::counts_of(&mut tenant.tx, only_mine).await?,
        typical: store::provisioning::typicals(&mut tenant.tx).await?,
        agency: tenant.access.slug.clone(),
        may: tenant.access.allows(Right::Provision),
        saved: saved_views(&mut tenant, &store::provisioning::LIST).await?,
    };
    tenant.commit().await?;
    Ok(list)
}

fn table(list: List, at: Address, root: &str) -> impl IntoView + use<> {
    let count = |key, label, count| SavedView { key, label, count: Some(count) };
    let counts = list.counts;
    let views = vec![
        count("", "All", counts.all),
        count("needs_input", "Needs input", counts.needs_input),
        count("failed", "Failed", counts.failed),
        count("running", "Running", counts.running),
        count("done", "Done", counts.done),
        count("todos", "Left to do", counts.with_todos),
        count("cancelled", "Canceled", counts.cancelled),
    ];
    let toggle = ViewToggle { count: Some(counts.mine), ..MINE };
    let tools = view! { <SavedViews at=at.clone() saved=list.saved.clone()/> }.into_any();
    let shows = Shows::of(&list.page.rows);
    let columns = columns(shows);
    let bulk =
        list.may.then(|| Bulk { id: "bulk", action: "/do/retry_job".to_owned(), buttons: bulk_buttons(&list.agency) });
    let rows = list.page.rows.iter().map(|row| line(&list, row, root, shows)).collect();
    let notes: Vec<_> = list.page.rows.iter().filter_map(|row| Some((row.id.to_string(), problem(row)?))).collect();
    let empty = empty(root, list.may);
    let next = list.page.next.clone();
    // Bulk actions are passed to the table only for callers who may use them.
    match bulk {
        Some(bulk) => view! { <Table caption="Jobs" noun=("job", "jobs") at=at columns=columns rows=rows notes=notes next=next orders=store::provisioning::ORDERS views=views toggle=toggle tools=tools search="Search clients, #numbers" bulk=bulk empty=empty/> }.into_any(),
        None => view! { <Table caption="Jobs" noun=("job", "jobs") at=at columns=columns rows=rows notes=notes next=next orders=store::provisioning::ORDERS views=views toggle=toggle tools=tools search="Search clients, #numbers" empty=empty/> }.into_any(),
    }
}

/// Which columns tell rows of this page apart. A column in which every row says the same is left out.
#[derive(Clone, Copy)]
struct Shows {
    snapshot: bool,
    by: bool,
}

impl Shows {
    fn of(rows: &[JobRow]) -> Self {
        let differs = |same: &dyn Fn(&JobRow, &JobRow) -> bool| rows.windows(2).any(|two| !same(&two[0], &two[1]));
        Self {
            snapshot: rows.len() == 1 || differs(&|one, other| snapshot_name(one) == snapshot_name(other)),
            by: rows.len() == 1 || differs(&|one, other| one.requested_by == other.requested_by),
        }
    }
}

fn columns(shows: Shows) -> Vec<Column> {
    let mut columns =
        vec![Column::sorted("client", "Client"), Column::sorted("status", "Status"), Column::plain("Steps")];
    columns.extend(shows.snapshot.then(|| Column::plain("Snapshot").wide_only()));
    columns.extend(shows.by.then(|| Column::plain("Started by").wide_only()));
    columns.push(Column::sorted("created", "Started"));
    columns.push(Column::plain("Duration").wide_only());
    columns.push(Column::plain(""));
    columns
}

fn snapshot_name(row: &JobRow) -> Option<&str> {
    row.snapshot.as_ref().map(|snapshot| snapshot.name.as_str())
}

fn empty(root: &str, may: bool) -> AnyView {
    let new = may.then(|| view! { <ButtonLink href=format!("{root}/new") look=ButtonStyle::Primary icon=Glyph::Plus>"Create a client"</ButtonLink> });
    let demo = may
        .then(|| view! { <ButtonLink href=format!("{root}/new?demo=1")>"Fill the form with an example"</ButtonLink> });
    view! { <Empty title="No jobs yet" text="Create a client, and Slipway creates its HighLevel sub-account, loads a snapshot, fills it in and invites the owner. You can watch every step.">{new}{demo}</Empty> }.into_any()
}

fn bulk_buttons(agency: &str) -> AnyView {
    view! {
        <input type="hidden" name="agency" value=agency.to_owned()/>
        <button type="submit" class=ButtonStyle::Secondary.class()>"Retry jobs"</button>
        <details class="pop" data-pop>
            <summary class=ButtonStyle::Secondary.class()>"Cancel jobs"</summary>
            <div class="pop-panel pop-end pop-up flex w-80 flex-col gap-3 p-4 text-sm text-fg-2">
                <p>"Each selected job stops after its current step. What it created is rolled back, and its sub-account is renamed \u{201c}[parked] \u{2026}\u{201d}. Failed jobs are rolled back too; done and canceled jobs are left alone."</p>
                <button type="submit" class=format!("{} self-start", ButtonStyle::Danger.class()) formaction="/do/cancel_job">"Cancel jobs"</button>
            </div>
        </details>
    }
    .into_any()
}

/// What is wrong with a job and how often it was tried, if anything is.
fn problem(row: &JobRow) -> Option<String> {
    let error = row.error.clone().filter(|_| !row.status.is_finished() || row.status == JobStatus::Failed);
    let tries = (row.retry_count > 0).then(|| format!("{} of {} retries", row.retry_count, row.max_retries));
    let parts: Vec<String> = error.into_iter().chain(tries).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" \u{b7} "))
}

fn line(list: &List, row: &JobRow, root: &str, shows: Shows) -> Row {
    let (tone, word) = labels::job(row);
    let (dots, steps) = labels::dots(row);
    let typical = if row.snapshot.is_some() { list.typical.0 } else { list.typical.1 };
    let snapshot = snapshot_name(row).unwrap_or("\u{2013}").to_owned();
    let by = row.requested_by_name.clone().unwrap_or_else(|| "API".to_owned());
    // A row shows only the first name; the title holds the whole one.
    let first = by.split_whitespace().next().unwrap_or_default().to_owned();
    let (name, number) = (row.client_name.clone(), format!("#{}", row.number));
    let mut cells = vec![
        view! {
            <span class="flex min-w-0 items-baseline gap-1.5 whitespace-nowrap">
                <span class="truncate font-medium" title=name.clone()>{name.clone()}</span>
                " "
                <span class="text-xs font-normal text-fg-3 tabular-nums">{number}</span>
            </span>
        }
        .into_any(),
        view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
        view! { <StepDots steps=dots label=steps/> }.into_any(),
    ];
    cells.extend(shows.snapshot.then(|| {
        view! { <span class="block max-w-48 truncate" title=snapshot.clone()>{snapshot.clone()}</span> }.into_any()
    }));
    cells.extend(shows.by.then(|| view! { <span class="whitespace-nowrap" title=by>{first}</span> }.into_any()));
    cells.push(view! { <Ago at=row.created_at/> }.into_any());
    cells.push(view! { <Took row=row.clone() typical=typical/> }.into_any());
    cells.push(next_button(list, row, root));
    Row { key: row.id.to_string(), href: Some(format!("{root}/{}", row.id)), cells }
}

/// The one button that a job needs next.
fn next_button(list: &List, row: &JobRow, root: &str) -> AnyView {
    if !list.may || row.cancelling {
        return ().into_any();
    }
    match row.status {
        JobStatus::AwaitingInput => {
            view! { <ButtonLink href=format!("{root}/{}", row.id)>"Answer"</ButtonLink> }.into_any()
        }
        status
            if status.allows(Operation::Retry) && (status == JobStatus::Failed || labels::waits_after_failure(row)) =>
        {
            let hidden = vec![("agency", list.agency.clone()), ("id[]", row.id.to_string())];
            view! { <PostButton action="/do/retry_job" hidden=hidden>"Retry"</PostButton> }.into_any()
        }
        _ => ().into_any(),
    }
}

/// How long the job has taken so far. Its title says how long such jobs usually take, and its colour whether one that runs
/// takes much longer: what waited for a person says nothing about the work.
#[component]
fn Took(row: JobRow, typical: Typical) -> impl IntoView {
    let ms = (row.finished_at.unwrap_or_else(now) - row.created_at).num_milliseconds();
    let usual = typical.p50.filter(|p50| *p50 > 0.0).map(|p50| millis(p50).max(1));
    let runs = matches!(row.status, JobStatus::Pending | JobStatus::InProgress | JobStatus::Retrying);
    let slow = runs && usual.is_some_and(|usual| ms > millis(typical.p90.unwrap_or_default()).max(usual));
    let title = typical.p50.map(|half| kit::time::usually(half, typical.p90));
    let class = if slow { Tone::Warn.text() } else { "" };
    view! { <span class=class title=title><Elapsed since=row.created_at until=row.finished_at/></span> }
}

/// The banners for failures on this page with the same cause. Each cause is shown once, with one button for all
/// its jobs.
fn causes(list: &List) -> Vec<AnyView> {
    let mut causes: BTreeMap<(Option<domain::provisioning::Step>, String), Vec<&JobRow>> = BTreeMap::new();
    for row in list.page.rows.iter().filter(|row| row.status == JobStatus::Failed) {
        causes.entry((row.current_step, row.error.clone().unwrap_or_default())).or_default().push(row);
    }
    causes
        .into_iter()
        .filter(|(_, jobs)| jobs.len() > 1)
        .map(|((step, said), jobs)| {
            let place = step.map(|step| format!(" at {}", step.label())).unwrap_or_default();
            let text = format!("{} jobs failed{place} for the same reason: {said}", jobs.len());
            let mut hidden = vec![("agency", list.agency.clone())];
            hidden.extend(jobs.iter().map(|row| ("id[]", row.id.to_string())));
            let all = jobs.len();
            let operations = list.may.then(|| {
                view! {
                    <PostButton action="/do/retry_job" hidden=hidden.clone()>{format!("Retry all {all}")}</PostButton>
                    <Confirm action="/do/cancel_job" label=format!("Cancel all {all}") verb=format!("Undo and cancel all {all}") hidden=hidden look=ButtonStyle::Quiet>
                        <p>"What these jobs created is undone, and their sub-accounts are renamed \u{201c}[parked] \u{2026}\u{201d}. Open a job to see what it created."</p>
                    </Confirm>
                }
            });
            view! { <Banner tone=Tone::Warn text=text>{operations}</Banner> }.into_any()
        })
        .collect()
}
