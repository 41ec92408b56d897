//! What becomes of a draft of the assistant? A person sends it, as it is or changed, or dismisses it.

use domain::assistant::AnswerState;
use domain::assistant::view::DraftView;
use domain::messaging::Sender;
use domain::permission::Right;
use domain::{AnswerId, ConversationId, MessageId, text};
use serde_json::json;
use store::assistant::answers;
use store::messaging::outgoing::{self, NewOutgoing};
use store::tenant::TenantTx;

use super::once::{self, Once};
use super::reply::{done, messages, queue, typed};
use super::{open_for_words, record};
use crate::{BusinessActor, Refusal};

/// Why a draft stops being open when a person decided otherwise.
pub(super) const ANSWERED: &str = "A person answered.";
/// Why a draft stops being open when a person took the conversation over, or switched the assistant off.
pub(super) const TAKEN_OVER: &str = "A person took over.";

/// A draft that a person sends.
#[derive(Clone, Copy, Debug)]
pub struct SendDraft<'a> {
    /// The conversation.
    pub conversation: ConversationId,
    /// The draft.
    pub answer: AnswerId,
    /// The text, as the person saw or changed it.
    pub text: &'a str,
    /// The key of the form: sent twice, it answers once.
    pub key: &'a str,
}

/// Sends a draft as an answer of the assistant that this person approved. The assistant goes on in the conversation. Returns
/// the messages; the same form returns the same ones.
///
/// # Errors
/// `Invalid` if the text is empty or too long, or the window is closed; `NotFound` if there is no such conversation;
/// `State` if the draft is not open any more, or the channel is disconnected; `KeyReused` if the key came with another text.
pub async fn send_draft(actor: &BusinessActor, send: &SendDraft<'_>) -> Result<Vec<MessageId>, Refusal> {
    let allowed = actor.require(Right::InboxReply)?;
    let text = typed("draft", send.text, "an answer")?;
    let mut tx = allowed.begin().await?;
    let (conversation, answer) = (send.conversation.to_string(), send.answer.to_string());
    let key = match once::begin(&mut tx, send.key, "inbox.draft", &[&conversation, &answer, &text]).await? {
        Once::Done(done) => return Ok(messages(&done)),
        Once::New(key) => key,
    };
    // The place locks the conversation: of two people who decide at once, the second finds no draft.
    let place = outgoing::place(&mut tx, send.conversation).await?;
    let draft = open(&mut tx, send.conversation, send.answer).await?;
    open_for_words(&place, "draft")?;
    let new = NewOutgoing {
        conversation: send.conversation,
        sender: Sender::Assistant,
        user: Some(actor.user()),
        kind: "text",
        body: &text,
        details: json!({}),
        reply_to: None,
    };
    let sent = queue(&mut tx, place.kind, &new).await?;
    let state = if text == text::lines(&draft.text) { AnswerState::Sent } else { AnswerState::Edited };
    answers::decide(&mut tx, send.answer, state, actor.user(), sent.first().copied()).await?;
    done(tx, send.conversation, key, "draft.sent", &sent).await?;
    Ok(sent)
}

/// Dismisses a draft. The customer hears nothing of it.
///
/// # Errors
/// `NotFound` if there is no such conversation; `State` if the draft is not open any more.
pub async fn dismiss_draft(
    actor: &BusinessActor,
    conversation: ConversationId,
    answer: AnswerId,
) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    outgoing::place(&mut tx, conversation).await?;
    open(&mut tx, conversation, answer).await?;
    answers::decide(&mut tx, answer, AnswerState::Dismissed, actor.user(), None).await?;
    record(&mut tx, conversation, "draft.dismissed").await?;
    Ok(tx.commit().await?)
}

/// The draft, if it is the one that waits in this conversation.
async fn open(tx: &mut TenantTx, conversation: ConversationId, answer: AnswerId) -> Result<DraftView, Refusal> {
    let draft = answers::draft(tx, conversation).await?.filter(|draft| draft.answer == answer);
    let gone = "This draft is closed. Someone already handled it, or the customer wrote again.";
    draft.ok_or_else(|| Refusal::State(gone.to_owned()))
}
