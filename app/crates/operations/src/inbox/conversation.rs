//! Who looks after a conversation, does it still need somebody, and may the assistant answer in it?

use chrono::{DateTime, TimeDelta, Utc};
use domain::messaging::{AiMode, ConversationStatus, Owner};
use domain::permission::Right;
use domain::work::Kind;
use domain::{ConversationId, UserId};
use serde_json::json;
use store::assistant::answers;
use store::audit::{self, Act};
use store::memberships;
use store::messaging::{channels, conversations, list, outgoing, signs};
use store::queue::{self, Work};

use super::draft::TAKEN_OVER;
use super::record;
use crate::{BusinessActor, Refusal};

/// The longest time for which a conversation can be put off.
const LONGEST: TimeDelta = TimeDelta::days(366);
/// What a person reads who takes back what was changed since.
const CHANGED: &str = "Someone else changed it in the meantime, so nothing was undone.";

/// What a change has to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected<T> {
    /// Whatever is there.
    Anything,
    /// What the person left there: whoever takes back what they did takes back nothing that somebody else did since.
    Only(T),
}

impl<T: PartialEq> Expected<T> {
    fn check(&self, found: &T) -> Result<(), Refusal> {
        match self {
            Self::Only(left) if left != found => Err(Refusal::State(CHANGED.to_owned())),
            Self::Anything | Self::Only(_) => Ok(()),
        }
    }
}

/// Gives a conversation to somebody of the business, to oneself, or to nobody in particular. Returns who had it before.
///
/// # Errors
/// `NotFound` if there is no such conversation; `Invalid` if the person does not work for the business; `State` if somebody
/// else has it than is expected.
pub async fn assign(
    actor: &BusinessActor,
    conversation: ConversationId,
    to: Option<UserId>,
    expected: Expected<Option<UserId>>,
) -> Result<Option<UserId>, Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    if let Some(user) = to.filter(|user| *user != actor.user()) {
        let members = memberships::of_business(&mut tx).await?;
        if !members.iter().any(|member| member.user == user) {
            return Err(Refusal::field("user", "Choose a team member."));
        }
    }
    // Locks it.
    outgoing::place(&mut tx, conversation).await?;
    let before = list::line(&mut tx, conversation).await?.assigned_to;
    expected.check(&before)?;
    conversations::assign(&mut tx, conversation, to).await?;
    record(&mut tx, conversation, "conversation.assigned").await?;
    tx.commit().await?;
    Ok(before)
}

/// Opens or closes a conversation, or puts it off until a time. The next message of the customer opens it again. Returns in
/// which state it was. A customer whom nobody answered waits again if a person takes back that they closed it.
///
/// # Errors
/// `NotFound` if there is no such conversation; `Invalid` if the time is missing, over, or more than a year ahead; `State` if
/// it is in another state than is expected.
pub async fn set_conversation_status(
    actor: &BusinessActor,
    conversation: ConversationId,
    status: ConversationStatus,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    expected: Expected<ConversationStatus>,
) -> Result<ConversationStatus, Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let until = until.filter(|_| status == ConversationStatus::Snoozed);
    if status == ConversationStatus::Snoozed && until.is_none_or(|until| until <= now || until > now + LONGEST) {
        return Err(Refusal::field("until", "Choose a time from now on, at most a year ahead."));
    }
    // Locks it.
    outgoing::place(&mut tx, conversation).await?;
    let before = list::line(&mut tx, conversation).await?.status;
    expected.check(&before)?;
    conversations::set_status(&mut tx, conversation, status, until).await?;
    if status == ConversationStatus::Open && expected == Expected::Only(ConversationStatus::Closed) {
        conversations::wait_again(&mut tx, conversation).await?;
    }
    let act = Act::new("conversation.status", "conversation").object(conversation);
    audit::record(&mut tx, act.payload(json!({ "status": status.key() }))).await?;
    tx.commit().await?;
    Ok(before)
}

/// Marks everything in a conversation as read, and lets the customer see it where the channel shows that.
///
/// # Errors
/// `NotFound` if there is no such conversation.
pub async fn mark_read(actor: &BusinessActor, conversation: ConversationId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let last = conversations::mark_read(&mut tx, conversation).await?;
    if last.is_some() {
        let place = outgoing::place(&mut tx, conversation).await?;
        if place.active && !place.held {
            signs::send_receipt(&mut tx, place.channel, conversation).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// What a person decides about the assistant in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assistant {
    /// It may do this here; `None` as much as on the whole channel.
    Mode(Option<AiMode>),
    /// A person answers from now on.
    TakeOver,
    /// The assistant answers again, as far as its mode allows.
    GiveBack,
}

/// Says what the assistant may do in a conversation, or who answers it. Its draft is dropped where it has nothing to do any
/// more.
///
/// # Errors
/// `NotFound` if there is no such conversation.
pub async fn set_ai(actor: &BusinessActor, conversation: ConversationId, change: Assistant) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let known = outgoing::place(&mut tx, conversation).await?;
    let (mode, owner, until) = match change {
        Assistant::Mode(mode) => (mode, known.owner, known.ai_paused_until),
        Assistant::TakeOver => (known.ai_mode, Owner::Human, None),
        Assistant::GiveBack => (known.ai_mode, Owner::Bot, None),
    };
    conversations::set_ai(&mut tx, conversation, mode, owner, until).await?;
    let in_force = mode.unwrap_or(channels::get(&mut tx, known.channel).await?.ai_mode);
    if owner != Owner::Bot || in_force == AiMode::Off {
        answers::drop_drafts(&mut tx, conversation, TAKEN_OVER).await?;
    }
    if change == Assistant::GiveBack {
        // What the customer wrote meanwhile still waits for an answer.
        let work = Work::new(Kind::AnswerConversation).subject(conversation.0).once(format!("answer:{conversation}"));
        queue::add(&mut tx, &work).await?;
    }
    record(&mut tx, conversation, "conversation.assistant").await?;
    Ok(tx.commit().await?)
}
