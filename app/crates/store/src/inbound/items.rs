//! What became of each item of a body? An item belongs to nobody while it waits. The transaction that does what it says
//! gives it to the business that it concerns, so an item that was rolled back waits again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{ConversationId, InboundEventId, MessageId};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Route, since};
use crate::{Result, TenantTx};

/// An item of a body, as it is stored.
#[derive(Clone, Debug)]
pub struct NewItem<'a> {
    /// Short word for what it is: `message`, `status` …, or the platform's own: `INSTALL`.
    pub kind: &'a str,
    /// The platform's id of the account.
    pub account: &'a str,
    /// Its idempotency key.
    pub key: &'a str,
    /// What it says: the element as it was sent and as it was read, so that it can be done again without its body.
    pub payload: &'a Value,
    /// When it happened, by the platform.
    pub happened_at: Option<DateTime<Utc>>,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Processed,
    /// It was done before, in this body or in another.
    Duplicate,
    /// No connected account is meant.
    Unroutable,
    /// It needs nothing of us.
    Ignored,
    /// It could not be read, or not be done within hours, however often it was tried.
    Quarantined,
}

impl Outcome {
    /// The value in `inbound_items.outcome`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::Duplicate => "duplicate",
            Self::Unroutable => "unroutable",
            Self::Ignored => "ignored",
            Self::Quarantined => "quarantined",
        }
    }
}

/// An item that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingItem {
    /// Its id.
    pub id: Uuid,
    /// Its place in the body, from 0.
    pub position: i32,
    /// How often it failed.
    pub attempts: i32,
}

/// How an item ended.
#[derive(Clone, Debug)]
pub struct Settled<'a> {
    /// What became of it.
    pub outcome: Outcome,
    /// Which business it concerns. It must be the one of the transaction.
    pub route: Option<Route>,
    /// The conversation that it changed.
    pub conversation: Option<ConversationId>,
    /// The message that it became.
    pub message: Option<MessageId>,
    /// Why it was put aside.
    pub error: Option<&'a str>,
}

impl Settled<'_> {
    /// Ended so, without more to say.
    #[must_use]
    pub const fn as_(outcome: Outcome, route: Option<Route>) -> Self {
        Self { outcome, route, conversation: None, message: None, error: None }
    }

    /// Whether nobody needs the words of the item any more. Those of one that was not done, or that this version does not
    /// know, are kept for whoever looks into it.
    const fn is_content_done(&self) -> bool {
        match self.outcome {
            Outcome::Processed | Outcome::Duplicate => true,
            Outcome::Ignored => self.route.is_some(),
            Outcome::Unroutable | Outcome::Quarantined => false,
        }
    }
}

