//! The card above everything else on the right side of a job's page: a failure with its actions, a question, a
//! wait or a result. Every button posts to an operation that the job's state allows; other buttons are not shown.

use domain::provisioning::{
    Button as FailureAction, ExtraLocation, Failure, JobStatus, LEFT_AS_IT_IS, Operation, Step, Waiting,
};
use kit::words::provisioning as words;
use kit::{
    Ago, Banner, ButtonLink, Confirm, CopyId, Look, PostButton, StatusIcon, Tone, Trouble, TroubleCard, Until, counted,
};
use leptos::prelude::*;

use super::ask::Ask;
use super::diagnose::is_stuck;
use super::done::Done;
use super::edit::Edit;
use super::undoing::{self, Undoing};
use super::view::Seen;

/// The card of the current state, and the form for changed input if the address asks for it.
#[component]
pub fn State(
    /// The job.
    seen: Seen,
) -> impl IntoView {
    let row = &seen.job.row;
    let card = match row.status {
        JobStatus::Failed => view! { <Failed seen=seen.clone()/> }.into_any(),
        JobStatus::AwaitingInput => view! { <Ask seen=seen.clone()/> }.into_any(),
        JobStatus::Completed | JobStatus::Cancelled => view! { <Done seen=seen.clone()/> }.into_any(),
        _ if row.cancelling => view! { <Quiet text="Stopping. What was made is being undone; each thing is listed here when it is done.".to_owned()/> }.into_any(),
        JobStatus::Retrying => row.waiting.clone().map(|waiting| view! { <Rest seen=seen.clone() waiting=waiting/> }).into_any(),
        JobStatus::Pending => view! { <Quiet text=queued(seen.hold.ahead)/> }.into_any(),
        JobStatus::InProgress => ().into_any(),
    };
    let extra = seen.job.extra.clone().into_iter().map(|one| view! { <Extra one=one/> }).collect_view();
    let editing = seen.at.get("edit") == "1" && seen.may && seen.job.operations.contains(&Operation::Resume);
    // A job that waits for a person is not slow: it is the person's turn.
    let runs = !row.status.is_finished() && !row.cancelling && row.status != JobStatus::AwaitingInput;
    let stuck = seen.job.steps.iter().find(|step| is_stuck(step)).filter(|_| runs);
    let stuck = stuck.map(|step| {
        let href =
            seen.at.with("step", step.step.key()).with("attempt", "").with("with", "").with("tab", "diagnose").href();
        let text = format!("{} takes more than three times as long as it usually does.", step.step.label());
        view! { <Banner tone=Tone::Warn text=text><ButtonLink href=href>"Diagnose"</ButtonLink></Banner> }
    });
    view! {
        <div class="flex flex-col gap-4 empty:hidden" data-live=seen.live("state")>{extra}{card}{stuck}</div>
        {editing.then(|| view! { <Edit seen=seen/> })}
    }
}

/// A location that appeared after its write had been given up. We may not remove it, so a person is told.
#[component]
fn Extra(one: ExtraLocation) -> impl IntoView {
    view! {
        <section class="flex gap-3 rounded-card border border-warn/40 bg-surface p-4" role="alert" aria-label="Extra location">
            <span class="mt-[3px]"><StatusIcon tone=Tone::Asks size=16/></span>
            <div class="flex min-w-0 flex-col gap-1 text-sm">
                <h2 class="text-md font-semibold">"An extra location appeared in HighLevel"</h2>
                <p class="max-w-[68ch] text-fg-2">"It carries this job's mark and was seen " <Ago at=one.seen_at/> ", after HighLevel had long given no sign of it. It may be billed."</p>
                <p class="font-medium">"Remove this location in HighLevel: " <CopyId id=one.location/></p>
            </div>
        </section>
    }
}

/// The job's place in the queue, in words.
fn queued(ahead: i64) -> String {
    match ahead {
        0 => "Queued: the next of your agency. A worker takes it as soon as one is free.".to_owned(),
        n => format!("Queued: {} of your agency before it.", counted(n, "job", "jobs")),
    }
}

/// A message that requires no action.
#[component]
fn Quiet(text: String) -> impl IntoView {
    view! { <p class="flex items-center gap-2 rounded-card bg-raised px-4 py-3 text-sm text-fg-2"><StatusIcon tone=Tone::Waiting/>{text}</p> }
}

/// A failed job: why it stopped, what exists, and the possible actions.
#[component]
fn Failed(seen: Seen) -> impl IntoView {
    let failure = seen.job.failure.clone().unwrap_or_else(|| Failure {
        step: seen.job.row.current_step,
        what: seen.job.row.error.clone().unwrap_or_else(|| "The job stopped.".to_owned()),
        effect: "What is done so far is kept.".to_owned(),
        actions: vec![
            FailureAction::Retry,
            FailureAction::EditAndResume,
            FailureAction::Undo,
            FailureAction::StartOver,
        ],
        undoing: false,
    });
    let trouble = Trouble {
        title: failure.what.clone(),
        effect: failure.effect.clone(),
        detail: detail(&seen, failure.step),
        ..Trouble::default()
    };
    let ways = ways(&seen, &failure);
    view! { <TroubleCard trouble=trouble>{ways}</TroubleCard> }
}

