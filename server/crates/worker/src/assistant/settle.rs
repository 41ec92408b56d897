//! What becomes of what the assistant thought? The conversation is locked and looked at again: whatever happened meanwhile
//! comes first. What is sent, noted and told, and the state of the answer, are one transaction.

use domain::assistant::{AnswerState, HandOver, Source};
use domain::messaging::{AiMode, Owner, Sender, length};
use domain::notifications::Kind as News;
use domain::{MessageId, text};
use serde_json::json;
use store::assistant::answers::{self, Outcome};
use store::assistant::{self, Facts, usage};
use store::events::{self, Event};
use store::messaging::outgoing::NewOutgoing;
use store::messaging::{conversations, outgoing};
use store::tenant::TenantTx;

use super::ask::Cost;
use super::journal::Journal;
use super::kill::AnswerPoint;
use super::task::Task;
use super::{Thought, gate, words};
use crate::Worker;
use crate::failed::Failed;

/// What is stored of an answer besides its trace and cost.
struct End {
    state: AnswerState,
    reason: Option<&'static str>,
    text: Option<String>,
    sources: Vec<Source>,
    reply: Option<MessageId>,
}

impl End {
    const fn dropped(reason: &'static str) -> Self {
        Self { state: AnswerState::Dropped, reason: Some(reason), text: None, sources: Vec::new(), reply: None }
    }
}

/// Ends the answer. One that somebody else ended meanwhile is left as it is.
pub(super) async fn settle(
    worker: &Worker,
    task: &Task,
    thought: Thought,
    cost: &Cost,
    mut journal: Journal,
) -> Result<(), Failed> {
    let mut tx = task.place.begin(worker).await?;
    let facts = match assistant::lock(&mut tx, task.place.conversation).await {
        Err(store::Error::NotFound) => return Ok(()),
        found => found?,
    };
    let end = match overtaken(&mut tx, task, &facts).await? {
        Err(why) => {
            journal.step("drop", why);
            End::dropped(why)
        }
        Ok(mode) => carry_out(&mut tx, task, &facts, mode, thought, &mut journal).await?,
    };
    let outcome = Outcome {
        state: end.state,
        text: end.text.as_deref(),
        reason: end.reason,
        sources: &end.sources,
        trace: journal.trace(),
        provider: Some(cost.provider).filter(|provider| !provider.is_empty()),
        model: Some(cost.model.as_str()).filter(|model| !model.is_empty()),
        latency_ms: Some(journal.elapsed_ms()),
        reply: end.reply,
    };
    match answers::finish(&mut tx, task.answer, &outcome).await {
        Err(store::Error::Stale) => return Ok(()),
        done => done?,
    }
    worker.answer_hook.at(AnswerPoint::Written)?;
    tx.commit().await?;
    let (state, reason) = (end.state.key(), end.reason);
    let (prompt_tokens, completion_tokens, micros) = (cost.prompt_tokens, cost.completion_tokens, cost.micros);
    tracing::info!(event = "assistant.answered", conversation = %task.place.conversation, answer = %task.answer, state, reason, attempt = task.attempt, prompt_tokens, completion_tokens, micros, "the assistant is done with a message");
    worker.answer_hook.at(AnswerPoint::Settled)
}

/// Whether the assistant drafts or sends now, or what came first. A newer message is looked at by itself.
async fn overtaken(tx: &mut TenantTx, task: &Task, facts: &Facts) -> store::Result<Result<AiMode, &'static str>> {
    let mode = match gate::may(&gate::facts(facts)) {
        Ok(mode) => mode,
        Err(why) => return Ok(Err(why)),
    };
    if facts.newest_inbound != Some(task.trigger) {
        super::wake(tx, task.place.conversation).await?;
        return Ok(Err("The customer wrote again."));
    }
    Ok(Ok(mode))
}

async fn carry_out(
    tx: &mut TenantTx,
    task: &Task,
    facts: &Facts,
    mode: AiMode,
    thought: Thought,
    journal: &mut Journal,
) -> store::Result<End> {
    let may_send = mode == AiMode::Auto && facts.window.allows_automation();
    match thought {
        Thought::Nothing(why) => {
            journal.step("drop", why);
            Ok(End::dropped(why))
        }
        Thought::OptOut => opt_out(tx, task, may_send, journal).await,
        Thought::HandOver(HandOver::Budget) if mode == AiMode::Draft => no_draft(tx, task, journal).await,
        Thought::HandOver(reason) => hand_over(tx, task, facts, reason, may_send, journal).await,
        Thought::Say { text, sources } if mode == AiMode::Draft => {
            journal.step("draft", "It waits for a person.");
            Ok(End { state: AnswerState::Drafted, reason: None, text: Some(text), sources, reply: None })
        }
        Thought::Say { .. } if !may_send => hand_over(tx, task, facts, HandOver::OutsideWindow, false, journal).await,
        Thought::Say { text, sources } => {
            let reply = send(tx, task, &text).await?;
            journal.step("send", "It was put into the queue of the channel.");
            Ok(End { state: AnswerState::Sent, reason: None, text: Some(text), sources, reply })
        }
    }
}

