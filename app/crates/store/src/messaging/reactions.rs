//! Who reacted to a message, and how? One reaction of each side, the latest by the platform's clock.

use chrono::{DateTime, Utc};
use domain::messaging::inbound::Person;
use domain::{BusinessId, ConversationId, MessageId, text};

use super::changes::in_thread;
use super::channels::ChannelRow;
use super::early::{self, Said};
use super::incoming::{clock, external_id, happened};
use super::trimmed::trimmed;
use crate::{Result, TenantTx};

/// Stores a reaction of the customer, or of the business outside of our inbox. An empty emoji takes it back. `None` if
/// the message has not come yet; it gets the reaction then.
#[expect(clippy::too_many_arguments, reason = "each is one word of the platform's event")]
pub async fn react(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    _person: &Person,
    echo: bool,
    target: &str,
    emoji: &str,
    at: Option<DateTime<Utc>>,
) -> Result<Option<ConversationId>> {
    let Some(target) = external_id(target) else { return Ok(None) };
    let (at, emoji) = (happened(at, clock(tx).await?), trimmed(&text::line(emoji), 16));
    let said = Said::Reaction { by_contact: !echo, emoji: emoji.clone() };
    let Some((message, conversation)) = early::find_or_keep(tx, channel, target, at, &said).await? else {
        return Ok(None);
    };
    store(tx, channel.business, message, !echo, &emoji, at).await?;
    in_thread(tx, conversation).await?;
    Ok(Some(conversation))
}

pub(super) async fn store(
    tx: &mut TenantTx,
    business: BusinessId,
    message: MessageId,
    by_contact: bool,
    emoji: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into message_reactions (sub_account_id, message_id, by_contact, emoji, happened_at) values ($1, $2, $3, $4, $5)
         on conflict (sub_account_id, message_id, by_contact) do update set emoji = excluded.emoji, happened_at = excluded.happened_at
         where message_reactions.happened_at <= excluded.happened_at",
        business.0,
        message.0,
        by_contact,
        emoji,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
