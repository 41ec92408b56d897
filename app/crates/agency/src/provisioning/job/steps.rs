//! The eleven steps of a job from top to bottom: state, time, why a step waits, and which one takes longer than
//! usual.

use domain::provisioning::{JobView, StepStatus, StepView};
use kit::labels::provisioning as labels;
use kit::time::{now, span};
use kit::{Elapsed, StepLine, StepTimeline, Tone};
use leptos::prelude::*;

use super::head::millis;
use super::view::JobPageContext;

/// The steps. Each links to its own view on the right.
#[component]
pub fn Steps(
    /// The job.
    page: JobPageContext,
) -> impl IntoView {
    let lines = page.job.steps.iter().map(|step| line(&page, step)).collect();
    view! { <StepTimeline label="Steps" steps=lines/> }
}

fn line(page: &JobPageContext, step: &StepView) -> StepLine {
    let (tone, word) = labels::step(&page.job.row, step.step, step.status);
    let slow = is_slow(step);
    let (tone, word) =
        if slow && tone == Tone::Running { (Tone::Warn, "running, slower than usual") } else { (tone, word) };
    let at = page.at.with("attempt", "").with("with", "").with("q", "").with("level", "").with("step", step.step.key());
    StepLine {
        key: step.step.key().to_owned(),
        label: step.step.label().to_owned(),
        tone,
        word: word.to_owned(),
        time: time(&page.job, step),
        note: note(&page.job, step, slow),
        href: Some(at.href()),
        current: step.step == page.step,
    }
}

fn time(job: &JobView, step: &StepView) -> Option<AnyView> {
    let since = step.started_at?;
    match step.status {
        Some(StepStatus::Skipped) | None => None,
        _ => Some(view! { <Elapsed since=since until=step.finished_at.or(job.row.finished_at)/> }.into_any()),
    }
}

/// True if a running step has taken longer than nine in ten did.
#[must_use]
pub fn is_slow(step: &StepView) -> bool {
    let (Some(StepStatus::Started), None, Some(since), Some(p90)) =
        (step.status, step.finished_at, step.tried_since(), step.typical.p90)
    else {
        return false;
    };
    (now() - since).num_milliseconds() > millis(p90).max(2_000)
}

fn note(job: &JobView, step: &StepView, slow: bool) -> Option<String> {
    let slow = slow && !job.row.status.is_finished();
    let usual = step.typical.p50.map(|p50| format!("Slower than usual ({})", span(millis(p50) / 1000 * 1000)));
    match step.status {
        Some(StepStatus::Skipped) => Some("Left out".to_owned()),
        Some(StepStatus::Undone) => Some("Undone".to_owned()),
        Some(StepStatus::Started) if job.row.status.is_finished() => None,
        Some(StepStatus::Started) if slow && job.question.is_none() => {
            usual.or_else(|| step.waiting.as_ref().map(|waiting| waiting.reason.clone()))
        }
        Some(StepStatus::Started) => step.waiting.as_ref().map(|waiting| waiting.reason.clone()),
        _ => None,
    }
}
