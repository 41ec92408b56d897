//! What is known of a contact, read and written as a whole: where two contacts become one, or two again.

use domain::messaging::details::Details;
use domain::{BusinessId, ContactId};

use crate::{Result, TenantTx, found};

/// What is known of a contact.
pub(super) async fn read(tx: &mut TenantTx, business: BusinessId, contact: ContactId) -> Result<Details> {
    let row = sqlx::query_as!(
        Details,
        "select name, is_named, email, phone, company, note, opted_out_at, marketing_refused_at, last_activity_at from contacts
         where sub_account_id = $1 and id = $2",
        business.0,
        contact.0
    );
    Ok(row.fetch_one(tx.conn()).await?)
}

/// Writes what is known of a contact. The transaction holds the contact.
pub(super) async fn write(
    tx: &mut TenantTx,
    business: BusinessId,
    contact: ContactId,
    details: &Details,
) -> Result<()> {
    let done = sqlx::query!(
        "update contacts set name = $3, is_named = $4, email = $5, phone = $6, company = $7, note = $8, opted_out_at = $9, marketing_refused_at = $10,
           last_activity_at = $11 where sub_account_id = $1 and id = $2",
        business.0,
        contact.0,
        details.name,
        details.is_named,
        details.email,
        details.phone,
        details.company,
        details.note,
        details.opted_out_at,
        details.marketing_refused_at,
        details.last_activity_at
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())
}
