//! The card above everything else on the right side of a job's page: a failure with its actions, a question, a
//! wait or a result. Every button posts to an operation that the job's state allows; other buttons are not shown.

use domain::provisioning::{
    ExtraLocation, Failure, FailureAction, JobStatus, KEEP_ON_UNDO_CONSEQUENCE, Operation, Step, Waiting,
};
use kit::labels::provisioning as labels;
use kit::{
    Ago, Banner, ButtonLink, ButtonStyle, Confirm, CopyId, FailureCard, FailureNotice, PostButton, Region, StatusIcon,
    Tone, Until, counted,
};
use leptos::prelude::*;

use super::ask::Ask;
use super::diagnose::is_stuck;
use super::done::Done;
use super::edit::Edit;
use super::undoing::{self, Undoing};
use super::view::JobPageContext;

/// The card of the current state, and the form for changed input if the address asks for it.
#[component]
pub fn State(
    /// The job.
    page: JobPageContext,
) -> impl IntoView {
    let row = &page.job.row;
    let card = match row.status {
        JobStatus::Failed => view! { <Failed page=page.clone()/> }.into_any(),
        JobStatus::AwaitingInput => view! { <Ask page=page.clone()/> }.into_any(),
        JobStatus::Completed | JobStatus::Cancelled => view! { <Done page=page.clone()/> }.into_any(),
        _ if row.cancelling => {
            view! { <Quiet text="Stopping and rolling back. Each thing is listed here when it's undone.".to_owned()/> }
                .into_any()
        }
        JobStatus::Retrying => {
            row.waiting.clone().map(|waiting| view! { <RetryingCard page=page.clone() waiting=waiting/> }).into_any()
        }
        JobStatus::Pending => view! { <Quiet text=queued(page.hold.ahead)/> }.into_any(),
        JobStatus::InProgress => ().into_any(),
    };
    // The list of sub-accounts is read anew while the card offers it.
    let read = page.by_hand.as_ref().map(|_| " locations.changed:*").unwrap_or_default();
    let topics = format!("{}{read}", page.topic());
    let extra = page.job.extra.clone().into_iter().map(|one| view! { <Extra one=one/> }).collect_view();
    let editing = page.at.get("edit") == "1" && page.may && page.job.operations.contains(&Operation::Resume);
    // A job that waits for a person is not slow: it is the person's turn.
    let runs = !row.status.is_finished() && !row.cancelling && row.status != JobStatus::AwaitingInput;
    let stuck = page.job.steps.iter().find(|step| is_stuck(step)).filter(|_| runs);
    let stuck = stuck.map(|step| {
        let href =
            page.at.with("step", step.step.key()).with("attempt", "").with("with", "").with("tab", "diagnose").href();
        let text = format!("\u{201c}{}\u{201d} is taking much longer than usual.", step.step.label());
        view! { <Banner tone=Tone::Warn text=text><ButtonLink href=href>"Diagnose"</ButtonLink></Banner> }
    });
    view! {
        <Region key="state" topics=topics frozen=page.is_frozen() class="flex flex-col gap-4 empty:hidden">{extra}{card}{stuck}</Region>
        {editing.then(|| view! { <Edit page=page/> })}
    }
}

/// A location that appeared after its write had been given up. We may not remove it, so a person is told.
#[component]
fn Extra(one: ExtraLocation) -> impl IntoView {
    view! {
        <section class="flex gap-3 rounded-card border border-warn/40 bg-surface p-4" role="alert" aria-label="Extra sub-account">
            <span class="mt-[3px]"><StatusIcon tone=Tone::Asks size=16/></span>
            <div class="flex min-w-0 flex-col gap-1 text-sm">
                <h2 class="text-md font-semibold">"An extra sub-account appeared in HighLevel"</h2>
                <p class="max-w-[68ch] text-fg-2">"It has this job's mark and was seen " <Ago at=one.seen_at/> ", long after HighLevel had shown no sign of it. It may be billed."</p>
                <p class="font-medium">"Delete this sub-account in HighLevel: " <CopyId id=one.location/></p>
            </div>
        </section>
    }
}

