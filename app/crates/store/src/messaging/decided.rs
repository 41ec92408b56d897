//! How long can a message be sent again? As long as its place in the queue is kept after it was decided.

use std::time::Duration;

use domain::MessageId;

use super::outgoing::business;
use crate::removal::{Rule, by_worker};
use crate::{Result, TenantTx};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long the place of a message is kept. What the platform says of its attempts comes within hours.
pub(super) const KEPT: Duration = DAY.saturating_mul(90);

/// Places of messages that went out, failed or were taken back.
pub(crate) const SENDS: Rule = Rule {
    name: "decided-sends",
    title: "Forget how messages were sent after 90 days",
    tables: &["message_sends"],
    time: "decided_at",
    age: KEPT,
    every: Duration::from_secs(3600),
    // One that is sent again just then has no such time any more, and stays.
    piece: by_worker!(
        "delete from message_sends where ctid = any(array(select ctid from message_sends where decided_at < now() - make_interval(secs => $1) order by decided_at limit $2))
         and decided_at < now() - make_interval(secs => $1)"
    ),
};

/// Whether the place of a message is kept, so that it can be sent again.
pub async fn is_kept(tx: &mut TenantTx, message: MessageId) -> Result<bool> {
    let business = business(tx)?;
    let is_kept = sqlx::query_scalar!(
        r#"select exists (select from message_sends where sub_account_id = $1 and message_id = $2
             and (decided_at is null or decided_at > now() - make_interval(secs => $3))) as "is_kept!""#,
        business.0,
        message.0,
        KEPT.as_secs_f64()
    );
    Ok(is_kept.fetch_one(tx.conn()).await?)
}
