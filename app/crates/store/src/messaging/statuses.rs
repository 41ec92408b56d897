//! How far has a message come that we sent? What the platform reports only raises it, in whatever order it comes; what is
//! reported before we know the platform's id is kept until then.

use chrono::{DateTime, Utc};
use domain::messaging::MessageStatus;
use domain::messaging::inbound::{Status, StatusState};
use domain::{BusinessId, ConversationId, MessageId};
use serde_json::json;

use super::changes::in_thread;
use super::channels::ChannelRow;
use super::early::{self, Said};
use super::incoming::{clock, external_id, happened};
use super::outgoing::{self, business};
use super::trimmed::trimmed;
use super::{echoes, unanswered};
use crate::{Result, TenantTx};

/// Stores what the platform reports of a message. `None` if it is of none that we know; it is kept then.
pub async fn report(
    tx: &mut TenantTx,
    channel: &ChannelRow,
    at: Option<DateTime<Utc>>,
    status: &Status,
) -> Result<Option<ConversationId>> {
    let Some(target) = external_id(&status.message) else { return Ok(None) };
    let at = happened(at, clock(tx).await?);
    if early::find(tx, channel, target).await?.is_none() {
        let failed_at = (status.state == StatusState::Failed).then_some(at);
        let named = echoes::correlated(tx, channel, status.correlation.as_deref(), target, failed_at).await?;
        if let Some(named) = named.filter(|named| named.is_former) {
            return Ok(Some(named.conversation));
        }
    }
    let found = early::find_or_keep(tx, channel, target, at, &Said::Status(Box::new(status.clone()))).await?;
    let Some((message, conversation)) = found else { return Ok(None) };
    raise(tx, channel.business, message, at, status).await?;
    in_thread(tx, conversation).await?;
    Ok(Some(conversation))
}

/// Applies what was reported of a message before we knew the platform's id of it.
pub async fn apply_early(tx: &mut TenantTx, message: MessageId, external_id: &str) -> Result<()> {
    let business = business(tx)?;
    early::apply(tx, business, message, external_id).await
}

/// Stores one report. Its time is kept whatever came before, so that every order ends alike. Only a message that fails
/// changes more than its thread: its line shows it, and its customer may wait again.
pub(super) async fn raise(
    tx: &mut TenantTx,
    business: BusinessId,
    message: MessageId,
    at: DateTime<Utc>,
    status: &Status,
) -> Result<()> {
    let known = sqlx::query!(
        r#"select status, conversation_id as "conversation: ConversationId" from messages where sub_account_id = $1 and id = $2 and direction = 'out' for no key update"#,
        business.0,
        message.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = known else { return Ok(()) };
    let Some(known) = MessageStatus::parse(&row.status) else { return Ok(()) };
    let reported = match status.state {
        StatusState::Sent => MessageStatus::Sent,
        StatusState::Delivered => MessageStatus::Delivered,
        StatusState::Read => MessageStatus::Read,
        StatusState::Failed => MessageStatus::Failed,
    };
    let mut billing = serde_json::Map::new();
    if let Some(billable) = status.billable {
        billing.insert("billable".into(), json!(billable));
    }
    if let Some(category) = &status.category {
        billing.insert("category".into(), json!(trimmed(category, 40)));
    }
    let failed = reported == MessageStatus::Failed;
    sqlx::query!(
        "update messages set status = $3, details = details || $8::jsonb,
           sent_at = case when $4 = 'sent' then least(sent_at, $5) else sent_at end,
           delivered_at = case when $4 in ('delivered', 'read') then least(delivered_at, $5) else delivered_at end,
           read_at = case when $4 = 'read' then least(read_at, $5) else read_at end,
           error_code = coalesce(error_code, $6), error_text = coalesce(error_text, $7)
         where sub_account_id = $1 and id = $2",
        business.0,
        message.0,
        known.after(reported).key(),
        reported.key(),
        at,
        status.error_code.as_deref().filter(|_| failed).map(|code| trimmed(code, 40)),
        status.error_text.as_deref().filter(|_| failed).map(|text| trimmed(text, 500)),
        json!(billing)
    )
    .execute(tx.conn())
    .await?;
    if known != MessageStatus::Failed && known.after(reported) == MessageStatus::Failed {
        unanswered::failed(tx, business, message).await?;
        outgoing::changed(tx, row.conversation).await?;
    }
    Ok(())
}
