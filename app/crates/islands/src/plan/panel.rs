//! The panel with the plan. It is rendered with the page, and again while somebody types. What matters before the form
//! is sent stands first: clients that look like the new one, and what is still needed. The checkbox "Create anyway"
//! belongs to the form by its `form` attribute, so it is posted with the form.

use domain::field::FieldError;
use domain::provisioning::{Duplicate, TodoItem, Typical};
use kit::{StatusIcon, Tone, counted};
use leptos::prelude::*;

use super::state::{Plan, PlanState, PlannedStep};
use crate::job;

/// Id of the form that the panel belongs to.
pub const FORM: &str = "new-client";

/// How many of the fields that are still needed are named. The others are counted.
const NAMED: usize = 4;

/// The panel with the plan.
#[component]
pub fn PlanPanel(
    /// The plan.
    state: PlanState,
) -> impl IntoView {
    let PlanState { base, plan, anyway } = state;
    let calls = plan.calls();
    let Plan { steps, people, typical, duplicates, errors, zone } = plan;
    let duplicates_section = (!duplicates.is_empty()).then(|| duplicates_section(duplicates, &base, anyway));
    let missing = (!errors.is_empty()).then(|| still_needed(errors));
    let zone = zone.map(|text| view! { <p class="text-xs text-fg-2">{text}</p> });
    let (run, skipped): (Vec<_>, Vec<_>) = steps.into_iter().partition(|step| step.left_out.is_none());
    let lines = run.into_iter().map(line).collect_view();
    view! {
        <div class="flex flex-col gap-4" data-live="plan">
            {duplicates_section}
            {missing}
            <section class="card">
                <header class="flex min-h-11 flex-wrap items-center gap-x-3 border-b border-line px-4 py-2">
                    <h2 class="grow text-sm font-semibold">"What will happen"</h2>
                    <span class="text-xs text-fg-3 tabular-nums">{usually(typical)}</span>
                </header>
                <div class="flex flex-col gap-3 p-4">
                    <ol class="flex flex-col gap-2">{lines}</ol>
                    {skipped_line(skipped)}
                    {zone}
                    {afterwards(people)}
                    <p class="border-t border-line pt-3 text-xs text-fg-2 tabular-nums">
                        {counted(i64::from(calls), "call", "calls")} " to HighLevel. Nothing is created until you press Create client."
                    </p>
                </div>
            </section>
        </div>
    }
}

/// The fields that are missing or not acceptable, with a link to each.
fn still_needed(errors: Vec<FieldError>) -> impl IntoView {
    let more = errors.len().saturating_sub(NAMED);
    let items = errors
        .into_iter()
        .take(NAMED)
        .map(|error| view! { <li><a class="hover:underline" href=format!("#field-{}", error.pointer)>{error.detail}</a></li> })
        .collect_view();
    let more = (more > 0).then(|| view! { <li>{format!("And {more} more.")}</li> });
    view! {
        <section class="card flex flex-col gap-1.5 px-4 py-3">
            <h2 class="text-sm font-semibold">"Still needed"</h2>
            <ul class="flex list-disc flex-col gap-1 ps-4 text-xs text-fg-2">{items}{more}</ul>
        </section>
    }
}

fn usually(typical: Typical) -> String {
    job::usually(typical).unwrap_or_else(|| "No estimate yet".to_owned())
}

fn line(step: PlannedStep) -> impl IntoView {
    let PlannedStep { label, does, .. } = step;
    view! {
        <li class="flex gap-2.5 text-sm">
            <span class="mt-[3px]"><StatusIcon tone=Tone::Waiting /></span>
            <span class="flex min-w-0 grow flex-col">
                <span class="text-fg">{label}</span>
                <span class="text-xs text-fg-3">{does}</span>
            </span>
        </li>
    }
}

/// The steps that do not run, in one line for each reason.
fn skipped_line(skipped: Vec<PlannedStep>) -> impl IntoView {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for step in skipped {
        let why = step.left_out.unwrap_or_default();
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, labels)) => labels.push(step.label),
            None => reasons.push((why, vec![step.label])),
        }
    }
    (!reasons.is_empty()).then(|| {
        let lines = reasons
            .into_iter()
            .map(|(why, labels)| view! { <li>{format!("{}: skipped \u{2013} {why}.", labels.join(", "))}</li> })
            .collect_view();
        view! { <ul class="flex flex-col gap-1 text-xs text-fg-3">{lines}</ul> }
    })
}

fn afterwards(people: Vec<TodoItem>) -> impl IntoView {
    (!people.is_empty()).then(|| {
        let items = people
            .into_iter()
            .map(|item| view! { <li><span class="text-fg">{item.what}</span>". " {item.why}</li> })
            .collect_view();
        view! {
            <section class="flex flex-col gap-1.5">
                <h3 class="text-xs font-medium text-fg-2">"You'll need to\u{2026}"</h3>
                <ul class="flex list-disc flex-col gap-1 ps-4 text-xs text-fg-3">{items}</ul>
            </section>
        }
    })
}

/// Businesses and jobs that look like the new business, and the checkbox without which no job is started.
fn duplicates_section(duplicates: Vec<Duplicate>, base: &str, anyway: bool) -> impl IntoView + use<> {
    let named = duplicates.iter().find(|twin| twin.same.iter().any(|same| same == "name"));
    let title = named.map_or_else(
        || "You may already have this client".to_owned(),
        |twin| format!("You already have a client called {}", twin.name),
    );
    let lines = duplicates
        .into_iter()
        .map(|twin| {
            let href = match (twin.job, twin.business) {
                (Some(job), _) => format!("{base}/provisioning/{job}"),
                (None, Some(business)) => format!("{base}/clients/{business}"),
                (None, None) => format!("{base}/clients"),
            };
            view! { <li><a class="font-medium underline underline-offset-2" href=href>{twin.name}</a>", same " {same(&twin.same)}</li> }
        })
        .collect_view();
    view! {
        <section class="flex flex-col gap-2 rounded-card bg-warn-bg p-4 text-sm text-warn">
            <h2 class="flex items-start gap-2 font-semibold"><span class="mt-[3px]"><StatusIcon tone=Tone::Warn /></span><span class="min-w-0 break-words">{title}</span></h2>
            <ul class="flex flex-col gap-1">{lines}</ul>
            <label class="flex min-h-6 items-start gap-2.5 pt-1 text-fg">
                <input class="tick mt-0.5" id="field-create_anyway" type="checkbox" name="create_anyway" form=FORM checked=anyway />
                <span>"Create anyway"</span>
            </label>
        </section>
    }
}

/// "name and email".
fn same(fields: &[String]) -> String {
    match fields {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        [only] => only.clone(),
        _ => "data".to_owned(),
    }
}
