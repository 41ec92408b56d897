//! What does a language model make of a question? Its text is checked word by word; whatever is not fit to be said, and every
//! tool but the one that asks for a person, ends with a person.

use std::time::Duration;

use domain::assistant::guard::{self, Context};
use domain::assistant::{Decision, HandOver, rules};
use domain::messaging::Sender;
use model::{Client, Error, Reply, Request};
use outbound::CallContext;

use super::journal::Journal;
use super::prompt::{self, HAND_OVER, Prompt};
use super::task::Task;
use super::{figures, grounds, local};
use crate::failed::Failed;
use crate::time_scale::minutes;
use crate::{Worker, retry};

/// How long a customer waits for a model that fails, before people answer instead.
pub(super) const PATIENCE: Duration = minutes(3);
/// The most characters of the reason that a model gives.
const REASON: usize = 200;
/// An answer of which a smaller share rests on the business's words is not taken from them.
const LEAST: f32 = 0.15;

/// What an answer cost.
#[derive(Clone, Debug, Default)]
pub(super) struct Cost {
    /// Who wrote it.
    pub provider: &'static str,
    /// The model.
    pub model: String,
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Tokens of the answer.
    pub completion_tokens: u32,
}

/// Asks the model. An error means that the same is tried again later; after the last try the answer is left to people.
pub(super) async fn model(
    worker: &Worker,
    client: &Client,
    task: &Task,
    journal: &mut Journal,
) -> Result<(Decision, Cost), Failed> {
    let about = CallContext {
        agency: Some(task.place.agency.0),
        business: Some(task.place.business.0),
        ..CallContext::default()
    };
    let cost = Cost {
        provider: client.provider().key(),
        model: client.model().chars().take(120).collect(),
        ..Cost::default()
    };
    if task.attempt > 1
        && let Err(wait) = client.repeat(&about)
    {
        return later(worker, task, Error::RateLimited { retry_after: wait }, journal).map(|given_up| (given_up, cost));
    }
    let prompt = prompt::write(&task.turn, &task.settings, &task.passages, &task.earlier, &task.question);
    match client.answer(&prompt.request, &about).await {
        Ok(reply) => {
            let detail =
                format!("{} read {} tokens and wrote {}.", cost.model, reply.prompt_tokens, reply.completion_tokens);
            journal.step("model", detail);
            let cost = Cost {
                prompt_tokens: reply.prompt_tokens,
                completion_tokens: reply.completion_tokens,
                model: Some(reply.model.chars().take(120).collect())
                    .filter(|name: &String| !name.is_empty())
                    .unwrap_or(cost.model),
                ..cost
            };
            Ok((judged(task, &prompt, &reply, journal), cost))
        }
        Err(error) => {
            let cost = Cost { prompt_tokens: spent(error, task.attempt, &prompt.request), ..cost };
            later(worker, task, error, journal).map(|given_up| (given_up, cost))
        }
    }
}

/// Tokens that a call without an answer may have cost, and those that failed before it.
fn spent(error: Error, attempt: i32, request: &Request) -> u32 {
    let tries = u32::try_from(attempt).unwrap_or(1);
    if error.may_cost() { request.tokens().saturating_mul(tries) } else { 0 }
}

/// What a failed call means: the same again later, or people answer.
fn later(worker: &Worker, task: &Task, error: Error, journal: &mut Journal) -> Result<Decision, Failed> {
    journal.step("model", format!("No answer: {error} ({}).", error.key()));
    let left = worker.time_scale.guard(PATIENCE).saturating_sub(task.waited);
    let given_up = |reason| Ok(Decision::HandOver { reason });
    if error == Error::Refused {
        return given_up(HandOver::ModelAsked);
    }
    if !error.is_transient() || task.attempt >= super::TRIES || left.is_zero() {
        return given_up(HandOver::ProviderDown);
    }
    match error.retry_after() {
        None => Err(Failed::new(error.to_string())),
        // A wait that the customer can stand costs no try.
        Some(wait) if retry::after(worker.time_scale.of(wait)) < left => Err(Failed::held(error.to_string(), wait)),
        Some(_) => given_up(HandOver::ProviderDown),
    }
}

/// What a reply means.
fn judged(task: &Task, prompt: &Prompt, reply: &Reply, journal: &mut Journal) -> Decision {
    if let Some(call) = reply.calls.first() {
        let is_known = call.name == HAND_OVER;
        let why = call.arguments["reason"].as_str().unwrap_or_default();
        let why: String = why.chars().take(REASON).collect();
        let detail = if is_known {
            format!("It asks for a person: {why}")
        } else {
            "It called a tool that there is not.".to_owned()
        };
        journal.step("tool", detail);
        return Decision::HandOver { reason: if is_known { HandOver::ModelAsked } else { HandOver::Blocked } };
    }
    let passages: Vec<&str> = task.passages.iter().map(|passage| passage.content.as_str()).collect();
    let context = Context {
        channel: task.turn.kind,
        settings: &task.settings,
        contact_phone: task.turn.contact_phone.as_deref(),
        contact_email: task.turn.contact_email.as_deref(),
        passages: &passages,
        canary: &prompt.canary,
        system: &prompt.request.system,
    };
    let text = match guard::check(&reply.text, &context) {
        Ok(text) => text,
        Err(blocked) => {
            journal.step("guard", format!("The answer is not fit to be sent: {}.", blocked.key()));
            return Decision::HandOver { reason: HandOver::Blocked };
        }
    };
    journal.step("guard", "The answer is fit to be sent.");
    if rules::never_topic(&text, &task.settings).is_some() {
        journal.step("rules", "The answer is about a topic that only people handle.");
        return Decision::HandOver { reason: HandOver::NeverTopic };
    }
    grounded(task, text, journal)
}

/// Answers with a text that rests on what the business said, and gives no number that it did not give; a greeting needs no
/// words to rest on.
fn grounded(task: &Task, text: String, journal: &mut Journal) -> Decision {
    let told = task.settings.told().into_iter().chain([task.settings.instructions.as_str()]);
    let known: Vec<&str> = task.passages.iter().map(|passage| passage.content.as_str()).chain(told).collect();
    let rests = grounds::rests(&text, known.iter().copied());
    let confidence = if grounds::is_greeting(&task.question) { 1.0 } else { rests };
    journal.step("grounds", format!("{:.0} % of its words are those of the business.", confidence * 100.0));
    if confidence < LEAST {
        return Decision::HandOver { reason: HandOver::NoKnowledge };
    }
    if figures::invents(&text, known.into_iter().chain(around(task)), &task.question) {
        journal.step("grounds", "It has a number that the business does not give.");
        return Decision::HandOver { reason: HandOver::Blocked };
    }
    let used = task.passages.iter().filter(|passage| grounds::rests(&text, [passage.content.as_str()]) > 0.0);
    Decision::Answer { sources: used.map(local::source).collect(), text, confidence }
}

/// What else the business said that may have numbers: in the conversation, in its titles, addresses and name.
fn around(task: &Task) -> impl Iterator<Item = &str> {
    let said = task.earlier.iter().filter(|message| message.sender != Sender::Contact);
    let headings =
        task.passages.iter().flat_map(|one| [one.title.as_str(), one.question.as_deref().unwrap_or_default()]);
    let links = task.settings.links.iter().map(String::as_str);
    said.map(|message| message.text.as_str()).chain(headings).chain(links).chain([task.turn.business_name.as_str()])
}
