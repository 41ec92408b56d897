//! What can a person do with one message: send a failed one again, take back one that was not sent yet, react to one of
//! the customer?

use domain::MessageId;
use domain::messaging::template::is_marketing;
use domain::messaging::{Channel, MessageStatus};
use domain::permission::Right;
use domain::text;
use store::messaging::outgoing::{self, TEMPLATE};
use store::messaging::{decided, signs};

use super::{in_use, open_for_words, record};
use crate::{BusinessActor, Refusal};

/// Sends a message that failed once more, as the same message, behind what waits before it.
///
/// # Errors
/// `NotFound` if there is no such message of ours; `Invalid` if the window is closed, or the customer refuses advertising;
/// `State` if it did not fail, failed more than 90 days ago, or its channel is disconnected.
pub async fn retry_message(actor: &BusinessActor, message: MessageId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let own = outgoing::own(&mut tx, message).await?;
    let place = outgoing::place(&mut tx, own.conversation).await?;
    if own.kind == TEMPLATE {
        in_use(&place)?;
        if own.category.as_deref().is_some_and(is_marketing) && place.refuses_marketing() {
            return Err(Refusal::field("message", "The customer opted out of marketing, so it can't be resent."));
        }
    } else {
        open_for_words(&place, "message")?;
    }
    if own.status == MessageStatus::Failed && !decided::is_kept(&mut tx, message).await? {
        let text = "This message failed more than 90 days ago, so it can't be resent. Write a new message.";
        return Err(Refusal::State(text.to_owned()));
    }
    let not_failed = || Refusal::State("This message didn't fail, or is already being resent.".to_owned());
    outgoing::retry(&mut tx, message).await.map_err(|error| match error {
        store::Error::Stale => not_failed(),
        other => other.into(),
    })?;
    record(&mut tx, own.conversation, "message.retried").await?;
    Ok(tx.commit().await?)
}

/// Takes a message back before it is sent.
///
/// # Errors
/// `NotFound` if there is no such message of ours; `State` if it was sent meanwhile.
pub async fn cancel_message(actor: &BusinessActor, message: MessageId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let conversation = outgoing::cancel(&mut tx, message).await.map_err(|error| match error {
        store::Error::Stale => Refusal::State("Too late: the message was sent or is being sent.".to_owned()),
        other => other.into(),
    })?;
    record(&mut tx, conversation, "message.canceled").await?;
    Ok(tx.commit().await?)
}

/// Hearts, the one reaction that Instagram takes.
const HEARTS: [&str; 2] = ["❤", "❤\u{fe0f}"];

/// Reacts to a message of the customer; an empty emoji takes the reaction back.
///
/// # Errors
/// `NotFound` if there is no such message of the customer; `Invalid` if it is no single emoji, the channel does not take
/// it, or the window is closed; `State` if the channel is disconnected.
pub async fn react(actor: &BusinessActor, message: MessageId, emoji: &str) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let emoji = emoji.trim();
    if !is_emoji(emoji) {
        return Err(Refusal::field("emoji", "Choose one emoji."));
    }
    let conversation = signs::react(&mut tx, message, emoji).await?;
    let place = outgoing::place(&mut tx, conversation).await?;
    open_for_words(&place, "emoji")?;
    match place.kind {
        Channel::Whatsapp => {}
        Channel::Instagram if emoji.is_empty() || HEARTS.contains(&emoji) => {}
        Channel::Instagram => return Err(Refusal::field("emoji", "Instagram only supports the heart reaction.")),
        _ => return Err(Refusal::field("emoji", "This channel doesn't support reactions from a business.")),
    }
    record(&mut tx, conversation, "message.reacted").await?;
    Ok(tx.commit().await?)
}

/// Whether it is empty, or one visible character that is no letter, digit or punctuation.
fn is_emoji(text: &str) -> bool {
    let first = text.chars().next();
    text::fits(text, 1)
        && text.chars().count() <= 16
        && first
            .is_none_or(|first| !first.is_alphanumeric() && !first.is_ascii() && !matches!(first, '\u{80}'..='\u{9f}'))
}

#[cfg(test)]
mod tests {
    use super::is_emoji;

    #[test]
    fn one_emoji_is_one_visible_sign() {
        for emoji in ["", "👍", "👍🏽", "❤\u{fe0f}", "🏳\u{fe0f}\u{200d}🌈", "🇪🇸"] {
            assert!(is_emoji(emoji), "{emoji:?}");
        }
        for other in ["a", "👍👍", "ok", "é", "1", "!", "\u{7f}"] {
            assert!(!is_emoji(other), "{other:?}");
        }
    }
}
