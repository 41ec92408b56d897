//! One step of a job in full: what it does and why it waits, its attempts, and tabs for its log, input, output and
//! calls.

use chrono::{DateTime, Utc};
use domain::provisioning::{AttemptView, Step, StepView};
use kit::labels::provisioning as labels;
use kit::{Card, Elapsed, Exact, StatusIcon, StatusPill, Tab, Tabs, Tone};
use leptos::prelude::*;

use super::calls::Calls;
use super::compare::Compare;
use super::data::{Given, Outcome};
use super::diagnose::{Diagnose, is_stuck};
use super::log::Log;
use super::view::{JobPageContext, Shown};

/// The selected step.
#[component]
pub fn Pane(
    /// The job.
    page: JobPageContext,
    /// What is shown of it.
    shown: Shown,
) -> impl IntoView {
    let Some(step) = page.job.steps.iter().find(|one| one.step == page.step).cloned() else { return ().into_any() };
    let (tone, word) = labels::step(&page.job.row, step.step, step.status);
    let tries = step.attempts.len();
    let chosen = chosen(&page, &step);
    let aside = view! {
        {(tries > 1).then(|| view! { <span class="text-xs text-fg-3">{format!("{tries} tries")}</span> })}
        <span class="text-xs text-fg-2"><StatusPill tone=tone plain=true>{word}</StatusPill></span>
    };
    let tabs = view! { <Tabs label="What is shown of this step" tabs=tabs(&page, is_stuck(&step))/> };
    let body = match shown {
        Shown::Log(lines, more) => {
            view! { <Log page=page.clone() lines=lines more=more attempt=chosen.clone()/> }.into_any()
        }
        Shown::Input => view! { <Given page=page.clone() step=step.clone() attempt=chosen.clone()/> }.into_any(),
        Shown::Output => view! { <Outcome page=page.clone() step=step.clone()/> }.into_any(),
        Shown::Diagnosis(facts) => view! { <Diagnose page=page.clone() step=step.clone() facts=*facts/> }.into_any(),
        Shown::Compared(lines) => match (chosen.clone(), against(&page, &step)) {
            (Some(left), Some(right)) => view! { <Compare left=left right=right lines=lines/> }.into_any(),
            _ => view! { <Log page=page.clone() lines=lines more=false attempt=chosen.clone()/> }.into_any(),
        },
        Shown::Calls(calls) => view! { <Calls page=page.clone() step=step.clone() calls=calls/> }.into_any(),
    };
    view! {
        <Card title=step.step.label() aside=aside.into_any() flush=true>
            <div class="flex flex-col gap-1 px-4 py-3 text-sm">
                <p class="text-fg-2">{about(&page, step.step)}</p>
                <Assets step=step.clone()/>
                <Times step=step.clone() ended=page.job.row.finished_at/>
            </div>
            <Tries page=page.clone() attempts=step.attempts chosen=chosen/>
            <div class="px-2">{tabs}</div>
            {body}
        </Card>
    }
    .into_any()
}

/// The attempt that the address names.
fn chosen(page: &JobPageContext, step: &StepView) -> Option<AttemptView> {
    let wanted = page.at.get("attempt").parse::<i32>().ok()?;
    step.attempts.iter().find(|one| one.attempt == wanted).cloned()
}

/// The attempt that the selected one is compared with.
fn against(page: &JobPageContext, step: &StepView) -> Option<AttemptView> {
    let wanted = page.at.get("with").parse::<i32>().ok()?;
    step.attempts.iter().find(|one| one.attempt == wanted).cloned()
}

/// What the step does, with the names of this job in it.
fn about(page: &JobPageContext, step: Step) -> String {
    let snapshot = page.job.row.snapshot.as_ref().map(|snapshot| snapshot.name.clone());
    match (step, snapshot, &page.job.row.location_id) {
        (Step::WaitSnapshot, Some(snapshot), Some(location)) => {
            format!("Waits until HighLevel has loaded \u{201c}{snapshot}\u{201d} into location {location}.")
        }
        (Step::ValidateSnapshot, Some(snapshot), _) => {
            format!("Checks that HighLevel still offers \u{201c}{snapshot}\u{201d}.")
        }
        _ => step.about().to_owned(),
    }
}

