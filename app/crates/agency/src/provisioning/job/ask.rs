//! The card of a job that asks a person: what happened, what it means, the question, and each possible answer as a
//! form of its own. Refused fields are shown with the reason. An answer that needs a value has a field for it
//! beside its button.

use domain::provisioning::{Choice, Failure, FailureAction, Operation, Question, QuestionKind};
use kit::{Button, ButtonLink, ButtonStyle, Filled, Form, StatusIcon, TextField, Tone};
use leptos::prelude::*;

use super::state::failure_buttons;
use super::view::JobPageContext;
use crate::provisioning::answer_link::AskClient;
use crate::provisioning::client_fields::ClientFields;
use crate::provisioning::order_form::CLIENT;

/// The question of a job that waits for a person.
#[component]
pub fn Ask(
    /// The job.
    page: JobPageContext,
) -> impl IntoView {
    let Some(question) = page.job.question.clone() else { return ().into_any() };
    let may = page.may && page.job.operations.contains(&Operation::Resume);
    let answers = may.then(|| view! { <Answers page=page.clone() question=question.clone()/> });
    let failure = page.job.failure.clone().map(|failure| {
        // The answers already resume the job. What remains is to change the order, to undo, or to start over.
        let answered = |failure_action: &FailureAction| {
            matches!(failure_action, FailureAction::Retry)
                || (*failure_action == FailureAction::Skip
                    && question.choices.iter().any(|choice| choice.key == "skip"))
        };
        Failure {
            actions: failure.actions.iter().copied().filter(|failure_action| !answered(failure_action)).collect(),
            ..failure
        }
    });
    let others = failure.map(|failure| failure_buttons(&page, &failure)).unwrap_or_default();
    let hint =
        (!may).then(|| view! { <p class="text-sm text-fg-2">"Somebody who may provision clients has to answer."</p> });
    view! {
        <section class="flex flex-col gap-4 rounded-card border border-warn/40 bg-surface p-4" aria-label="The job asks you">
            <div class="flex gap-3">
                <span class="mt-[3px]"><StatusIcon tone=Tone::Asks size=16/></span>
                <div class="flex min-w-0 flex-col gap-1">
                    <h2 class="text-md font-semibold">{question.what.clone()}</h2>
                    <p class="max-w-[68ch] text-fg-2">{question.effect.clone()}</p>
                    <p class="pt-1 font-medium">{question.ask.clone()}</p>
                </div>
            </div>
            {answers}
            {hint}
            {(!others.is_empty()).then(|| view! { <div class="flex flex-wrap items-center gap-2 border-t border-line pt-3">{others}</div> })}
        </section>
    }
    .into_any()
}

/// The refused fields, then the choices.
#[component]
fn Answers(page: JobPageContext, question: Question) -> impl IntoView {
    let fields: Vec<&'static str> = CLIENT.into_iter().filter(|name| question.asks_for(name)).collect();
    let mends = !fields.is_empty();
    let mend = mends.then(|| {
        let filled = if page.filled.is_bad() { page.filled.clone() } else { refused(&question) };
        let client = page.job.order.client.clone();
        view! {
            <Form action="/do/resume_job" filled=filled hidden=page.resuming() class="flex max-w-md flex-col gap-4">
                <ClientFields names=fields editing=true client=client/>
                <div><Button look=ButtonStyle::Primary>{format!("Resume from {}", question.step.label())}</Button></div>
            </Form>
        }
    });
    let connect = (question.kind == QuestionKind::Reconnect).then(|| {
        view! { <ButtonLink href=format!("/a/{}/connections", page.agency) look=ButtonStyle::Primary>"Open Connections"</ButtonLink> }
    });
    let first = mend.is_none() && connect.is_none();
    let choices = question
        .choices
        .into_iter()
        .enumerate()
        .map(|(at, choice)| view! { <Answer page=page.clone() choice=choice main={first && at == 0}/> })
        .collect_view();
    let client = mends.then(|| view! { <AskClient page=page.clone()/> });
    view! { {mend}{client}{connect.map(|link| view! { <div>{link}</div> })}<ul class="flex flex-col gap-3">{choices}</ul> }
}

/// The question's errors, as if the form had just been posted and refused.
pub fn refused(question: &Question) -> Filled {
    let errors = question
        .fields
        .iter()
        .map(|error| (format!("/input/{}", error.pointer.rsplit('/').next().unwrap_or_default()), error.detail.clone()))
        .collect();
    Filled { errors, ..Filled::default() }
}

/// One possible answer: its button, its consequence, and the value it needs.
#[component]
fn Answer(page: JobPageContext, choice: Choice, main: bool) -> impl IntoView {
    let mut hidden = page.resuming();
    hidden.push(("/answer", choice.key.clone()));
    let typed = choice.needs.is_some();
    if let (Some(value), false) = (&choice.value, typed) {
        hidden.push(("/answer/value", value.clone()));
    }
    // Values that came back belong to the answer that was tried.
    let mine = page.filled.values.get("/answer").is_none_or(|tried| *tried == choice.key);
    let filled = if mine && typed { page.filled.clone() } else { Filled::default() };
    let value = choice.value.unwrap_or_default();
    let look = if main { ButtonStyle::Primary } else { ButtonStyle::Secondary };
    view! {
        <li>
            <Form action="/do/resume_job" filled=filled hidden=hidden class="flex max-w-xl flex-col gap-2">
                {choice.needs.map(|what| view! { <TextField name="/answer/value" label=what value=value required=true maxlength=255_u32/> })}
                <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
                    <Button look=look>{choice.label}</Button>
                    <span class="min-w-0 text-sm text-fg-2">{choice.consequence}</span>
                </div>
            </Form>
        </li>
    }
}
