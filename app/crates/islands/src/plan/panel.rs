//! The panel with the plan. It is rendered with the page, and again while somebody types. The checkbox "Create it anyway" belongs to the form by its `form` attribute, so
//! it is posted with the form.

use domain::provisioning::{Duplicate, TodoItem, Typical};
use kit::{StatusIcon, Tone, counted};
use leptos::prelude::*;

use super::state::{Plan, PlanState, PlannedStep};
use crate::job;

/// Id of the form that the panel belongs to.
pub const FORM: &str = "new-client";

/// The panel with the plan.
#[component]
pub fn PlanPanel(
    /// The plan.
    state: PlanState,
) -> impl IntoView {
    let PlanState { base, plan, anyway } = state;
    let calls = plan.calls();
    let Plan { steps, people, typical, duplicates, errors } = plan;
    let duplicates_section = (!duplicates.is_empty()).then(|| duplicates_section(duplicates, &base, anyway));
    let missing = (!errors.is_empty()).then(|| {
        let items = errors
            .into_iter()
            .map(|error| view! { <li><a class="hover:underline" href=format!("#field-{}", error.pointer)>{error.detail}</a></li> })
            .collect_view();
        view! {
            <section class="flex flex-col gap-1.5">
                <h3 class="text-xs font-medium text-fg-2">"Still needed"</h3>
                <ul class="flex list-disc flex-col gap-1 ps-4 text-xs text-fg-2">{items}</ul>
            </section>
        }
    });
    let lines = steps.into_iter().map(line).collect_view();
    view! {
        <div class="flex flex-col gap-4" data-live="plan">
            {duplicates_section}
            <section class="card">
                <header class="flex min-h-11 flex-wrap items-center gap-x-3 border-b border-line px-4 py-2">
                    <h2 class="grow text-sm font-semibold">"What will happen"</h2>
                    <span class="text-xs text-fg-3 tabular-nums">{usually(typical)}</span>
                </header>
                <div class="flex flex-col gap-4 p-4">
                    <ol class="flex flex-col gap-2.5">{lines}</ol>
                    <p class="border-t border-line pt-3 text-xs text-fg-2 tabular-nums">
                        {counted(i64::from(calls), "call", "calls")} " to HighLevel. Nothing is created until you press Create client."
                    </p>
                    {missing}
                    {afterwards(people)}
                </div>
            </section>
        </div>
    }
}

fn usually(typical: Typical) -> String {
    job::usually(typical).unwrap_or_else(|| "no history yet".to_owned())
}

fn line(step: PlannedStep) -> impl IntoView {
    let PlannedStep { label, does, calls, left_out } = step;
    let (tone, name) = if left_out.is_some() { (Tone::Cancelled, "text-fg-3") } else { (Tone::Waiting, "text-fg") };
    let aside = match (&left_out, calls) {
        (Some(_), _) | (None, 0) => String::new(),
        (None, n) => counted(i64::from(n), "call", "calls"),
    };
    let text = left_out.map_or(does, |why| format!("Left out: {why}."));
    view! {
        <li class="flex gap-2.5 text-sm">
            <span class="mt-[3px]"><StatusIcon tone=tone /></span>
            <span class="flex min-w-0 grow flex-col">
                <span class="flex items-baseline gap-3"><span class=format!("grow {name}")>{label}</span><span class="shrink-0 text-xs text-fg-3 tabular-nums">{aside}</span></span>
                <span class="text-xs text-fg-3">{text}</span>
            </span>
        </li>
    }
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
            <h2 class="flex items-center gap-2 font-semibold"><StatusIcon tone=Tone::Warn />"This may be a client you have already"</h2>
            <ul class="flex flex-col gap-1">{lines}</ul>
            <label class="flex min-h-6 items-start gap-2.5 pt-1 text-fg">
                <input class="tick mt-0.5" id="field-create_anyway" type="checkbox" name="create_anyway" form=FORM checked=anyway />
                <span>"Create it anyway"</span>
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
