//! How does a person answer a customer, or leave a note for colleagues?

use domain::messaging::{Channel, Sender, length};
use domain::permission::Right;
use domain::text;
use domain::{ConversationId, MessageId};
use serde_json::{Value, json};
use store::assistant::answers;
use store::messaging::outgoing::{self, NewOutgoing};
use store::tenant::TenantTx;

use super::choices;
use super::draft::ANSWERED;
use super::files::{self, Attached};
use super::once::{self, Once};
use super::{open_for_words, record};
use crate::{BusinessActor, Refusal};

/// The most characters of an answer or a note.
const LONGEST: usize = 10_000;

/// An answer, as typed.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// The conversation.
    pub conversation: ConversationId,
    /// The text.
    pub text: &'a str,
    /// The message of the conversation that it quotes.
    pub reply_to: Option<MessageId>,
    /// The answers below it that the customer can give with one tap, one on each line.
    pub choices: &'a str,
    /// The key of the form: sent twice, it answers once.
    pub key: &'a str,
}

/// Sends an answer. A text that is too long for the channel goes as several messages in its order. A draft of the assistant
/// is dropped. Returns the messages; the same form returns the same ones.
///
/// # Errors
/// `Invalid` if the text is empty or too long, the answers below it do not fit, or the window is closed; `NotFound` if there
/// is no such conversation; `State` if its channel is disconnected; `KeyReused` if the key came with another text.
pub async fn reply(actor: &BusinessActor, reply: &Reply<'_>) -> Result<Vec<MessageId>, Refusal> {
    answer(actor, reply, None).await
}

/// Sends an answer with files, each as a message of its own after the text, which may be empty.
///
/// # Errors
/// As [`reply()`], and `Invalid` if the channel does not take one of the files, or there is no room for them.
pub async fn reply_with_files(
    actor: &BusinessActor,
    reply: &Reply<'_>,
    attached: Attached,
) -> Result<Vec<MessageId>, Refusal> {
    answer(actor, reply, Some(attached).filter(|attached| !attached.files.is_empty())).await
}

async fn answer(
    actor: &BusinessActor,
    reply: &Reply<'_>,
    attached: Option<Attached>,
) -> Result<Vec<MessageId>, Refusal> {
    let allowed = actor.require(Right::InboxReply)?;
    let is_empty = reply.text.trim().is_empty();
    let text = if attached.is_some() && is_empty { String::new() } else { typed("text", reply.text, "an answer")? };
    let mut tx = allowed.begin().await?;
    let mut values = vec![reply.conversation.to_string()];
    values.extend([reply.reply_to.map(|id| id.to_string()).unwrap_or_default(), text.clone()]);
    values.extend(Some(reply.choices.to_owned()).filter(|choices| !choices.is_empty()));
    values.extend(attached.iter().flat_map(|attached| &attached.files).map(|file| hex::encode(file.sha256)));
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let key = match once::begin(&mut tx, reply.key, "inbox.reply", &values).await? {
        Once::Done(done) => return Ok(messages(&done)),
        Once::New(key) => key,
    };
    let place = outgoing::place(&mut tx, reply.conversation).await?;
    open_for_words(&place, "text")?;
    let details = choices::details(place.kind, reply.choices, &text)?;
    choices::without_files(&details, attached.is_some())?;
    let new = NewOutgoing {
        conversation: reply.conversation,
        sender: Sender::Person,
        user: Some(actor.user()),
        kind: "text",
        body: &text,
        details,
        reply_to: reply.reply_to,
    };
    let mut sent = queue(&mut tx, place.kind, &new).await?;
    if let Some(attached) = attached {
        sent.extend(files::queue(&mut tx, &place, &new, attached).await?);
    }
    answers::drop_drafts(&mut tx, reply.conversation, ANSWERED).await?;
    done(tx, reply.conversation, key, "message.sent", &sent).await?;
    Ok(sent)
}

/// Queues a text, as several messages if one of the channel does not hold it. The first one quotes.
pub(super) async fn queue(tx: &mut TenantTx, kind: Channel, new: &NewOutgoing<'_>) -> Result<Vec<MessageId>, Refusal> {
    let mut sent = Vec::new();
    for (at, part) in length::split(kind, new.body).iter().enumerate() {
        let part = NewOutgoing { body: part, reply_to: new.reply_to.filter(|_| at == 0), ..new.clone() };
        sent.push(outgoing::add(tx, &part).await?);
    }
    Ok(sent)
}

/// Leaves a note for the people of the business. The customer never sees it.
///
/// # Errors
/// `Invalid` if the text is empty or too long; `NotFound` and `KeyReused` as [`reply()`].
pub async fn note(
    actor: &BusinessActor,
    conversation: ConversationId,
    body: &str,
    key: &str,
) -> Result<MessageId, Refusal> {
    let allowed = actor.require(Right::InboxReply)?;
    let body = typed("text", body, "a note")?;
    let mut tx = allowed.begin().await?;
    let values = [conversation.to_string(), body.clone()];
    let key = match once::begin(&mut tx, key, "inbox.note", &values.each_ref().map(String::as_str)).await? {
        Once::Done(done) => return messages(&done).pop().ok_or(Refusal::NotFound),
        Once::New(key) => key,
    };
    let id = outgoing::note(&mut tx, conversation, Some(actor.user()), &body).await?;
    done(tx, conversation, key, "message.noted", &[id]).await?;
    Ok(id)
}

/// Ends the transaction of an act that wrote messages.
pub(super) async fn done(
    mut tx: TenantTx,
    conversation: ConversationId,
    key: uuid::Uuid,
    action: &'static str,
    wrote: &[MessageId],
) -> Result<(), Refusal> {
    once::finish(&mut tx, key, &json!(wrote)).await?;
    record(&mut tx, conversation, action).await?;
    Ok(tx.commit().await?)
}

/// The messages that the same form wrote before.
pub(super) fn messages(done: &Value) -> Vec<MessageId> {
    serde_json::from_value(done.clone()).unwrap_or_default()
}

/// A text of a field, cleaned.
pub(super) fn typed(field: &str, text: &str, what: &str) -> Result<String, Refusal> {
    let text = text::lines(text);
    if text.is_empty() {
        return Err(Refusal::field(field, &text::TextError::Empty.say(what)));
    }
    if text::fits(&text, LONGEST) {
        return Ok(text);
    }
    Err(Refusal::field(field, &text::TextError::Long(LONGEST).say(what)))
}
