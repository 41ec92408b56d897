//! Which customers wait for the assistant although nobody works on an answer? Their message came late, a person's pause is
//! over, or their work was lost. A sweep lets a worker look at their conversations.

use std::time::Duration;

use domain::{AgencyId, BusinessId, ConversationId};

use crate::messaging::outgoing::business;
use crate::{Db, PlatformTx, Result, TenantTx};

/// The most businesses that are found at once.
const BUSINESSES: i64 = 500;
/// The most conversations of a business that are found at once.
const CONVERSATIONS: i64 = 200;

/// The businesses in which a customer waits longer than `age`, but no longer than a day, and no person answers, in the
/// order of their ids, behind one of them. There are none behind the last one. Those in the trash and those that
/// rest are left out.
pub async fn businesses(db: &Db, age: Duration, after: Option<BusinessId>) -> Result<Vec<(AgencyId, BusinessId)>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let rows = sqlx::query!(
        r#"select b.id as "business: BusinessId", b.agency_id as "agency: AgencyId" from sub_accounts b join agencies a on a.id = b.agency_id and a.deleted_at is null
           where b.deleted_at is null and b.status in ('trial', 'active') and ($1::uuid is null or b.id > $1)
             and exists (select from conversations c where c.sub_account_id = b.id and c.status = 'open' and c.ai_state = 'bot'
               and c.waiting_since > now() - interval '1 day' and c.waiting_since < now() - make_interval(secs => $2))
           order by b.id limit $3"#,
        after.map(|id| id.0),
        age.as_secs_f64(),
        BUSINESSES
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.agency, row.business)).collect())
}

/// The conversations of the business in which a customer waits longer than `age`, but no longer than a day, it is the
/// assistant's turn, and it made nothing of the newest message, in the order of their ids, behind one of them.
pub async fn unanswered(
    tx: &mut TenantTx,
    age: Duration,
    after: Option<ConversationId>,
) -> Result<Vec<ConversationId>> {
    let business = business(tx)?;
    let waiting = sqlx::query_scalar!(
        r#"select c.id as "id: ConversationId" from conversations c join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id and h.is_active
             join contacts p on p.sub_account_id = c.sub_account_id and p.id = c.contact_id and p.opted_out_at is null
           where c.sub_account_id = $1 and ($2::uuid is null or c.id > $2) and c.status = 'open' and c.ai_state = 'bot'
             and c.waiting_since > now() - interval '1 day' and c.waiting_since < now() - make_interval(secs => $3)
             and coalesce(c.ai_mode, h.ai_mode) <> 'off' and coalesce(c.ai_paused_until <= now(), true)
             and (coalesce(c.ai_mode, h.ai_mode) = 'auto' or exists (select from knowledge k where k.sub_account_id = $1)
               or exists (select from ai_agents g where g.sub_account_id = $1 and g.version > 0))
             and not exists (select from ai_answers a where a.sub_account_id = $1 and a.conversation_id = c.id and a.state <> 'thinking' and a.trigger_message_id =
               (select m.id from messages m where m.sub_account_id = $1 and m.conversation_id = c.id and m.direction = 'in' and m.sender = 'contact'
                  and m.kind not in ('system', 'unsupported') and m.revoked_at is null order by m.happened_at desc, m.id desc limit 1))
           order by c.id limit $4"#,
        business.0,
        after.map(|id| id.0),
        age.as_secs_f64(),
        CONVERSATIONS
    );
    Ok(waiting.fetch_all(tx.conn()).await?)
}