/// Stores the items of a body, in their order. Those that are stored already stay as they are.
pub async fn add_items(tx: &mut TenantTx, event: InboundEventId, provider: &str, items: &[NewItem<'_>]) -> Result<()> {
    let positions: Vec<i32> = (0..).take(items.len()).collect();
    let kinds: Vec<String> = items.iter().map(|item| storable(item.kind, 48)).collect();
    let accounts: Vec<String> = items.iter().map(|item| storable(item.account, 255)).collect();
    let keys: Vec<String> = items.iter().map(|item| storable(item.key, 400)).collect();
    let payloads: Vec<Value> = items.iter().map(|item| without_zero(item.payload)).collect();
    let times: Vec<Option<DateTime<Utc>>> = items.iter().map(|item| item.happened_at).collect();
    sqlx::query!(
        "insert into inbound_items (event_id, position, provider, kind, account, key, payload, happened_at)
         select $1, i.position, $2, i.kind, i.account, i.key, i.payload, i.at
         from unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::timestamptz[]) as i (position, kind, account, key, payload, at)
         on conflict (event_id, position) do nothing",
        event.0,
        provider,
        &positions,
        &kinds,
        &accounts,
        &keys,
        &payloads,
        &times as &[Option<DateTime<Utc>>]
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The items of a body that wait, in their order.
pub async fn waiting(tx: &mut TenantTx, event: InboundEventId) -> Result<Vec<WaitingItem>> {
    let rows = sqlx::query_as!(
        WaitingItem,
        "select id, position, attempts from inbound_items where event_id = $1 and agency_id is null and outcome = 'waiting' order by position",
        event.0
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// Locks an item until the transaction ends. False if somebody else ended it meanwhile.
pub async fn take(tx: &mut TenantTx, item: Uuid) -> Result<bool> {
    let found = sqlx::query_scalar!(
        "select id from inbound_items where id = $1 and agency_id is null and outcome = 'waiting' for update",
        item
    );
    Ok(found.fetch_optional(tx.conn()).await?.is_some())
}

/// Claims an idempotency key for this transaction. False if what it stands for was done before. Waits for another
/// transaction that claims the same key.
pub async fn claim_key(tx: &mut TenantTx, provider: &str, key: &str, event: InboundEventId) -> Result<bool> {
    let added = sqlx::query!(
        "insert into inbound_keys (provider, key, event_id) values ($1, $2, $3) on conflict (provider, key) do nothing",
        provider,
        storable(key, 400),
        event.0
    );
    Ok(added.execute(tx.conn()).await?.rows_affected() == 1)
}

/// Records how an item ended and gives it to the business that it concerns. Of what was done only the record stays, so
/// that no text outlives the message that a customer or the business removes.
pub async fn settle(tx: &mut TenantTx, item: Uuid, settled: &Settled<'_>) -> Result<()> {
    sqlx::query!(
        "update inbound_items set outcome = $2, agency_id = $3, sub_account_id = $4, integration_id = $5, conversation_id = $6, message_id = $7,
           error = left($8, 500), processed_at = now(),
           payload = case when $9 then '{}' else payload end where id = $1 and agency_id is null and outcome = 'waiting'",
        item,
        settled.outcome.key(),
        settled.route.map(|route| route.agency.0),
        settled.route.map(|route| route.business.0),
        settled.route.map(|route| route.integration.0),
        settled.conversation.map(|id| id.0),
        settled.message.map(|id| id.0),
        settled.error,
        settled.is_content_done()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How often an item failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// The number of failures, including this one.
    pub count: i32,
    /// How long ago the item was stored. One that somebody lets wait again is as old as it was.
    pub age: Duration,
}

/// Records that an item could not be done this time. `None` if somebody else ended it meanwhile.
pub async fn fail(tx: &mut TenantTx, item: Uuid, error: &str) -> Result<Option<Failures>> {
    let row = sqlx::query!(
        r#"update inbound_items set attempts = attempts + 1, error = left($2, 500)
           where id = $1 and agency_id is null and outcome = 'waiting' returning attempts, extract(epoch from now() - created_at)::float8 as "age!""#,
        item,
        error
    );
    let row = row.fetch_optional(tx.conn()).await?;
    Ok(row.map(|row| Failures { count: row.attempts, age: since(row.age) }))
}

/// A text without zero bytes, which Postgres cannot store, and at most this many characters long.
fn storable(text: &str, most: usize) -> String {
    text.chars().filter(|letter| *letter != '\0').take(most).collect()
}

/// A value without zero bytes in its texts and names.
fn without_zero(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "")),
        Value::Array(all) => Value::Array(all.iter().map(without_zero).collect()),
        Value::Object(fields) => {
            let clean = fields.iter().map(|(name, value)| (name.replace('\0', ""), without_zero(value)));
            Value::Object(clean.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_postgres_cannot_store_is_left_out() {
        assert_eq!(without_zero(&json!({"a\0": ["\0x", 1, {"b": "y\0"}]})), json!({"a": ["x", 1, {"b": "y"}]}));
        assert_eq!(storable("a\0bc", 2), "ab");
    }
}
