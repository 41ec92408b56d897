//! What does a language model make of a question? Its text is checked word by word; whatever is not fit to be said, and every
//! tool but the one that asks for a person, ends with a person.

use std::time::Duration;

use domain::assistant::{Decision, HandOver, guard, rules};
use domain::messaging::Sender;
use model::{Client, Error, Reply, Request};
use outbound::CallContext;
use store::assistant::usage::{self, Call};

use super::journal::Journal;
use super::matter::Matter;
use super::prompt::{self, HAND_OVER, Prompt};
use super::{figures, grounds, local, watched};
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;
use crate::time_scale::minutes;
use crate::{Worker, retry};

/// How long a customer waits for a model that fails, before people answer instead.
pub(super) const PATIENCE: Duration = minutes(3);
/// The most characters of the reason that a model gives.
const REASON: usize = 200;
/// An answer of which a smaller share rests on the business's words is not taken from them.
const LEAST: f32 = 0.15;

/// What an answer cost.
#[derive(Clone, Debug)]
pub(super) struct Cost {
    /// Who wrote it.
    pub provider: &'static str,
    /// The model.
    pub model: String,
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Tokens of the answer.
    pub completion_tokens: u32,
    /// Millionths of a US dollar; `None` if nobody said what the model costs.
    pub micros: Option<i64>,
}

impl Default for Cost {
    fn default() -> Self {
        Self { provider: "", model: String::new(), prompt_tokens: 0, completion_tokens: 0, micros: Some(0) }
    }
}

/// Asks the model. An error means that the same is tried again later; after the last try the answer is left to people.
pub(super) async fn model(
    worker: &Worker,
    client: &Client,
    matter: &Matter<'_>,
    journal: &mut Journal,
) -> Result<(Decision, Cost), Failed> {
    let about =
        CallContext { agency: Some(matter.agency.0), business: Some(matter.business.0), ..CallContext::default() };
    if matter.attempt > 1
        && let Err(wait) = client.repeat(&about)
    {
        let cost = Cost { provider: client.provider().key(), model: name(client.model()), ..Cost::default() };
        return later(worker, matter, Error::RateLimited { retry_after: wait }, journal)
            .map(|given_up| (given_up, cost));
    }
    let prompt = prompt::write(matter);
    let answered = match matter.watched {
        Some(case) => watched::answer(worker, client, matter, &prompt, case, &about).await,
        None => client.answer(&prompt.request, &about).await,
    };
    let cost = paid(client, &prompt.request, &answered);
    count(worker, matter, &cost).await;
    match answered {
        Ok(reply) => {
            let detail =
                format!("{} read {} tokens and wrote {}.", client.model(), cost.prompt_tokens, cost.completion_tokens);
            journal.step("model", detail);
            Ok((judged(matter, &prompt, &reply, journal), cost))
        }
        Err(error) => later(worker, matter, error, journal).map(|given_up| (given_up, cost)),
    }
}

/// The name of a model as it is stored.
fn name(of: &str) -> String {
    of.chars().take(120).collect()
}

/// What a call cost. One without an answer may have been read all the same.
fn paid(client: &Client, request: &Request, answered: &Result<Reply, Error>) -> Cost {
    let (prompt_tokens, completion_tokens) = match answered {
        Ok(reply) => (reply.prompt_tokens, reply.completion_tokens),
        Err(error) if error.may_cost() => (request.tokens(), 0),
        Err(_) => (0, 0),
    };
    let replied = answered.as_ref().ok().map(|reply| reply.model.as_str()).filter(|model| !model.is_empty());
    Cost {
        provider: client.provider().key(),
        model: name(replied.unwrap_or_else(|| client.model())),
        prompt_tokens,
        completion_tokens,
        micros: client.cost(prompt_tokens, completion_tokens),
    }
}

