//! The periodic jobs: how each goes, its last success and when it is due next.

use chrono::{DateTime, Utc};
use kit::time::span;
use kit::{Address, Ago, Column, Empty, Row, StatusPill, Table, Tone, Until, counted};
use leptos::prelude::*;
use store::periodic::State;
use web::clock::now;

/// The periodic jobs, each with its state, its last success and its last error.
#[component]
pub(super) fn Periodic(
    /// The jobs.
    jobs: Vec<State>,
) -> impl IntoView {
    let late = jobs.iter().filter(|job| job.overdue).count();
    let sum = match late {
        0 => "Every task is on time.".to_owned(),
        1 => "One task is overdue. The others are running. See the worker logs for details.".to_owned(),
        n => format!("{n} tasks are overdue. If all are, no worker is running: start one with `slipway worker`."),
    };
    let columns = vec![
        Column::plain("Task"),
        Column::plain("State"),
        Column::plain("Last success").named(),
        Column::plain("Due next").wide_only(),
        Column::plain("Took").number(),
        Column::plain("Rows").number().wide_only(),
        Column::plain("Runs every").wide_only(),
        Column::plain("Last error"),
    ];
    // The list matters when something is wrong; until then one line says it.
    let trouble = jobs.iter().any(|job| job.overdue || job.failures > 0);
    let all = format!("Show {}", counted(i64::try_from(jobs.len()).unwrap_or(i64::MAX), "task", "tasks"));
    // Overdue jobs come first; the others keep their order.
    let mut jobs = jobs;
    jobs.sort_by_key(|job| !job.overdue);
    let rows = jobs.into_iter().map(line).collect::<Vec<_>>();
    let empty =
        view! { <Empty title="Nothing has run yet" text="Tasks appear here as soon as a worker runs."></Empty> };
    view! {
        <section id="periodic" class="mt-6">
            <h2 class="pb-1 text-md font-semibold">"Scheduled tasks"</h2>
            <p class="pb-3 text-sm text-fg-2">{sum}</p>
            <details open=trouble>
                <summary class="fold w-fit min-h-6 pb-3 text-sm">{all}</summary>
                <Table caption="Scheduled tasks" noun=("task", "tasks") region="periodic" topics="" at=Address::current() columns=columns rows=rows empty=empty.into_any()/>
            </details>
        </section>
    }
}

fn line(job: State) -> Row {
    let (tone, word) = match (job.overdue, job.failures, job.running) {
        (true, ..) => (Tone::Failed, "Overdue"),
        (_, 1.., _) => (Tone::Retrying, "Failed, trying again"),
        (.., true) => (Tone::Running, "Running"),
        _ if job.succeeded_at.is_none() => (Tone::Waiting, "Not run yet"),
        _ => (Tone::Ok, "On time"),
    };
    let took = job.duration_ms.map_or_else(String::new, |ms| if ms < 1000 { format!("{ms} ms") } else { span(ms) });
    let error = job.last_error.filter(|_| job.failures > 0).unwrap_or_default();
    Row {
        key: job.name,
        href: None,
        cells: vec![
            view! { <span class="font-medium">{job.title}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            job.succeeded_at.map_or_else(|| "never".into_any(), |at| view! { <Ago at=at/> }.into_any()),
            view! { <Due at=job.due_at running=job.running/> }.into_any(),
            took.into_any(),
            job.rows_done.map(|rows| rows.to_string()).unwrap_or_default().into_any(),
            span((job.every_seconds * 1000.0) as i64).into_any(),
            view! { <span class="break-words text-fg-2">{error}</span> }.into_any(),
        ],
    }
}

/// When a job is due next.
#[component]
fn Due(at: DateTime<Utc>, running: bool) -> impl IntoView {
    if running || at <= now() {
        return "now".into_any();
    }
    view! { "in "<Until at/> }.into_any()
}
