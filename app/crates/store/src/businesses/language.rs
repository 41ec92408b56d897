//! Which language was chosen for a business, and which one holds where none was?

use domain::BusinessId;
use domain::language::Language;
use serde_json::json;

use super::notify;
use crate::{Error, Result, TenantTx, found};

/// The language that was chosen for a business. `None` if none was, or one that only another version knows.
pub async fn chosen_language(tx: &mut TenantTx, id: BusinessId) -> Result<Option<Language>> {
    let chosen = sqlx::query_scalar!("select language from sub_accounts where id = $1", id.0);
    let chosen = chosen.fetch_optional(tx.conn()).await?.flatten();
    Ok(chosen.as_deref().and_then(Language::parse))
}

/// The language in which a business addresses its people and customers who chose none: the chosen one, or else that of
/// its country.
pub async fn language(tx: &mut TenantTx, id: BusinessId) -> Result<Language> {
    let row = sqlx::query!("select language, country from sub_accounts where id = $1", id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Error::NotFound)?;
    Ok(Language::of_business(row.language.as_deref(), row.country.as_deref()))
}

/// Chooses the language of a business outside the trash; `None` leaves it to the country.
pub async fn choose_language(tx: &mut TenantTx, id: BusinessId, language: Option<Language>) -> Result<()> {
    let done = sqlx::query!(
        "update sub_accounts set language = $2 where id = $1 and deleted_at is null",
        id.0,
        language.map(Language::key)
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    notify(tx, id, "business.changed", json!({ "fields": ["language"] })).await
}