/// Counts what a call cost, whatever becomes of its answer, in a transaction of its own. A count that fails is told and no
/// more: the answer was paid for.
async fn count(worker: &Worker, matter: &Matter<'_>, cost: &Cost) {
    let call = Call {
        answer: matter.answer,
        prompt_tokens: cost.prompt_tokens,
        completion_tokens: cost.completion_tokens,
        micros: cost.micros,
    };
    let counted = async {
        let mut tx = tenant_tx(worker, matter.agency, Some(matter.business)).await?;
        usage::count(&mut tx, &call).await?;
        tx.commit().await
    };
    if call.tokens() > 0
        && let Err(error) = counted.await
    {
        let (business, tokens) = (matter.business, call.tokens());
        tracing::error!(event = "assistant.uncounted", %business, tokens, %error, "what a call of the language model cost could not be counted");
    }
}

/// What a failed call means: the same again later, or people answer.
fn later(worker: &Worker, matter: &Matter<'_>, error: Error, journal: &mut Journal) -> Result<Decision, Failed> {
    journal.step("model", format!("No answer: {error} ({}).", error.key()));
    let left = worker.time_scale.guard(PATIENCE).saturating_sub(matter.waited);
    let given_up = |reason| Ok(Decision::HandOver { reason });
    if error == Error::Refused {
        return given_up(HandOver::ModelAsked);
    }
    if !error.is_transient() || matter.attempt >= super::TRIES || left.is_zero() {
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
fn judged(matter: &Matter<'_>, prompt: &Prompt, reply: &Reply, journal: &mut Journal) -> Decision {
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
    let passages: Vec<&str> = matter.passages.iter().map(|passage| passage.content.as_str()).collect();
    let text = match guard::check(&reply.text, &prompt.context(matter, &passages)) {
        Ok(text) => text,
        Err(blocked) => {
            journal.step("guard", format!("The answer is not fit to be sent: {}.", blocked.key()));
            return Decision::HandOver { reason: HandOver::Blocked };
        }
    };
    journal.step("guard", "The answer is fit to be sent.");
    if rules::never_topic(&text, matter.settings).is_some() {
        journal.step("rules", "The answer is about a topic that only people handle.");
        return Decision::HandOver { reason: HandOver::NeverTopic };
    }
    grounded(matter, text, journal)
}

/// Answers with a text that rests on what the business said, and gives no number that it did not give; a greeting needs no
/// words to rest on.
fn grounded(matter: &Matter<'_>, text: String, journal: &mut Journal) -> Decision {
    let told = matter.settings.told().into_iter().chain([matter.settings.instructions.as_str()]);
    let known: Vec<&str> = matter.passages.iter().map(|passage| passage.content.as_str()).chain(told).collect();
    let rests = grounds::rests(&text, known.iter().copied());
    let confidence = if grounds::is_greeting(matter.question) { 1.0 } else { rests };
    journal.step("grounds", format!("{:.0}% of its words come from the business's own texts.", confidence * 100.0));
    if confidence < LEAST {
        return Decision::HandOver { reason: HandOver::NoKnowledge };
    }
    if figures::invents(&text, known.into_iter().chain(around(matter)), matter.question) {
        journal.step("grounds", "It has a number that the business does not give.");
        return Decision::HandOver { reason: HandOver::Blocked };
    }
    let used = matter.passages.iter().filter(|passage| grounds::rests(&text, [passage.content.as_str()]) > 0.0);
    Decision::Answer { sources: used.map(local::source).collect(), text, confidence }
}

/// What else the business said that may have numbers: in the conversation, in its titles, addresses and name.
fn around<'a>(matter: &Matter<'a>) -> impl Iterator<Item = &'a str> {
    let said = matter.earlier.iter().filter(|message| message.sender != Sender::Contact);
    let headings =
        matter.passages.iter().flat_map(|one| [one.title.as_str(), one.question.as_deref().unwrap_or_default()]);
    let links = matter.settings.links.iter().map(String::as_str);
    said.map(|message| message.text.as_str()).chain(headings).chain(links).chain([matter.business_name])
}