/// What the last attempt of the failed step reported, as a detail below the message.
fn detail(seen: &Seen, step: Option<Step>) -> Option<String> {
    let failed = seen.job.steps.iter().find(|one| Some(one.step) == step)?;
    let last = failed.attempts.last()?;
    let said = last.error_detail.clone()?;
    let class = last.error_class.clone().unwrap_or_default();
    Some(format!("{} \u{b7} try {} \u{b7} {class}\n{said}", failed.step.label(), last.attempt))
}

/// The buttons of a failure, in their order, without those that the state or the caller's role does not allow.
#[must_use]
pub fn ways(seen: &Seen, failure: &Failure) -> Vec<AnyView> {
    failure
        .actions
        .iter()
        .filter(|failure_action| seen.may && allowed(seen, **failure_action))
        .map(|failure_action| button(seen, failure, *failure_action))
        .collect()
}

/// True if the job's state allows what a button does.
fn allowed(seen: &Seen, failure_action: FailureAction) -> bool {
    let needs = match failure_action {
        FailureAction::Retry => Operation::Retry,
        FailureAction::EditAndResume | FailureAction::Skip => Operation::Resume,
        FailureAction::Undo => Operation::Undo,
        FailureAction::StartOver => return true,
    };
    seen.job.operations.contains(&needs)
}

fn button(seen: &Seen, failure: &Failure, failure_action: FailureAction) -> AnyView {
    let step = failure.step.map_or("the beginning", Step::label);
    match failure_action {
        FailureAction::Retry => {
            let words = if failure.undoing { "Go on undoing".to_owned() } else { format!("Resume from {step}") };
            view! { <PostButton action="/do/retry_job" hidden=seen.hidden() look=Look::Primary>{words}</PostButton> }
                .into_any()
        }
        FailureAction::EditAndResume => {
            view! { <ButtonLink href=format!("{}#edit", seen.href("edit", "1"))>"Edit input & resume"</ButtonLink> }
                .into_any()
        }
        FailureAction::Skip => {
            let mut hidden = seen.resuming();
            hidden.push(("skip", "on".to_owned()));
            let (label, verb, consequence) = match failure.undoing {
                true => ("Leave it as it is", "Leave it and go on".to_owned(), LEFT_AS_IT_IS),
                false => (
                    "Skip step",
                    format!("Skip {step}"),
                    failure.step.and_then(Step::skip_consequence).unwrap_or_default(),
                ),
            };
            view! {
                <Confirm action="/do/resume_job" label=label verb=verb hidden=hidden operation=Look::Primary><p>{consequence}</p></Confirm>
            }
            .into_any()
        }
        FailureAction::Undo => {
            let job = seen.job.clone();
            let (label, verb) = match undoing::lines(&job).is_empty() {
                true => ("Cancel this job", "Cancel this job"),
                false => ("Undo what was created", "Undo and cancel"),
            };
            view! { <Confirm action="/do/undo_job" label=label verb=verb hidden=seen.hidden()><Undoing job=job/></Confirm> }.into_any()
        }
        FailureAction::StartOver => {
            let href = format!("/a/{}/provisioning/new?from={}", seen.agency, seen.job.row.id);
            view! { <ButtonLink href=href look=Look::Quiet>"Start over as new job"</ButtonLink> }.into_any()
        }
    }
}

/// A job that waits. After a failure it shows when the next attempt is and how to start it now or stop; otherwise
/// it shows what the job waits for.
#[component]
fn Rest(seen: Seen, waiting: Waiting) -> impl IntoView {
    let row = &seen.job.row;
    let trouble = words::is_trouble(row);
    let tone = if trouble { Tone::Retrying } else { Tone::Running };
    let next = if trouble { "Next try in " } else { "Looks again in " };
    let tries = trouble.then(|| format!(" \u{b7} {} of {} retries used", row.retry_count, row.max_retries));
    let now = (seen.may && seen.job.operations.contains(&Operation::Retry)).then(|| {
        let words = if trouble { "Retry now" } else { "Look now" };
        view! { <PostButton action="/do/retry_job" hidden=seen.hidden() look=Look::Secondary>{words}</PostButton> }
    });
    let stop = (trouble && seen.may && seen.job.operations.contains(&Operation::Cancel)).then(|| {
        let job = seen.job.clone();
        view! { <Confirm action="/do/cancel_job" label="Stop retrying" verb="Stop and undo" hidden=seen.hidden() look=Look::Quiet><Undoing job=job/></Confirm> }
    });
    let said = trouble.then(|| row.error.clone()).flatten().filter(|said| *said != waiting.reason);
    view! {
        <section class=format!("flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card px-4 py-3 text-sm {}", tone.filled())>
            <div class="flex min-w-0 grow basis-72 gap-2.5">
                <span class="mt-[3px]"><StatusIcon tone=tone/></span>
                <div class="min-w-0">
                    <p class="font-medium">{waiting.reason}</p>
                    {said.map(|said| view! { <p class="break-words text-fg-2">{said}</p> })}
                    <p class="text-fg-2 tabular-nums">{next}<Until at=waiting.until past="a moment"/>{tries}</p>
                </div>
            </div>
            <div class="flex flex-wrap items-center gap-2">{now}{stop}</div>
        </section>
    }
}
