//! Webhook endpoints of an agency: where they are, which events they get, and their sealed secrets. An endpoint belongs
//! to the agency as a whole, because its events speak of every client.

mod attempts;
mod deliveries;
mod events;
mod removal;
mod sealed;

use chrono::{DateTime, Utc};
use domain::WebhookId;
use domain::notifications::Kind;
use domain::webhooks::{Format, NewWebhook, Off, Webhook, host};
use secrecy::SecretString;
use serde_json::{Value, json};

pub use self::attempts::{Answered, Due, Limits, Next, Settled, begin_attempt, give_up, record_attempt};
pub use self::deliveries::{LIST, ORDERS, add_test, detail, get as delivery, list as deliveries, replay, test_waits};
pub use self::events::{Told, fan_out, happened};
pub(crate) use self::removal::erase;
pub use self::removal::remove;
pub(crate) use self::sealed::{old_keys, reseal};
pub use self::sealed::{opened, signing_secrets};

use crate::audit::{self, Act};
use crate::vault::Vault;
use crate::{Error, Result, TenantTx, found, new_id, outbox};

struct Row {
    id: WebhookId,
    url: String,
    format: String,
    description: String,
    events: Vec<String>,
    disabled_because: Option<String>,
    disabled_at: Option<DateTime<Utc>>,
    failing_since: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    previous_until: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Webhook {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let format = Format::parse(&row.format)
            .ok_or_else(|| Error::Unreadable(format!("the format of webhook {}: {}", row.id, row.format)))?;
        Ok(Self {
            id: row.id,
            url: row.url,
            format,
            description: row.description,
            // An event that only a newer version knows stays with it.
            events: row.events.iter().filter_map(|event| Kind::parse(event)).collect(),
            active: row.disabled_at.is_none(),
            off_because: row.disabled_because.as_deref().and_then(Off::parse),
            off_since: row.disabled_at,
            failing_since: row.failing_since,
            delivered_at: row.delivered_at,
            old_secret_until: row.previous_until,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Every endpoint of the agency, newest first.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Webhook>> {
    let agency = tx.agency()?;
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: WebhookId", url, format, description, events, disabled_because, disabled_at, failing_since, delivered_at,
                  case when previous_until > now() then previous_until end as "previous_until?", created_at, updated_at
           from webhook_endpoints where agency_id = $1 and removed_at is null order by created_at desc, id desc limit 100"#,
        agency.0
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Webhook::try_from).collect()
}

/// One of the agency's endpoints.
pub async fn get(tx: &mut TenantTx, id: WebhookId) -> Result<Webhook> {
    let agency = tx.agency()?;
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: WebhookId", url, format, description, events, disabled_because, disabled_at, failing_since, delivered_at,
                  case when previous_until > now() then previous_until end as "previous_until?", created_at, updated_at
           from webhook_endpoints where agency_id = $1 and id = $2 and removed_at is null"#,
        agency.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    row.try_into()
}

/// How many endpoints the agency has. Other transactions that add one wait until this one ends.
pub async fn count(tx: &mut TenantTx) -> Result<i64> {
    let agency = tx.agency()?;
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))::text as lock", format!("webhooks:{agency}"))
        .fetch_one(tx.conn())
        .await?;
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from webhook_endpoints where agency_id = $1 and removed_at is null"#,
        agency.0
    )
    .fetch_one(tx.conn())
    .await?)
}

/// The events as they are stored.
fn keys(events: &[Kind]) -> Vec<String> {
    events.iter().map(|event| event.key().to_owned()).collect()
}

/// Adds a checked endpoint. Returns the secret that signs its deliveries, which cannot be read again; `None` for Slack.
pub async fn add(tx: &mut TenantTx, vault: &Vault, new: &NewWebhook) -> Result<(Webhook, Option<SecretString>)> {
    let (agency, user, id) = (tx.agency()?, tx.user(), new_id::<WebhookId>());
    let made = sealed::make(vault, agency, id, new.format, &new.url).await?;
    sqlx::query!(
        "insert into webhook_endpoints (id, agency_id, created_by, format, url, description, events, sealed_secret, key_id, disabled_at, disabled_because)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when not $10 then now() end, case when not $10 then 'person' end)",
        id.0,
        agency.0,
        user.map(|id| id.0),
        new.format.key(),
        made.shown,
        new.description,
        &keys(&new.events),
        made.sealed,
        made.key_id,
        new.active,
    )
    .execute(tx.conn())
    .await?;
    let payload = json!({ "url": made.host, "format": new.format, "events": new.events });
    notify(tx, id, "webhook.added", payload).await?;
    Ok((get(tx, id).await?, made.secret))
}

