//! How does the customer see that we read or reacted? These signs may be sent twice without harm, and a conversation goes on
//! without them.

use domain::{ConversationId, MessageId};
use meta::send::{self, Content, Outgoing};
use serde_json::Value;
use store::messaging::signs;

use super::send::{Opened, Place, open};
use super::wire;
use crate::Worker;
use crate::failed::Failed;

/// A sign for the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// The conversation was read.
    Read(ConversationId),
    /// We reacted to a message.
    Reaction(MessageId),
}

impl Sign {
    /// The sign that the payload of a work item names, if it names one.
    pub(super) fn read(payload: &Value) -> Option<Self> {
        let id = |name: &str| payload.get(name).and_then(Value::as_str);
        let read = id("read").and_then(|id| id.parse().ok()).map(Self::Read);
        read.or_else(|| id("reaction").and_then(|id| id.parse().ok()).map(Self::Reaction))
    }
}

/// Sends a sign. One whose channel does not work is dropped.
pub(super) async fn send(worker: &Worker, place: Place, sign: Sign) -> Result<(), Failed> {
    let mut tx = place.begin(worker).await?;
    let target = match sign {
        Sign::Read(conversation) => signs::last_read(&mut tx, conversation).await?,
        Sign::Reaction(message) => signs::reaction(&mut tx, message).await?,
    };
    tx.commit().await?;
    let Some(target) = target else { return Ok(()) };
    let (Some(channel), Opened::Line(line)) = (wire::platform(target.kind), open(worker, place).await?) else {
        return Ok(());
    };
    let sender = line.sender(channel, &target.account);
    let done = match sign {
        Sign::Read(_) => send::mark_read(&worker.meta, line.call(), sender, &target.address, &target.external_id).await,
        Sign::Reaction(_) => {
            let emoji = Some(target.emoji).filter(|emoji| !emoji.is_empty());
            let reaction = Outgoing {
                to: wire::recipient(channel, &target.address),
                content: Content::Reaction { to: target.external_id, emoji },
                reply_to: None,
                own_id: None,
                late_answer: false,
            };
            send::send(&worker.meta, line.call(), sender, &reaction).await.map(|_| ())
        }
    };
    match (done, sign) {
        (Ok(()), _) => Ok(()),
        (Err(error), Sign::Reaction(_)) if error.passes() => Err(error.into()),
        (Err(error), Sign::Reaction(message)) => {
            tracing::info!(event = "message.reaction_refused", %message, %error, "Meta did not take a reaction");
            let mut tx = place.begin(worker).await?;
            signs::forget_reaction(&mut tx, message).await?;
            Ok(tx.commit().await?)
        }
        (Err(error), Sign::Read(conversation)) => {
            tracing::info!(event = "message.receipt_refused", %conversation, %error, "Meta did not take a read receipt");
            Ok(())
        }
    }
}
