//! The result of a job that completed or was cancelled: what became of each thing, what a person still has to do,
//! how long the job took, and what to do next.

use domain::provisioning::{JobStatus, JobView, Step, StepView, Summary, TodoItem, Waited};
use domain::todos;
use kit::labels::provisioning as labels;
use kit::time::span;
use kit::todo_list::TodoList;
use kit::{ButtonLink, ButtonStyle, CopyId, Glyph, Icon, PostButton, StatusIcon, Tone};
use leptos::prelude::*;
use web::todos::ShownTodos;

use super::view::JobPageContext;

/// The result of a job.
#[component]
pub fn Done(
    /// The job.
    page: JobPageContext,
) -> impl IntoView {
    let row = &page.job.row;
    let good = row.status == JobStatus::Completed;
    let tone = labels::job(row).0;
    let title = match (good, tone, row.open_todos) {
        (false, _, Some(open @ 1..)) => format!("This job was canceled, {}", todos::left(open)),
        (false, ..) => "This job was canceled".to_owned(),
        (true, Tone::Ok, _) => format!("{} is ready", row.client_name),
        (true, _, Some(open)) => format!("{} is set up, {}", row.client_name, todos::left(open)),
        (true, _, None) => format!("{} is set up without its snapshot", row.client_name),
    };
    let summary = page.job.summary.clone().unwrap_or_else(|| parts(&page.job));
    let location = row
        .location_id
        .clone()
        .map(|id| view! { <p class="text-sm text-fg-2">"HighLevel sub-account " <CopyId id=id/></p> });
    let open = row.business.filter(|_| good && page.opens).map(|business| {
        view! { <ButtonLink href=format!("/a/{}/clients/{business}", page.agency) look=ButtonStyle::Primary>"Open client"</ButtonLink> }
    });
    let ask = (good && row.business.is_some() && !page.opens).then(|| {
        let hidden =
            vec![("agency", page.agency.clone()), ("right", "ClientsRead".to_owned()), ("job", row.id.to_string())];
        view! { <PostButton action="/do/ask_access" hidden=hidden>"Ask for access"</PostButton> }
    });
    let unassigned = ask.is_some().then(|| {
        view! { <p class="text-sm text-fg-2">"This client isn't assigned to you, so you can't open it yet."</p> }
    });
    let highlevel = page
        .location
        .clone()
        .filter(|_| good)
        .map(|href| view! { <ButtonLink href=href>"Open in HighLevel"</ButtonLink> });
    let another = page.may.then(|| {
        let words = if good { "Create another like this" } else { "Start over as new job" };
        view! { <ButtonLink href=format!("/a/{}/provisioning/new?from={}", page.agency, row.id) icon=Glyph::Copy>{words}</ButtonLink> }
    });
    view! {
        <section class="flex flex-col gap-4 rounded-card border border-line bg-surface p-4" aria-label="Result">
            <div class="flex items-start gap-3">
                <span class="mt-1"><StatusIcon tone=tone size=16/></span>
                <div class="min-w-0 grow">
                    <h2 class="text-md font-semibold">{title}</h2>
                    <p class="text-sm text-fg-2">{took(&page.job)}</p>
                    {location}
                    {unassigned}
                    <div class="flex flex-wrap gap-2 pt-3 empty:hidden">{open}{ask}{highlevel}{another}</div>
                </div>
            </div>
            <Left stored=page.todos.clone() told=summary.todo/>
            <Made lines=summary.done good=good/>
        </section>
    }
}

/// "Took 2m 10s, and waited 38m for you."
fn took(job: &JobView) -> String {
    let Some(end) = job.row.finished_at else { return String::new() };
    let ended = |step: &StepView| step.finished_at.or(Some(end));
    let waited = Waited::sum(job.steps.iter().map(|step| Waited::between(&step.attempts, ended(step))));
    let ran = span((end - job.row.created_at).num_milliseconds() - waited.millis);
    let took = if job.row.status == JobStatus::Completed { "Took" } else { "Ended after" };
    match waited.is_shown() {
        true => format!("{took} {ran}, and waited {} for you.", span(waited.millis / 1000 * 1000)),
        false => format!("{took} {ran}."),
    }
}

/// What a person still has to do. It is shown first. A job of a former version has no to-dos that can be ticked, only
/// what its last step told.
#[component]
fn Left(stored: ShownTodos, told: Vec<TodoItem>) -> impl IntoView {
    let open = stored.open();
    let list = if stored.lines.is_empty() {
        (!told.is_empty()).then(|| view! { <Told items=told/> }.into_any())
    } else {
        Some(view! { <TodoList items=stored.lines forms=stored.forms/> }.into_any())
    };
    list.map(|list| {
        let title = if open == 0 { "Left for you to do".to_owned() } else { format!("Left for you to do: {open}") };
        view! {
            <div class="flex flex-col gap-2 rounded-card bg-raised p-4">
                <h3 class="text-sm font-semibold">{title}</h3>
                {list}
            </div>
        }
    })
}

/// What the last step of a job of a former version told.
#[component]
fn Told(items: Vec<TodoItem>) -> impl IntoView {
    let items = items.into_iter().map(|item| {
        view! {
            <li class="flex gap-2.5">
                <span class="mt-[3px]"><StatusIcon tone=Tone::Asks/></span>
                <span class="min-w-0"><span class="font-medium">{item.what}</span><span class="block text-fg-2">{item.why}</span></span>
            </li>
        }
    });
    let items = items.collect_view();
    view! { <ul class="flex flex-col gap-2.5 text-sm">{items}</ul> }
}

/// One line for each thing that was made, undone, parked or kept.
#[component]
fn Made(lines: Vec<String>, good: bool) -> impl IntoView {
    (!lines.is_empty()).then(|| {
        let mark = if good { Glyph::Check } else { Glyph::Undo };
        let items = lines
            .into_iter()
            .map(|line| view! { <li class="flex gap-2.5"><Icon of=mark class="mt-0.5 text-fg-3"/><span class="min-w-0">{line}</span></li> })
            .collect_view();
        view! { <ul class="flex flex-col gap-1.5 text-sm text-fg-2">{items}</ul> }
    })
}

/// A summary from the steps, for a job that left none of its own. After a cancel each step records what it undid.
fn parts(job: &JobView) -> Summary {
    let mut summary = Summary::default();
    for step in job.steps.iter().filter(|step| step.step != Step::Finish) {
        let list =
            |name: &str| step.output.get("undone").and_then(|undone| undone.get(name)).cloned().unwrap_or_default();
        summary.done.extend(serde_json::from_value::<Vec<String>>(list("done")).unwrap_or_default());
        summary.todo.extend(serde_json::from_value::<Vec<TodoItem>>(list("todo")).unwrap_or_default());
    }
    summary
}
