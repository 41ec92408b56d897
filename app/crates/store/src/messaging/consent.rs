//! Who wants automatic messages again? A contact who wrote so, or told somebody of the business.

use chrono::{DateTime, Utc};
use domain::assistant::rules::opts_out;
use domain::{ContactId, ConversationId};

use super::outgoing::{self, business};
use crate::{Result, TenantTx};

/// The note about a customer who wrote it.
const WANTED: &str = "The customer wants automatic messages again.";
/// Number of later messages that are read, of those that are short enough to be nothing but a word.
const LATER: i64 = 500;

/// Takes back that a contact wants no automatic messages. False if nobody said so.
pub async fn opt_in(tx: &mut TenantTx, contact: ContactId) -> Result<bool> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update contacts set opted_out_at = null where sub_account_id = $1 and id = $2 and opted_out_at is not null",
        business.0,
        contact.0
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    for conversation in conversations(tx, contact).await? {
        outgoing::changed(tx, conversation).await?;
    }
    Ok(true)
}

/// The conversations of a contact.
pub async fn conversations(tx: &mut TenantTx, contact: ContactId) -> Result<Vec<ConversationId>> {
    let business = business(tx)?;
    let of = sqlx::query_scalar!(
        r#"select id as "id: ConversationId" from conversations where sub_account_id = $1 and contact_id = $2 order by id"#,
        business.0,
        contact.0
    );
    Ok(of.fetch_all(tx.conn()).await?)
}

/// Does so because the customer wrote it at this time. What the customer wrote later, on whatever channel, and came before it
/// stands.
pub(super) async fn wrote(
    tx: &mut TenantTx,
    contact: ContactId,
    conversation: ConversationId,
    at: DateTime<Utc>,
) -> Result<()> {
    let business = business(tx)?;
    let later = sqlx::query_scalar!(
        "select m.body from conversations c join messages m on m.sub_account_id = c.sub_account_id and m.conversation_id = c.id
         where c.sub_account_id = $1 and c.contact_id = $2 and m.direction = 'in' and m.sender = 'contact' and m.happened_at > $3 and char_length(m.body) <= 100
         order by m.happened_at desc limit $4",
        business.0,
        contact.0,
        at,
        LATER
    )
    .fetch_all(tx.conn())
    .await?;
    if !later.iter().any(|body| opts_out(body)) && opt_in(tx, contact).await? {
        outgoing::note(tx, conversation, None, WANTED).await?;
    }
    Ok(())
}
