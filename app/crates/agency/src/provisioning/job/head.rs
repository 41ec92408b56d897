//! The top of a job's page: business, number, state, facts, time left, the progress bar, and the button that
//! cancels the job.

use chrono::{DateTime, TimeDelta, Utc};
use domain::provisioning::{JobStatus, JobView, Operation, Step, StepStatus, Typical};
use kit::labels::provisioning as labels;
use kit::time::{now, span};
use kit::{Confirm, Elapsed, Glyph, Menu, MenuLink, PageHeader, Region, Segment, SegmentBar, StatusPill, Tone, Until};
use leptos::prelude::*;

use super::steps::is_slow;
use super::undoing::Undoing;
use super::view::JobPageContext;

/// The header and the progress bar.
#[component]
pub fn Head(
    /// The job.
    page: JobPageContext,
) -> impl IntoView {
    let row = page.job.row.clone();
    let (tone, _) = labels::job(&row);
    let word = labels::progress(&row);
    let mark = view! { <StatusPill tone=tone>{word}</StatusPill> }.into_any();
    let meta = view! { <Facts job=page.job.clone()/> }.into_any();
    let aloud = aloud(&page.job);
    let urgent =
        matches!(row.status, JobStatus::Failed | JobStatus::AwaitingInput).then_some("assertive").unwrap_or_default();
    let root = format!("/a/{}/provisioning", page.agency);
    let cancel = (page.may && page.job.operations.contains(&Operation::Cancel)).then(|| {
        let job = page.job.clone();
        view! {
            <Confirm action="/do/cancel_job" label="Cancel" verb="Cancel this job" hidden=page.hidden()>
                <Undoing job=job/>
            </Confirm>
        }
    });
    view! {
        <Region key="head" topics=page.topic()>
            <PageHeader title=row.client_name.clone() mark=mark meta=meta>
                {cancel}
                <Menu label="More actions" dots=true>
                    {page.may.then(|| view! { <MenuLink href=format!("{root}/new?from={}", row.id) icon=Glyph::Copy>"Create another like this"</MenuLink> })}
                    <MenuLink href=format!("{}/log", page.path) icon=Glyph::Download>"Download the log"</MenuLink>
                </Menu>
            </PageHeader>
            <div class="pb-6" aria-hidden="true"><SegmentBar parts=segments(&page.job)/></div>
            <span class="sr-only" data-announce=urgent>{aloud}</span>
        </Region>
    }
}

/// The text that screen readers announce when it changes.
fn aloud(job: &JobView) -> String {
    let row = &job.row;
    let (_, word) = labels::job(row);
    match (row.status, row.current_step) {
        (JobStatus::Failed | JobStatus::AwaitingInput, Some(step)) => format!("{word} at {}.", step.label()),
        (JobStatus::Completed | JobStatus::Cancelled, _) | (_, None) => format!("{word}."),
        (_, Some(step)) => format!("Step {} of {}: {}.", step.position(), Step::ALL.len(), step.label()),
    }
}

/// The line of facts under the name.
#[component]
fn Facts(job: JobView) -> impl IntoView {
    let row = &job.row;
    let snapshot = row
        .snapshot
        .as_ref()
        .map_or_else(|| "No snapshot".to_owned(), |snapshot| format!("Snapshot {}", snapshot.name));
    let by = row.requested_by_name.clone().unwrap_or_else(|| "the API".to_owned());
    let usual = usually(job.typical).map(|text| view! { <Dot/><span>{text}</span> });
    // The time left of a step that takes too long is unknown, and a number would stand still, so none is shown.
    let late = job.steps.iter().any(is_slow);
    let left = left(&job).map(|at| match late {
        true => view! { <Dot/><span>"longer than usual"</span> }.into_any(),
        false => view! { <Dot/><span>"about "<Until at=at past="a moment"/>" left"</span> }.into_any(),
    });
    view! {
        <span class="tabular-nums">{format!("#{}", row.number)}</span><Dot/>
        <span>{snapshot}</span><Dot/>
        <span>"started by " {by}</span><Dot/>
        <span><span class="sr-only">"Time so far: "</span><Elapsed since=row.created_at until=row.finished_at/></span>
        {usual}
        {left}
    }
}

#[component]
fn Dot() -> impl IntoView {
    view! { <span class="text-fg-3" aria-hidden="true">"\u{b7}"</span> }
}

/// Text such as "usually 3 min 40 s, nine in ten within 6 min"; `None` while there is no history.
#[must_use]
pub fn usually(typical: Typical) -> Option<String> {
    let words = |seconds: f64| span(millis(seconds) / 1000 * 1000);
    let p50 = typical.p50?;
    Some(match typical.p90.filter(|p90| millis(*p90) / 1000 > millis(p50) / 1000) {
        Some(p90) => format!("usually {}, nine in ten within {}", words(p50), words(p90)),
        None => format!("usually {}", words(p50)),
    })
}

/// Converts seconds to whole milliseconds.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the length of a job fits an i64")]
pub fn millis(seconds: f64) -> i64 {
    (seconds.max(0.0) * 1000.0).round() as i64
}

/// When the job will be done if it takes the usual time: the rest of the current step plus all later steps. `None`
/// unless the job is queued, running or retrying, and while there is no history.
#[must_use]
pub fn left(job: &JobView) -> Option<DateTime<Utc>> {
    if !matches!(job.row.status, JobStatus::Pending | JobStatus::InProgress | JobStatus::Retrying) || job.row.cancelling
    {
        return None;
    }
    let mut seconds = 0.0;
    let mut known = false;
    for step in &job.steps {
        let open = match step.status {
            None => Some(0.0),
            Some(StepStatus::Started) => step.tried_since().map(|at| (now() - at).as_seconds_f64()),
            Some(_) => None,
        };
        let skipped = step.step.needs_snapshot() && job.order.snapshot_id.is_none();
        if let (Some(gone), Some(p50), false) = (open, step.typical.p50, skipped) {
            seconds += (p50 - gone).max(0.0);
            known = true;
        }
    }
    known.then(|| now() + TimeDelta::milliseconds(millis(seconds)))
}

fn segments(job: &JobView) -> Vec<Segment> {
    let mut parts: Vec<Segment> = Vec::new();
    for step in &job.steps {
        let (tone, word) = labels::step(&job.row, step.step, step.status);
        let tone = if tone == Tone::Cancelled { Tone::Waiting } else { tone };
        parts.push(Segment { label: word.to_owned(), count: 1, tone });
    }
    parts
}