/// Changes an endpoint to a checked one. Without an address it keeps its own.
pub async fn change(tx: &mut TenantTx, vault: &Vault, id: WebhookId, new: &NewWebhook) -> Result<Webhook> {
    let agency = tx.agency()?;
    let before = get(tx, id).await?;
    let moved = !new.url.is_empty() && new.url != before.url;
    if moved {
        // The address of a Slack endpoint is its secret, any other endpoint keeps the secret that it has.
        let made = sealed::make(vault, agency, id, new.format, &new.url).await?;
        sqlx::query!(
            "update webhook_endpoints set url = $3, failures = 0, failing_since = null, not_before = null,
               sealed_secret = case when format = 'slack' then $4 else sealed_secret end, key_id = case when format = 'slack' then $5 else key_id end
             where agency_id = $1 and id = $2",
            agency.0,
            id.0,
            made.shown,
            made.sealed,
            made.key_id
        )
        .execute(tx.conn())
        .await?;
    }
    sqlx::query!(
        "update webhook_endpoints set description = $3, events = $4 where agency_id = $1 and id = $2",
        agency.0,
        id.0,
        new.description,
        &keys(&new.events)
    )
    .execute(tx.conn())
    .await?;
    if new.active != before.active {
        turn(tx, id, (!new.active).then_some(Off::Person)).await?;
    }
    let now = get(tx, id).await?;
    let payload = json!({ "host": host(&now.url), "events": new.events, "active": new.active, "moved": moved });
    notify(tx, id, "webhook.changed", payload).await?;
    Ok(now)
}

/// Turns an endpoint on or off.
pub async fn set_active(tx: &mut TenantTx, id: WebhookId, active: bool) -> Result<Webhook> {
    turn(tx, id, (!active).then_some(Off::Person)).await?;
    let action = if active { "webhook.on" } else { "webhook.off" };
    let now = get(tx, id).await?;
    notify(tx, id, action, json!({ "host": host(&now.url) })).await?;
    Ok(now)
}

/// Writes whether an endpoint is off. Turned on, it begins without failures.
async fn turn(tx: &mut TenantTx, id: WebhookId, off: Option<Off>) -> Result<()> {
    let agency = tx.agency()?;
    let done = sqlx::query!(
        "update webhook_endpoints set disabled_at = case when $3::text is not null then coalesce(disabled_at, now()) end,
           disabled_because = case when $3::text is not null then coalesce(disabled_because, $3) end,
           failures = 0, failing_since = null, not_before = null where agency_id = $1 and id = $2 and removed_at is null",
        agency.0,
        id.0,
        off.map(Off::key)
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())
}

/// Gives an endpoint a new secret. The one before signs, too, for another day. Returns `Refused("format")` for Slack.
pub async fn rotate(tx: &mut TenantTx, vault: &Vault, id: WebhookId) -> Result<(Webhook, Option<SecretString>)> {
    let agency = tx.agency()?;
    let before = get(tx, id).await?;
    if before.format != Format::Json {
        return Err(Error::Refused("format".to_owned()));
    }
    let made = sealed::make(vault, agency, id, before.format, &before.url).await?;
    let done = sqlx::query!(
        "update webhook_endpoints set sealed_previous = sealed_secret, previous_key_id = key_id, previous_until = now() + make_interval(secs => $5),
           sealed_secret = $3, key_id = $4 where agency_id = $1 and id = $2",
        agency.0,
        id.0,
        made.sealed,
        made.key_id,
        domain::webhooks::schedule::BOTH_SECRETS.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    notify(tx, id, "webhook.secret", json!({ "host": host(&before.url) })).await?;
    Ok((get(tx, id).await?, made.secret))
}

async fn notify(tx: &mut TenantTx, id: WebhookId, action: &'static str, payload: Value) -> Result<()> {
    audit::record(tx, Act::new(action, "webhook").object(id).payload(payload)).await?;
    outbox::add(tx, "webhooks.changed", Some(id.0), &json!({})).await
}