/// Says once a day in a conversation that there is no draft because the tokens are used up. The customer waits for people as
/// before, and tomorrow there are drafts again.
async fn no_draft(tx: &mut TenantTx, task: &Task, journal: &mut Journal) -> store::Result<End> {
    let (conversation, why) = (task.place.conversation, words::why(HandOver::Budget));
    if !usage::was_dropped_today(tx, conversation, why).await? {
        outgoing::note(tx, conversation, None, words::NO_DRAFT).await?;
    }
    journal.step("drop", why);
    Ok(End::dropped(why))
}

/// Puts a text into the queue of the channel, as several messages if one does not hold it. Before the first one of a
/// conversation stands that no person answers. Returns the first message.
async fn send(tx: &mut TenantTx, task: &Task, said: &str) -> store::Result<Option<MessageId>> {
    let disclosure = task.settings.disclosure_in(task.language());
    let whole = if task.is_known { said.to_owned() } else { format!("{disclosure}\n\n{said}") };
    let mut first = None;
    for part in length::split(task.turn.kind, &text::lines(&whole)) {
        let new = NewOutgoing {
            conversation: task.place.conversation,
            sender: Sender::Assistant,
            user: None,
            kind: "text",
            body: &part,
            details: json!({}),
            reply_to: None,
        };
        let id = outgoing::add(tx, &new).await?;
        first = first.or(Some(id));
    }
    Ok(first)
}

/// Keeps that the customer wants no automatic messages, and says so once, where it may.
async fn opt_out(tx: &mut TenantTx, task: &Task, may_send: bool, journal: &mut Journal) -> store::Result<End> {
    assistant::opt_out(tx, task.place.conversation).await?;
    let line = words::opted_out(task.language());
    let reply = if may_send { send(tx, task, line).await? } else { None };
    outgoing::note(tx, task.place.conversation, None, words::OPTED_OUT).await?;
    journal.step("opt_out", words::OPTED_OUT);
    let state = if reply.is_some() { AnswerState::Sent } else { AnswerState::Dropped };
    let said = reply.map(|_| line.to_owned());
    Ok(End { state, reason: Some("The customer wants no automatic messages."), text: said, sources: Vec::new(), reply })
}

/// Tells those who manage the agency, in words that name no customer: they go out by mail and to other programs, too.
async fn tell(tx: &mut TenantTx, task: &Task, reason: HandOver) -> store::Result<()> {
    let event = Event {
        kind: News::ConversationHandedOver,
        key: format!("{}:{}", News::ConversationHandedOver, task.answer),
        subject: Some(task.place.conversation.0),
        business: Some(task.place.business),
        to: None,
        title: &task.turn.business_name,
        detail: words::why(reason),
    };
    events::tell(tx, &event).await
}

/// Leaves the conversation to people: the customer hears the agreed line, people find a note and are told.
async fn hand_over(
    tx: &mut TenantTx,
    task: &Task,
    facts: &Facts,
    reason: HandOver,
    may_send: bool,
    journal: &mut Journal,
) -> store::Result<End> {
    let conversation = task.place.conversation;
    let line = task.settings.hand_over_line_in(task.language());
    let reply = if may_send { send(tx, task, line).await? } else { None };
    let note = words::note(reason, &task.question, task.counted.in_a_row);
    let note = outgoing::note(tx, conversation, None, &note).await?;
    let quoted: Vec<MessageId> = task.open.iter().map(|message| message.id).collect();
    assistant::quotes(tx, note, &quoted).await?;
    let own_mode = outgoing::place(tx, conversation).await?.ai_mode;
    conversations::set_ai(tx, conversation, own_mode, Owner::WaitingHuman, facts.paused_until).await?;
    tell(tx, task, reason).await?;
    journal.step("hand_over", words::why(reason));
    let said = reply.map(|_| line.to_owned());
    Ok(End { state: AnswerState::HandedOver, reason: Some(reason.key()), text: said, sources: Vec::new(), reply })
}
