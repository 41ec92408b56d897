//! The log of deliveries: what an agency's webhook endpoints were sent in the last 30 days, each with its attempts. One
//! can be sent again, and a test is one, too.

use chrono::{DateTime, Utc};
use domain::page::{ListQuery, Page};
use domain::webhooks::event::{About, Event, TEST};
use domain::webhooks::{Attempt, Delivery, DeliveryDetail, DeliveryState, Format, Trouble, host};
use domain::{WebhookDeliveryId, WebhookId};
use serde_json::json;
use uuid::Uuid;

use super::events;
use crate::audit::{self, Act};
use crate::page::{Filter, Key, Kind, List, Search, View, Within};
use crate::{Error, Result, TenantTx, new_id, outbox};

struct Row {
    id: WebhookDeliveryId,
    webhook: WebhookId,
    url: String,
    event_id: Uuid,
    event: String,
    state: String,
    attempts: i32,
    status: Option<i32>,
    trouble: Option<String>,
    created_at: DateTime<Utc>,
    next_attempt_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Delivery {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let state = DeliveryState::parse(&row.state)
            .ok_or_else(|| Error::Unreadable(format!("the state of delivery {}: {}", row.id, row.state)))?;
        Ok(Self {
            id: row.id,
            webhook: row.webhook,
            url: row.url,
            event_id: row.event_id,
            event: row.event,
            state,
            attempts: row.attempts,
            status: row.status,
            trouble: row.trouble.as_deref().and_then(Trouble::parse),
            created_at: row.created_at,
            next_attempt_at: row.next_attempt_at,
            finished_at: row.finished_at,
        })
    }
}

/// The sort orders that `list` accepts.
pub const ORDERS: &[&str] = &["-created"];

/// The deliveries of an agency's endpoints.
pub static LIST: List = List {
    key: "webhook_deliveries",
    from: "webhook_deliveries d",
    id: "d.id",
    agency: Some("d.agency_id"),
    // Read once for the whole list: an agency has few of them, and they go soon.
    always: "d.endpoint_id <> all (array(select e.id from webhook_endpoints e where e.removed_at is not null))",
    views: &[
        View::new("", ""),
        View::new("failed", "d.state = 'failed'"),
        View::new("waiting", "d.state = 'waiting'"),
        View::new("delivered", "d.state = 'delivered'"),
    ],
    search: Search::new("d.event || e'\\n' || d.event_id::text"),
    filters: &[
        Filter::new("webhook", "d.endpoint_id", Kind::Id),
        Filter::new("event", "d.event", Kind::Text),
        Filter::new("status", "d.status", Kind::Number),
        Filter::new("created", "d.created_at", Kind::Time),
    ],
    keys: &[Key::time("created", "d.created_at")],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

/// A page of the deliveries, newest first. `q` is part of an event's name or id; `view` is a state.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<Delivery>> {
    let (agency, within) = (tx.agency()?, Within::of(tx));
    let found = LIST.find(tx.conn(), within, query).await?;
    let rows = sqlx::query_as!(
        Row,
        r#"select d.id as "id: WebhookDeliveryId", d.endpoint_id as "webhook: WebhookId", e.url, d.event_id, d.event, d.state, d.attempts, d.status, d.trouble,
                  d.created_at, d.next_attempt_at, d.finished_at
           from webhook_deliveries d join webhook_endpoints e on e.agency_id = d.agency_id and e.id = d.endpoint_id and e.removed_at is null
           where d.agency_id = $1 and d.id = any ($2)"#,
        agency.0,
        &found.ids
    )
    .fetch_all(tx.conn())
    .await?;
    let rows = rows.into_iter().map(Delivery::try_from).collect::<Result<Vec<_>>>()?;
    Ok(found.page(rows, |row| row.id.0))
}

/// One of the agency's deliveries.
pub async fn get(tx: &mut TenantTx, id: WebhookDeliveryId) -> Result<Delivery> {
    let agency = tx.agency()?;
    let row = sqlx::query_as!(
        Row,
        r#"select d.id as "id: WebhookDeliveryId", d.endpoint_id as "webhook: WebhookId", e.url, d.event_id, d.event, d.state, d.attempts, d.status, d.trouble,
                  d.created_at, d.next_attempt_at, d.finished_at
           from webhook_deliveries d join webhook_endpoints e on e.agency_id = d.agency_id and e.id = d.endpoint_id and e.removed_at is null
           where d.agency_id = $1 and d.id = $2"#,
        agency.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    row.try_into()
}

/// The same with its body and its last 50 attempts.
pub async fn detail(tx: &mut TenantTx, id: WebhookDeliveryId) -> Result<DeliveryDetail> {
    let (agency, delivery) = (tx.agency()?, get(tx, id).await?);
    let body =
        sqlx::query_scalar!("select body from webhook_deliveries where agency_id = $1 and id = $2", agency.0, id.0)
            .fetch_one(tx.conn())
            .await?;
    let rows = sqlx::query!(
        "select created_at, status, trouble, ms, answer from webhook_attempts where agency_id = $1 and delivery_id = $2
         order by created_at desc, id desc limit 50",
        agency.0,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    let attempts = rows.into_iter().map(|row| Attempt {
        at: row.created_at,
        status: row.status,
        trouble: row.trouble.as_deref().and_then(Trouble::parse),
        ms: row.ms,
        answer: row.answer,
    });
    Ok(DeliveryDetail { delivery, body, tries: attempts.collect() })
}

/// Whether a test of the endpoint still waits. A person who presses again and again sends no flood.
pub async fn test_waits(tx: &mut TenantTx, endpoint: WebhookId) -> Result<bool> {
    let agency = tx.agency()?;
    Ok(sqlx::query_scalar!(
        r#"select exists (select from webhook_deliveries where agency_id = $1 and endpoint_id = $2 and event = $3 and state = 'waiting') as "waits!""#,
        agency.0,
        endpoint.0,
        TEST
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Adds a test for an endpoint and queues it.
pub async fn add_test(tx: &mut TenantTx, endpoint: WebhookId, format: Format, origin: &str) -> Result<Delivery> {
    let agency = tx.agency()?;
    let now = sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(tx.conn()).await?;
    let event = Event { kind: None, at: now, about: About::Nothing };
    let body = event.body(format, origin, agency);
    let id = events::add(tx, endpoint, new_id(), &event, &body).await?.ok_or(Error::Stale)?;
    let test = get(tx, id).await?;
    let act = Act::new("webhook.tested", "webhook").object(endpoint).payload(json!({ "host": host(&test.url) }));
    audit::record(tx, act).await?;
    Ok(test)
}

/// Sends a delivery that has ended once more: the same event under the same id, with a new round of attempts. Returns
/// `Stale` if it is on its way already.
pub async fn replay(tx: &mut TenantTx, id: WebhookDeliveryId) -> Result<Delivery> {
    let (agency, before) = (tx.agency()?, get(tx, id).await?);
    let done = sqlx::query!(
        "update webhook_deliveries set state = 'waiting', finished_at = null, next_attempt_at = now(), round_started_at = now(), round_attempts = 0
         where agency_id = $1 and id = $2 and state <> 'waiting'",
        agency.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Err(Error::Stale);
    }
    events::queue(tx, id).await?;
    let payload = json!({ "webhook": before.webhook, "host": host(&before.url), "event": before.event });
    audit::record(tx, Act::new("webhook.replayed", "webhook delivery").object(id).payload(payload)).await?;
    outbox::add(tx, "webhooks.changed", Some(before.webhook.0), &json!({})).await?;
    get(tx, id).await
}
