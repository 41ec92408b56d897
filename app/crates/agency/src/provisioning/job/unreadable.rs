//! The page of a job whose stored order cannot be read: what is known of it without the order, and the button that ends
//! it.

use domain::JobId;
use domain::permission::Right;
use domain::provisioning::{JobRow, JobStatus, LogLine as Line, Operation, Step};
use islands::job::{LINES, log_line};
use kit::frame::{Crumb, Shell};
use kit::labels::provisioning as labels;
use kit::title::PageTitle;
use kit::{
    Banner, Card, Confirm, CopyId, Exact, Glyph, KeyValue, KeyValues, LogView, Menu, MenuLink, PageHeader, Region,
    StatusPill, Tone,
};
use leptos::prelude::*;
use store::provisioning::LogQuery;
use web::error::Result;
use web::guard::{ServerContext, TenantContext};
use web::page_frame::frame;

/// The page, read in the transaction in which the order could not be read.
pub async fn page(context: &ServerContext, mut tenant: TenantContext, id: JobId, path: String) -> Result<AnyView> {
    let row = store::provisioning::row(&mut tenant.tx, id).await?;
    let query = LogQuery { limit: LINES, ..LogQuery::default() };
    let mut lines = store::provisioning::log(&mut tenant.tx, id, &query).await?.rows;
    lines.reverse();
    let (agency, may) = (tenant.access.slug.clone(), tenant.access.allows(Right::Provision));
    tenant.commit().await?;
    let name = format!("#{} {}", row.number, row.client_name);
    let crumbs = vec![Crumb::link("Jobs", format!("/a/{agency}/provisioning")), Crumb::current(name.clone())];
    let frame = frame(context, crumbs);
    let title = format!("{} · {name}", labels::job(&row).1);
    let topic = format!("provisioning.job:{id}");
    Ok(view! {
        <PageTitle text=title/>
        <Shell frame=frame>
            <Region key="head" topics=topic class="flex flex-col gap-4"><Known agency path may row lines/></Region>
        </Shell>
    }
    .into_any())
}

/// What is known of the job.
#[component]
fn Known(
    /// Slug of the agency, for forms.
    agency: String,
    /// Address of the job's page, without a query.
    path: String,
    /// True if the caller may control jobs.
    may: bool,
    /// The job.
    row: JobRow,
    /// The whole log, oldest line first.
    lines: Vec<Line>,
) -> impl IntoView {
    let (tone, word) = labels::job(&row);
    let mark = view! { <StatusPill tone=tone>{word}</StatusPill> }.into_any();
    let meta = view! { <span class="tabular-nums">{format!("#{}", row.number)}</span> }.into_any();
    let hidden = vec![("agency", agency), ("id[]", row.id.to_string())];
    let end = (may && can_end(&row)).then(|| {
        view! {
            <Confirm action="/do/cancel_job" label="Cancel" verb="Cancel this job" back="Keep this job" hidden=hidden>
                <p>"Nothing is undone, because the order of this job can't be read. Its log then names what to look for in HighLevel."</p>
            </Confirm>
        }
    });
    let text = explanation(&row);
    let lines = lines.into_iter().map(|line| log_line(&line.into(), true, None)).collect::<Vec<_>>();
    view! {
        <PageHeader title=row.client_name.clone() mark=mark meta=meta>
            {end}
            <Menu label="More actions" dots=true>
                <MenuLink href=format!("{path}/log") icon=Glyph::Download>"Download the log"</MenuLink>
            </Menu>
        </PageHeader>
        <Banner tone=Tone::Failed text=text/>
        <Card title="What is known"><Facts row=row/></Card>
        <Card title="Log" flush=true><LogView label="Log of the job" lines=lines/></Card>
    }
}

/// The facts that do not need the order.
#[component]
fn Facts(row: JobRow) -> impl IntoView {
    let by = row.requested_by_name.unwrap_or_else(|| "the API".to_owned());
    view! {
        <KeyValues>
            <KeyValue name="Started">{by} " · " <Exact at=row.created_at/></KeyValue>
            {row.snapshot.map(|snapshot| view! { <KeyValue name="Snapshot">{snapshot.name}</KeyValue> })}
            {row.current_step.map(|step| view! { <KeyValue name="Last step">{Step::label(step)}</KeyValue> })}
            {row.location_id.map(|id| view! { <KeyValue name="HighLevel sub-account"><CopyId id=id/></KeyValue> })}
            {row.error.map(|error| view! { <KeyValue name="What happened">{error}</KeyValue> })}
            {row.finished_at.map(|at| view! { <KeyValue name="Ended"><Exact at=at/></KeyValue> })}
        </KeyValues>
    }
}

/// True if a person can end the job now.
fn can_end(row: &JobRow) -> bool {
    !row.cancelling && (row.status.allows(Operation::Cancel) || row.status.allows(Operation::Undo))
}

/// What it means that the order cannot be read.
const fn explanation(row: &JobRow) -> &'static str {
    match (row.cancelling, row.status) {
        (true, _) => "The stored order of this job can't be read. The job is being canceled, and nothing is undone.",
        (false, JobStatus::Completed | JobStatus::Cancelled) => {
            "The stored order of this job can't be read. This is what is known of it."
        }
        (false, _) => {
            "The stored order of this job can't be read, so the job can't go on. Cancel it and start a new job."
        }
    }
}