/// The job's place in the queue, in words.
fn queued(ahead: i64) -> String {
    match ahead {
        0 => "Queued: next in line for your agency. It starts when a worker is free.".to_owned(),
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
fn Failed(page: JobPageContext) -> impl IntoView {
    let failure = page.job.failure.clone().unwrap_or_else(|| Failure {
        step: page.job.row.current_step,
        what: page.job.row.error.clone().unwrap_or_else(|| "The job stopped.".to_owned()),
        effect: "What is done so far is kept.".to_owned(),
        actions: vec![
            FailureAction::Retry,
            FailureAction::EditAndResume,
            FailureAction::Undo,
            FailureAction::StartOver,
        ],
        undoing: false,
    });
    let notice = FailureNotice {
        title: failure.what.clone(),
        effect: failure.effect.clone(),
        detail: detail(&page, failure.step),
        ..FailureNotice::default()
    };
    let failure_buttons = failure_buttons(&page, &failure);
    view! { <FailureCard notice=notice>{failure_buttons}</FailureCard> }
}

/// What the last attempt of the failed step reported, as a detail below the message.
fn detail(page: &JobPageContext, step: Option<Step>) -> Option<String> {
    let failed = page.job.steps.iter().find(|one| Some(one.step) == step)?;
    let last = failed.attempts.last()?;
    let said = last.error_detail.clone()?;
    let class = last.error_class.clone().unwrap_or_default();
    Some(format!("{} \u{b7} try {} \u{b7} {class}\n{said}", failed.step.label(), last.attempt))
}

/// The buttons of a failure, in their order, without those that the state or the caller's role does not allow.
#[must_use]
pub fn failure_buttons(page: &JobPageContext, failure: &Failure) -> Vec<AnyView> {
    failure
        .actions
        .iter()
        .filter(|failure_action| page.may && allowed(page, **failure_action))
        .map(|failure_action| button(page, failure, *failure_action))
        .collect()
}

/// True if the job's state allows what a button does.
fn allowed(page: &JobPageContext, failure_action: FailureAction) -> bool {
    let needs = match failure_action {
        FailureAction::Retry => Operation::Retry,
        FailureAction::EditAndResume | FailureAction::Skip => Operation::Resume,
        FailureAction::Undo => Operation::Undo,
        FailureAction::StartOver => return true,
    };
    page.job.operations.contains(&needs)
}

fn button(page: &JobPageContext, failure: &Failure, failure_action: FailureAction) -> AnyView {
    let step = failure.step.map_or("the beginning", Step::label);
    match failure_action {
        FailureAction::Retry => {
            let words = if failure.undoing { "Retry".to_owned() } else { format!("Retry from \u{201c}{step}\u{201d}") };
            view! { <PostButton action="/do/retry_job" hidden=page.hidden() look=ButtonStyle::Primary>{words}</PostButton> }
                .into_any()
        }
        FailureAction::EditAndResume => {
            view! { <ButtonLink href=format!("{}#edit", page.href("edit", "1"))>"Edit input & resume"</ButtonLink> }
                .into_any()
        }
        FailureAction::Skip => {
            let mut hidden = page.resuming();
            hidden.push(("skip", "on".to_owned()));
            let (label, verb, consequence) = match failure.undoing {
                true => ("Leave it as is", "Leave it and continue".to_owned(), KEEP_ON_UNDO_CONSEQUENCE),
                false => (
                    "Skip step",
                    format!("Skip {step}"),
                    failure.step.and_then(Step::skip_consequence).unwrap_or_default(),
                ),
            };
            view! {
                <Confirm action="/do/resume_job" label=label verb=verb hidden=hidden operation=ButtonStyle::Primary><p>{consequence}</p></Confirm>
            }
            .into_any()
        }
        FailureAction::Undo => {
            let job = page.job.clone();
            let (label, verb) = match undoing::lines(&job).is_empty() {
                true => ("Cancel this job", "Cancel this job"),
                false => ("Undo what was created", "Undo and cancel"),
            };
            view! { <Confirm action="/do/undo_job" label=label verb=verb hidden=page.hidden()><Undoing job=job/></Confirm> }.into_any()
        }
        FailureAction::StartOver => {
            let href = format!("/a/{}/provisioning/new?from={}", page.agency, page.job.row.id);
            view! { <ButtonLink href=href look=ButtonStyle::Quiet>"Start over as new job"</ButtonLink> }.into_any()
        }
    }
}

/// A job that waits. After a failure it shows when the next attempt is and how to start it now or stop; otherwise
/// it shows what the job waits for.
#[component]
fn RetryingCard(page: JobPageContext, waiting: Waiting) -> impl IntoView {
    let row = &page.job.row;
    let after_failure = labels::waits_after_failure(row);
    let tone = if after_failure { Tone::Retrying } else { Tone::Running };
    let next = if after_failure { "Retrying in " } else { "Checking again in " };
    let tries = after_failure.then(|| format!(" \u{b7} {} of {} retries used", row.retry_count, row.max_retries));
    let now = (page.may && page.job.operations.contains(&Operation::Retry)).then(|| {
        let words = if after_failure { "Retry" } else { "Check now" };
        view! { <PostButton action="/do/retry_job" hidden=page.hidden() look=ButtonStyle::Secondary>{words}</PostButton> }
    });
    let stop = (after_failure && page.may && page.job.operations.contains(&Operation::Cancel)).then(|| {
        let job = page.job.clone();
        view! { <Confirm action="/do/cancel_job" label="Stop retrying" verb="Stop and undo" hidden=page.hidden() look=ButtonStyle::Quiet><Undoing job=job/></Confirm> }
    });
    let said = after_failure.then(|| row.error.clone()).flatten().filter(|said| *said != waiting.reason);
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
