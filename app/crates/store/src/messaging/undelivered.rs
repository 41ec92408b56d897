//! Does the line of a conversation say that our last message did not arrive? It keeps the time of its last message if that
//! failed, so what comes after ends it by itself.

use domain::{BusinessId, MessageId};

use crate::{Result, TenantTx};

/// Shows in the line of the conversation whether a message of ours failed, if it is the last one. Notes do not count. Returns
/// whether the line shows something else now.
pub(super) async fn show(tx: &mut TenantTx, business: BusinessId, message: MessageId) -> Result<bool> {
    let done = sqlx::query!(
        "update conversations c set last_failed_at = case when m.status = 'failed' then c.last_message_at end from messages m
         where m.sub_account_id = $1 and m.id = $2 and m.direction = 'out' and c.sub_account_id = $1 and c.id = m.conversation_id
           and (m.status = 'failed') <> coalesce(c.last_failed_at = c.last_message_at, false)
           and m.id = (select o.id from messages o where o.sub_account_id = $1 and o.conversation_id = c.id and o.direction <> 'internal'
             order by o.happened_at desc, o.id desc limit 1)",
        business.0,
        message.0
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}