/// Which kinds of the snapshot's assets are loaded, and which are still to come.
#[component]
fn Assets(step: StepView) -> impl IntoView {
    let of = |name: &str| {
        serde_json::from_value::<Vec<String>>(step.output.get(name).cloned().unwrap_or_default()).unwrap_or_default()
    };
    let (there, coming) = (of("completed"), of("pending"));
    (step.step == Step::WaitSnapshot && !(there.is_empty() && coming.is_empty())).then(|| {
        let total = there.len() + coming.len();
        let count = format!("Assets: {} of {total} kinds loaded", there.len());
        let items = there
            .into_iter()
            .map(|name| (Tone::Ok, ", loaded", name))
            .chain(coming.into_iter().map(|name| (Tone::Waiting, ", to come", name)))
            .map(|(tone, word, name)| view! { <li class="inline-flex items-center gap-1 text-xs text-fg-2"><StatusIcon tone=tone size=12/>{name.replace('_', " ")}<span class="sr-only">{word}</span></li> })
            .collect_view();
        view! { <p class="pt-1 text-xs font-medium text-fg-2">{count}</p><ul class="flex flex-wrap gap-x-3 gap-y-1 pb-1">{items}</ul> }
    })
}

/// When the step ran, and for how long.
#[component]
fn Times(step: StepView, #[prop(optional_no_strip)] ended: Option<DateTime<Utc>>) -> impl IntoView {
    step.started_at.map(|since| {
        view! { <p class="text-xs text-fg-3">"Began "<Exact at=since/>" \u{b7} "<Elapsed since=since until=step.finished_at.or(ended)/></p> }
    })
}

/// The attempts of the step as tabs, once there is more than one. When one is selected, it also offers the others
/// to compare with.
#[component]
fn Tries(page: JobPageContext, attempts: Vec<AttemptView>, chosen: Option<AttemptView>) -> impl IntoView {
    if attempts.len() < 2 {
        return ().into_any();
    }
    let current = chosen.as_ref().map(|one| one.attempt);
    let plain = page.at.with("with", "");
    let all = plain.with("attempt", "").href();
    let others = current.map(|current| view! { <Others page=page.clone() current=current attempts=attempts.clone()/> });
    let links = attempts
        .into_iter()
        .map(|one| {
            let (tone, word) = labels::attempt(one.outcome.as_deref());
            let at = (current == Some(one.attempt)).then_some("true");
            view! {
                <a class="view-tab" href=plain.with("attempt", &one.attempt.to_string()).href() aria-current=at>
                    <StatusIcon tone=tone/>{format!("Try {}", one.attempt)}<span class="sr-only">{format!(", {word}")}</span>
                </a>
            }
        })
        .collect_view();
    let said = chosen
        .filter(|_| page.at.get("with").is_empty())
        .and_then(|one| one.error_detail)
        .map(|text| view! { <p class="px-4 pb-3 text-sm break-words text-fg-2">{text}</p> });
    view! {
        <nav class="flex items-center gap-1 overflow-x-auto px-4 pb-3" aria-label="Tries">
            <a class="view-tab" href=all aria-current=current.is_none().then_some("true")>"All tries"</a>
            {links}
        </nav>
        {others}
        {said}
    }
    .into_any()
}

/// "Compare with": the other attempts, and the link that ends a comparison.
#[component]
fn Others(page: JobPageContext, current: i32, attempts: Vec<AttemptView>) -> impl IntoView {
    let with = page.at.get("with").parse::<i32>().ok();
    let links = attempts
        .into_iter()
        .filter(|one| one.attempt != current)
        .map(|one| {
            let at = (with == Some(one.attempt)).then_some("true");
            view! { <a class="view-tab" href=page.href("with", &one.attempt.to_string()) aria-current=at>{format!("Try {}", one.attempt)}</a> }
        })
        .collect_view();
    let out = with.map(|_| view! { <a class="view-tab" href=page.href("with", "")>"End comparison"</a> });
    view! {
        <nav class="flex items-center gap-1 overflow-x-auto px-4 pb-3 text-sm" aria-label="Compare with">
            <span class="pe-1 text-xs whitespace-nowrap text-fg-3">"Compare with"</span>{links}{out}
        </nav>
    }
}

/// The tabs. "Diagnose" is shown when the step is far slower than usual, or when the address asks for it.
fn tabs(page: &JobPageContext, stuck: bool) -> Vec<Tab> {
    let now = page.at.get("tab").to_owned();
    let compared = !page.at.get("with").is_empty();
    let known = ["input", "output", "calls", "diagnose"].contains(&now.as_str());
    [("", "Log"), ("input", "Input"), ("output", "Output"), ("calls", "Calls"), ("diagnose", "Diagnose")]
        .into_iter()
        .filter(|(key, _)| *key != "diagnose" || stuck || now == "diagnose")
        .map(|(key, label)| {
            let at = page.at.with("q", "").with("level", "").with("all", "").with("with", "").with("tab", key);
            Tab::new(label, at.href(), !compared && (now == key || (key.is_empty() && !known)))
        })
        .collect()
}
