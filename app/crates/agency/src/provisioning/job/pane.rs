//! One step of a job in full: the monitor's head of the step, and under its tabs the log, the input, the output, the calls,
//! the diagnosis or a comparison.

use domain::provisioning::{AttemptView, StepView};
use islands::job::{JobState, LogEntry, SelectedStep, StepLog, log_line};
use kit::time::now;
use kit::{LogView, Region};
use leptos::prelude::*;

use super::calls::Calls;
use super::compare::Compare;
use super::data::{Given, Outcome};
use super::diagnose::Diagnose;
use super::log::Filter;
use super::view::{JobPageContext, Shown};

/// The selected step.
#[component]
pub fn Pane(
    /// The job.
    page: JobPageContext,
    /// What the monitor shows of it.
    state: JobState,
    /// What is shown of the step.
    shown: Shown,
) -> impl IntoView {
    let (here, topics) = (page.at.clone(), page.topic());
    let selected = state.clone();
    let body = match shown {
        Shown::Log(lines, more) => {
            let (here, topics) = (here.clone(), topics.clone());
            let lines = lines.into_iter().map(LogEntry::from).collect::<Vec<_>>();
            view! { <Filter page/><StepLog state lines more here topics/> }.into_any()
        }
        other => {
            // A diagnosis also shows the integration.
            let topics = format!("{topics} integration.changed:*");
            view! { <Region key="pane" topics><Other page shown=other/></Region> }.into_any()
        }
    };
    view! {
        <section class="card">
            <SelectedStep state=selected at=now() here topics/>
            <div class="min-w-0">{body}</div>
        </section>
    }
}

/// What the tabs besides the log show.
#[component]
fn Other(page: JobPageContext, shown: Shown) -> impl IntoView {
    let Some(step) = page.job.steps.iter().find(|one| one.step == page.step).cloned() else { return ().into_any() };
    let chosen = attempt(&page, &step, "attempt");
    match shown {
        Shown::Log(..) => ().into_any(),
        Shown::Input => view! { <Given page step attempt=chosen/> }.into_any(),
        Shown::Output => view! { <Outcome page step/> }.into_any(),
        Shown::Diagnosis(facts) => view! { <Diagnose page step facts=*facts/> }.into_any(),
        Shown::Compared(lines) => match (chosen, attempt(&page, &step, "with")) {
            (Some(left), Some(right)) => view! { <Compare left right lines/> }.into_any(),
            _ => {
                let lines = lines.into_iter().map(|line| log_line(&line.into(), false, None)).collect();
                view! { <LogView label="Log of this step" lines/> }.into_any()
            }
        },
        Shown::Calls(calls) => view! { <Calls page step calls/> }.into_any(),
    }
}

/// The attempt that the address names in this parameter.
fn attempt(page: &JobPageContext, step: &StepView, name: &str) -> Option<AttemptView> {
    let wanted = page.at.get(name).parse::<i32>().ok()?;
    step.attempts.iter().find(|one| one.attempt == wanted).cloned()
}
