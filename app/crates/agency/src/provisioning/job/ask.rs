//! The card of a job that asks a person: what happened, what it means, the question, and each possible answer as a
//! form of its own. Refused fields are shown with the reason. An answer that needs a value has a field for it
//! beside its button.

use domain::provisioning::{Choice, Failure, FailureAction, Operation, Question, QuestionKind};
use kit::{Button, ButtonLink, ButtonStyle, Filled, Form, Glyph, StatusIcon, TextField, Tone};
use leptos::prelude::*;

use super::by_hand::ByHandAnswers;
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
        (!may).then(|| view! { <p class="text-sm text-fg-2">"Someone who can create clients needs to answer."</p> });
    view! {
        <section class="flex flex-col gap-4 rounded-card border border-warn/40 bg-surface p-4" aria-label="Needs your input">
            <div class="flex gap-3">
                <span class="mt-[3px]"><StatusIcon tone=Tone::Asks size=16/></span>
                <div class="flex min-w-0 flex-col gap-1">
                    <h2 class="text-md font-semibold">{question.what.clone()}</h2>
                    <p class="max-w-[68ch] text-fg-2">{question.effect.clone()}</p>
                    <p class="pt-1 font-medium">{question.ask.clone()}</p>
                </div>
            </div>
            <div class="flex flex-col gap-4 sm:ps-7">
                {answers}
                {hint}
                {(!others.is_empty()).then(|| view! { <div class="flex flex-wrap items-center gap-2 border-t border-line pt-3">{others}</div> })}
            </div>
        </section>
    }
    .into_any()
}

/// The refused fields, then the choices.
#[component]
fn Answers(page: JobPageContext, question: Question) -> impl IntoView {
    let by_hand = page.by_hand.clone().filter(|_| question.kind == QuestionKind::DoByHand);
    if let Some(facts) = by_hand {
        let filled = answered(&page, &question);
        return view! { <ByHandAnswers page question filled facts/> }.into_any();
    }
    let fields: Vec<&'static str> = CLIENT.into_iter().filter(|name| question.asks_for(name)).collect();
    let mends = !fields.is_empty();
    let mend = mends.then(|| {
        let filled = if page.filled.is_bad() { page.filled.clone() } else { refused(&question) };
        let client = page.job.order.client.clone();
        view! {
            <Form action="/do/resume_job" filled=filled hidden=page.resuming() class="flex max-w-md flex-col gap-4">
                <ClientFields names=fields editing=true client=client/>
                <div><Button look=ButtonStyle::Primary>{format!("Retry from \u{201c}{}\u{201d}", question.step.label())}</Button></div>
            </Form>
        }
    });
    let connect = (question.kind == QuestionKind::Reconnect).then(|| view! { <Reconnect page=page.clone()/> });
    let typed = answered(&page, &question);
    let first = mend.is_none() && connect.is_none();
    let choices = question
        .choices
        .into_iter()
        .enumerate()
        .map(|(at, choice)| {
            view! { <Answer page=page.clone() choice=choice filled=typed.clone() main={first && at == 0}/> }
        })
        .collect_view();
    let client = mends.then(|| view! { <AskClient page=page.clone()/> });
    view! { {mend}{client}{connect.map(|link| view! { <div>{link}</div> })}<ul class="flex flex-col gap-3">{choices}</ul> }
        .into_any()
}

/// The link that connects HighLevel again, for those who may; for others, the page that says who can.
#[component]
fn Reconnect(page: JobPageContext) -> impl IntoView {
    match page.connect {
        Some(href) => {
            view! { <ButtonLink href look=ButtonStyle::Primary icon=Glyph::Plug>"Reconnect HighLevel"</ButtonLink> }
                .into_any()
        }
        None => {
            let href = format!("/a/{}/connections", page.agency);
            view! { <ButtonLink href look=ButtonStyle::Primary>"Open Connections"</ButtonLink> }.into_any()
        }
    }
}

/// The form of an answer that was tried: refused at once, or by the step, which asks again and names the field.
fn answered(page: &JobPageContext, question: &Question) -> Filled {
    if page.filled.is_bad() {
        return page.filled.clone();
    }
    let wrong = question.fields.iter().filter(|error| error.pointer == "/answer/value");
    let errors: Vec<_> = wrong.map(|error| (error.pointer.clone(), error.detail.clone())).collect();
    if errors.is_empty() {
        return Filled::default();
    }
    let step = page.job.steps.iter().find(|step| step.step == question.step);
    let answer = step.map(|step| step.input["answer"].clone()).unwrap_or_default();
    let given = [("/answer", &answer["choice"]), ("/answer/value", &answer["value"])];
    let values = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned())));
    Filled { errors, values: values.collect(), message: None }
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
fn Answer(page: JobPageContext, choice: Choice, filled: Filled, main: bool) -> impl IntoView {
    let mut hidden = page.resuming();
    hidden.push(("/answer", choice.key.clone()));
    let typed = choice.needs.is_some();
    if let (Some(value), false) = (&choice.value, typed) {
        hidden.push(("/answer/value", value.clone()));
    }
    // Values that came back belong to the answer that was tried.
    let mine = filled.values.get("/answer").is_none_or(|tried| *tried == choice.key);
    let filled = if mine && typed { filled } else { Filled::default() };
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
