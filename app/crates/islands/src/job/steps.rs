//! The eleven steps of a job from top to bottom: state, time, why a step waits, and which one takes longer than
//! usual.

use chrono::{DateTime, Utc};
use domain::provisioning::StepStatus;
use kit::labels::provisioning as labels;
use kit::time::span;
use kit::{Address, Ran, Region, StepLine, StepTimeline, Tone};
use leptos::prelude::*;

use super::state::{JobState, StepState};
use super::times::{is_slow, millis};

/// The steps. Each links to its own view on the right.
#[component]
pub fn JobSteps(
    /// The job.
    state: JobState,
    /// The moment for which it is shown.
    at: DateTime<Utc>,
    /// The address of the page.
    here: Address,
    /// The topics that it shows.
    topics: String,
) -> impl IntoView {
    let lines = state.steps.iter().map(|step| line(&state, step, at, &here)).collect();
    view! {
        <Region key="steps" topics class="lg:col-start-1 lg:row-span-2 lg:row-start-1"><StepTimeline label="Steps" steps=lines/></Region>
    }
}

fn line(state: &JobState, step: &StepState, at: DateTime<Utc>, here: &Address) -> StepLine {
    let (tone, word) = labels::step(&state.row, step.step, step.status);
    let slow = is_slow(step, at);
    let (tone, word) =
        if slow && tone == Tone::Running { (Tone::Warn, "running, slower than usual") } else { (tone, word) };
    let href = here.with("attempt", "").with("with", "").with("q", "").with("level", "").with("step", step.step.key());
    StepLine {
        key: step.step.key().to_owned(),
        label: step.step.label().to_owned(),
        tone,
        word: word.to_owned(),
        time: time(state, step),
        note: note(state, step, slow),
        href: Some(href.href()),
        current: step.step == state.selected.step,
    }
}

fn time(state: &JobState, step: &StepState) -> Option<AnyView> {
    let since = step.started_at?;
    match step.status {
        Some(StepStatus::Skipped) | None => None,
        _ => Some(
            view! { <Ran since=since until=step.finished_at.or(state.row.finished_at) waited=step.waited/> }.into_any(),
        ),
    }
}

fn note(state: &JobState, step: &StepState, slow: bool) -> Option<String> {
    let slow = slow && !state.row.status.is_finished();
    let usual = step.typical.p50.map(|p50| format!("Slower than usual ({})", span(millis(p50) / 1000 * 1000)));
    let waits = || step.waiting.as_ref().map(|waiting| waiting.reason.clone());
    match step.status {
        Some(StepStatus::Skipped) => Some("Skipped".to_owned()),
        Some(StepStatus::Undone) => Some("Rolled back".to_owned()),
        Some(StepStatus::Started) if state.row.status.is_finished() => None,
        Some(StepStatus::Started) if slow && !state.asks => usual.or_else(waits),
        Some(StepStatus::Started) => waits(),
        _ => None,
    }
}
