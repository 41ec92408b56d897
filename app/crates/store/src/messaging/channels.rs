//! On which numbers, pages and accounts does a business talk? One row for each, which stays when it is connected again.

use chrono::{DateTime, Utc};
use domain::messaging::view::ChannelView;
use domain::messaging::{AiMode, Channel};
use domain::{AgencyId, BusinessId, ChannelId, IntegrationId};
use serde_json::json;

use super::outgoing::business;
use super::trimmed::{key, trimmed};
use crate::{Error, Result, TenantTx, found, new_id, outbox};

/// An inbox, as what comes in and goes out needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    /// Its id.
    pub id: ChannelId,
    /// The agency.
    pub agency: AgencyId,
    /// The business.
    pub business: BusinessId,
    /// The kind of channel.
    pub kind: Channel,
    /// The platform's id of the account.
    pub external_id: String,
    /// The integration that carries it.
    pub integration: Option<IntegrationId>,
    /// Whether it is in use.
    pub active: bool,
    /// What the assistant may do here.
    pub ai_mode: AiMode,
    /// Whether the platform granted late answers.
    pub late_answers: bool,
    /// Since when nothing is sent, because the connection does not work.
    pub hold_since: Option<DateTime<Utc>>,
}

/// An inbox that a person connected.
#[derive(Clone, Copy, Debug)]
pub struct NewChannel<'a> {
    /// The kind of channel.
    pub kind: Channel,
    /// The platform's id of the account.
    pub external_id: &'a str,
    /// The integration that carries it.
    pub integration: IntegrationId,
    /// Its name.
    pub name: &'a str,
    /// The number or address that people see.
    pub display_address: &'a str,
}

/// Adds an inbox. One that was connected before is the same one, in use again. Returns `Refused` for an id that is none.
pub async fn upsert(tx: &mut TenantTx, new: &NewChannel<'_>) -> Result<ChannelId> {
    let (business, agency) = (business(tx)?, tx.home().await?.ok_or(Error::NotFound)?);
    let external_id = key(new.external_id, 255).ok_or_else(|| Error::Refused("the id of an account".into()))?;
    let id = sqlx::query_scalar!(
        r#"insert into channels (id, sub_account_id, agency_id, type, integration_id, external_id, name, display_address)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (sub_account_id, type, external_id) do update set integration_id = excluded.integration_id, is_active = true, hold_since = null,
             name = coalesce(nullif(excluded.name, ''), channels.name), display_address = coalesce(nullif(excluded.display_address, ''), channels.display_address)
           returning id as "id: ChannelId""#,
        new_id::<ChannelId>().0,
        business.0,
        agency.0,
        new.kind as Channel,
        new.integration.0,
        external_id,
        trimmed(new.name, 480),
        trimmed(new.display_address, 255),
    )
    .fetch_one(tx.conn())
    .await?;
    changed(tx, id).await?;
    Ok(id)
}

struct Row {
    id: ChannelId,
    agency: AgencyId,
    business: BusinessId,
    kind: Channel,
    external_id: String,
    integration: Option<IntegrationId>,
    active: bool,
    ai_mode: String,
    late_answers: bool,
    hold_since: Option<DateTime<Utc>>,
}

impl From<Row> for ChannelRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            agency: row.agency,
            business: row.business,
            kind: row.kind,
            external_id: row.external_id,
            integration: row.integration,
            active: row.active,
            ai_mode: AiMode::parse(&row.ai_mode).unwrap_or(AiMode::Off),
            late_answers: row.late_answers,
            hold_since: row.hold_since,
        }
    }
}

/// The inbox of an account of a platform, in use or not.
pub async fn find(tx: &mut TenantTx, kind: Channel, external_id: &str) -> Result<Option<ChannelRow>> {
    let (business, Some(external_id)) = (business(tx)?, key(external_id, 255)) else { return Ok(None) };
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: ChannelId", agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", type as "kind: Channel", external_id,
                  integration_id as "integration: IntegrationId", is_active as active, ai_mode, late_answers, hold_since
           from channels where sub_account_id = $1 and type = $2 and external_id = $3"#,
        business.0,
        kind as Channel,
        external_id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(ChannelRow::from))
}

/// One inbox.
pub async fn get(tx: &mut TenantTx, id: ChannelId) -> Result<ChannelRow> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: ChannelId", agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", type as "kind: Channel", external_id,
                  integration_id as "integration: IntegrationId", is_active as active, ai_mode, late_answers, hold_since
           from channels where sub_account_id = $1 and id = $2"#,
        business.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.into())
}

/// The inboxes of the business, by name.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<ChannelView>> {
    let business = business(tx)?;
    let rows = sqlx::query!(
        r#"select id as "id: ChannelId", type as "kind: Channel", external_id, name, display_address, integration_id as "integration: IntegrationId",
                  is_active, ai_mode, late_answers, hold_since
           from channels where sub_account_id = $1 order by lower(name), id limit 500"#,
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    let view = rows.into_iter().map(|row| ChannelView {
        id: row.id,
        kind: row.kind,
        external_id: row.external_id,
        name: row.name,
        display_address: row.display_address,
        integration: row.integration,
        active: row.is_active,
        ai_mode: AiMode::parse(&row.ai_mode).unwrap_or(AiMode::Off),
        late_answers: row.late_answers,
        hold_since: row.hold_since,
    });
    Ok(view.collect())
}

/// Takes an inbox into use, or out of it. What still comes in is stored either way.
pub async fn set_active(tx: &mut TenantTx, id: ChannelId, active: bool) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update channels set is_active = $3 where sub_account_id = $1 and id = $2",
        business.0,
        id.0,
        active
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    changed(tx, id).await
}

/// Says what the assistant may do in the conversations of an inbox.
pub async fn set_ai_mode(tx: &mut TenantTx, id: ChannelId, mode: AiMode) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update channels set ai_mode = $3 where sub_account_id = $1 and id = $2",
        business.0,
        id.0,
        mode.key()
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    changed(tx, id).await
}

/// Holds what is to be sent, or lets it go. Returns whether that is new.
pub async fn set_hold(tx: &mut TenantTx, id: ChannelId, hold: bool) -> Result<bool> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update channels set hold_since = case when $3 then now() end where sub_account_id = $1 and id = $2 and (hold_since is not null) <> $3",
        business.0,
        id.0,
        hold
    )
    .execute(tx.conn())
    .await?;
    let is_new = done.rows_affected() > 0;
    if is_new {
        changed(tx, id).await?;
    }
    Ok(is_new)
}

async fn changed(tx: &mut TenantTx, id: ChannelId) -> Result<()> {
    outbox::add(tx, "channel.changed", Some(id.0), &json!({})).await
}
