//! Which open conversations are over although nobody closed them? Those that somebody read, in which nobody waits and
//! nothing is to be sent, and that are silent for long. The customer's next message opens one again.

use std::time::Duration;

use domain::{AgencyId, BusinessId, ConversationId};

use super::outgoing::{self, business};
use crate::{Db, PlatformTx, Result, TenantTx};

/// The most conversations that are closed in one transaction.
pub const CLOSED: usize = 200;

/// The most businesses that are found at once.
const FOUND: i64 = 500;

/// The businesses with open conversations that are silent for longer than `age`, in the order of their ids, behind one of
/// them. There are none behind the last one. Those in the trash are left out.
pub async fn businesses(db: &Db, age: Duration, after: Option<BusinessId>) -> Result<Vec<(AgencyId, BusinessId)>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let rows = sqlx::query!(
        r#"select b.id as "business: BusinessId", b.agency_id as "agency: AgencyId" from sub_accounts b join agencies a on a.id = b.agency_id and a.deleted_at is null
           where b.deleted_at is null and ($1::uuid is null or b.id > $1)
             and exists (select from conversations c where c.sub_account_id = b.id and c.status = 'open' and c.unread = 0 and c.waiting_since is null
               and c.ai_state <> 'waiting_human' and c.last_message_at < now() - make_interval(secs => $2))
           order by b.id limit $3"#,
        after.map(|id| id.0),
        age.as_secs_f64(),
        FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.agency, row.business)).collect())
}

/// Closes the business's conversations that are silent for longer than `age`, the oldest first, at most [`CLOSED`] of them.
/// Returns how many there were. One that somebody changes at this moment is left to the next time.
pub async fn close(tx: &mut TenantTx, age: Duration) -> Result<usize> {
    let business = business(tx)?;
    let closed = sqlx::query_scalar!(
        r#"update conversations set status = 'closed' where sub_account_id = $1 and id = any(array(
             select c.id from conversations c where c.sub_account_id = $1 and c.status = 'open' and c.unread = 0 and c.waiting_since is null
               and c.ai_state <> 'waiting_human' and c.last_message_at < now() - make_interval(secs => $2)
               and not exists (select from message_sends s where s.sub_account_id = $1 and s.conversation_id = c.id and s.state in ('queued', 'held', 'sending', 'in_doubt'))
             order by c.last_message_at limit $3 for no key update of c skip locked))
           returning id as "id: ConversationId""#,
        business.0,
        age.as_secs_f64(),
        i64::try_from(CLOSED).unwrap_or(i64::MAX)
    )
    .fetch_all(tx.conn())
    .await?;
    for id in &closed {
        outgoing::changed(tx, *id).await?;
    }
    Ok(closed.len())
}
