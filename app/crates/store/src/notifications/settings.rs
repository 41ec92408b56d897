//! What people and agencies chose about notifications, as part of their other settings.

use domain::notifications::Choices;
use serde_json::json;

use super::person;
use crate::audit::{self, Act};
use crate::{Result, TenantTx, found};

/// What the transaction's person chose.
pub async fn own(tx: &mut TenantTx) -> Result<Choices> {
    let user = person(tx)?;
    let stored = sqlx::query_scalar!("select settings_json -> 'notifications' from users where id = $1", user.0)
        .fetch_one(tx.conn())
        .await?;
    Ok(Choices::stored(stored))
}

/// Stores what the transaction's person chose.
pub async fn set_own(tx: &mut TenantTx, choices: &Choices) -> Result<()> {
    let user = person(tx)?;
    store_own(tx, choices).await?;
    let act = Act::new("person.notifications", "person").object(user).payload(json!(choices));
    audit::record(tx, act).await
}

/// Stores it without a row in the audit log.
pub(super) async fn store_own(tx: &mut TenantTx, choices: &Choices) -> Result<()> {
    let (user, choices) = (person(tx)?, json!(choices));
    let done = sqlx::query!(
        "update users set settings_json = settings_json || jsonb_build_object('notifications', $2::jsonb) where id = $1",
        user.0,
        choices
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())
}

/// What the transaction's agency chose.
pub async fn of_agency(tx: &mut TenantTx) -> Result<Choices> {
    let agency = tx.agency()?;
    let stored = sqlx::query_scalar!("select settings_json -> 'notifications' from agencies where id = $1", agency.0)
        .fetch_one(tx.conn())
        .await?;
    Ok(Choices::stored(stored))
}

/// Stores what the transaction's agency chose. It applies to people who did not choose otherwise.
pub async fn set_of_agency(tx: &mut TenantTx, choices: &Choices) -> Result<()> {
    let (agency, choices) = (tx.agency()?, json!(choices));
    let done = sqlx::query!(
        "update agencies set settings_json = settings_json || jsonb_build_object('notifications', $2::jsonb) where id = $1",
        agency.0,
        choices
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    audit::record(tx, Act::new("agency.notifications", "agency").object(agency).payload(choices)).await
}
