//! The top of a job's page: business, number, state, facts, time left and the progress bar.

use chrono::{DateTime, Utc};
use domain::provisioning::{JobStatus, Step, Waited};
use kit::labels::provisioning as labels;
use kit::{Ran, Region, Segment, SegmentBar, StatusPill, Tone, Until};
use leptos::prelude::*;

use super::state::JobState;
use super::times::{is_slow, left, usually};

/// The title of the page, without the name of the product.
#[must_use]
pub fn title(state: &JobState) -> String {
    let row = &state.row;
    format!("{} \u{b7} #{} {}", labels::job(row).1, row.number, row.client_name)
}

/// The heading with the state, and the line of facts under it.
#[component]
pub fn JobHead(
    /// The job.
    state: JobState,
    /// The moment for which it is shown.
    at: DateTime<Utc>,
    /// The topics that it shows.
    topics: String,
) -> impl IntoView {
    let row = state.row.clone();
    let (tone, _) = labels::job(&row);
    let word = labels::progress(&row);
    view! {
        <Region key="head" topics class="flex min-w-0 grow flex-col gap-1">
            <div class="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1">
                <h1 class="min-w-0 text-lg font-semibold text-balance">{row.client_name}</h1>
                <StatusPill tone=tone>{word}</StatusPill>
            </div>
            <div class="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-fg-2 max-sm:gap-x-3"><Facts state at/></div>
        </Region>
    }
}

/// The line of facts under the name.
#[component]
fn Facts(state: JobState, at: DateTime<Utc>) -> impl IntoView {
    let row = &state.row;
    let snapshot = row
        .snapshot
        .as_ref()
        .map_or_else(|| "No snapshot".to_owned(), |snapshot| format!("Snapshot {}", snapshot.name));
    let by = row.requested_by_name.clone().unwrap_or_else(|| "the API".to_owned());
    let usual = usually(state.typical).map(|text| view! { <Dot/><span>{text}</span> });
    // The time left of a step that takes too long is unknown, and a number would stand still, so none is shown.
    let late = state.steps.iter().any(|step| is_slow(step, at));
    let left = left(&state, at).map(|at| match late {
        true => view! { <Dot/><span>"longer than usual"</span> }.into_any(),
        false => view! { <Dot/><Until at=at past="a little longer" around="about \u{2026} left"/> }.into_any(),
    });
    view! {
        <span class="tabular-nums">{format!("#{}", row.number)}</span><Dot/>
        <span>{snapshot}</span><Dot/>
        <span>"started by " {by}</span><Dot/>
        <span><span class="sr-only">"Time so far: "</span><Ran since=row.created_at until=row.finished_at waited=Waited::sum(state.steps.iter().map(|step| step.waited))/></span>
        {usual}
        {left}
    }
}

#[component]
fn Dot() -> impl IntoView {
    view! { <span class="text-fg-3 max-sm:hidden" aria-hidden="true">"\u{b7}"</span> }
}

/// The progress bar, and the sentence that screen readers announce when it changes.
#[component]
pub fn JobProgress(
    /// The job.
    state: JobState,
    /// The topics that it shows.
    topics: String,
) -> impl IntoView {
    let aloud = aloud(&state);
    let urgent = matches!(state.row.status, JobStatus::Failed | JobStatus::AwaitingInput)
        .then_some("assertive")
        .unwrap_or_default();
    view! {
        <Region key="progress" topics>
            <div class="pb-6" aria-hidden="true"><SegmentBar parts=segments(&state)/></div>
            <span class="sr-only" data-announce=urgent>{aloud}</span>
        </Region>
    }
}

/// The text that screen readers announce when it changes.
fn aloud(state: &JobState) -> String {
    let row = &state.row;
    let (_, word) = labels::job(row);
    match (row.status, row.current_step) {
        (JobStatus::Failed | JobStatus::AwaitingInput, Some(step)) => format!("{word} at {}.", step.label()),
        (JobStatus::Completed | JobStatus::Cancelled, _) | (_, None) => format!("{word}."),
        (_, Some(step)) => format!("Step {} of {}: {}.", step.position(), Step::ALL.len(), step.label()),
    }
}

fn segments(state: &JobState) -> Vec<Segment> {
    let mut parts: Vec<Segment> = Vec::new();
    for step in &state.steps {
        let (tone, word) = labels::step(&state.row, step.step, step.status);
        let tone = if tone == Tone::Cancelled { Tone::Waiting } else { tone };
        parts.push(Segment { label: word.to_owned(), count: 1, tone });
    }
    parts
}
