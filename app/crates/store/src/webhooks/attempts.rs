//! One attempt of a delivery: may it be made now, and what follows from its answer? An endpoint that failed several times
//! in a row gets one delivery at a time, so a dead one costs little. The call itself is made between the two functions,
//! while no transaction is open.

use std::time::Duration;

use domain::notifications::Kind;
use domain::webhooks::schedule::{TOLERATED, next_wait, pause};
use domain::webhooks::{DeliveryState, Format, Off, Trouble, host};
use domain::{AgencyId, WebhookDeliveryId, WebhookId};
use serde_json::json;
use uuid::Uuid;

use super::notify;
use crate::notifications::{self, Event};
use crate::{Result, TenantTx, new_id, outbox};

/// The spans of time that a worker goes by. In test builds they are shorter.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a delivery is tried.
    pub round: Duration,
    /// How long every delivery of an endpoint may fail.
    pub failing: Duration,
    /// By how much the pauses of an endpoint that fails are divided.
    pub faster: f64,
}

/// What to do about a delivery.
#[derive(Debug)]
pub enum Next {
    /// Send it.
    Send(Box<Due>),
    /// Wait this long: the endpoint fails, and another delivery tries whether it works again.
    Hold(Duration),
    /// Nothing: it ended, or it is gone.
    Nothing,
}

/// A delivery that is to be sent now.
#[derive(Debug)]
pub struct Due {
    /// The agency.
    pub agency: AgencyId,
    /// The delivery.
    pub delivery: WebhookDeliveryId,
    /// The endpoint.
    pub endpoint: WebhookId,
    /// What the endpoint is sent.
    pub format: Format,
    /// Where it is; of Slack's only the host.
    pub url: String,
    /// The id of the event.
    pub event_id: Uuid,
    /// The body.
    pub body: String,
    /// The number of attempts of this round before this one.
    pub attempts: i32,
    pub(super) sealed: Vec<u8>,
    pub(super) sealed_previous: Option<Vec<u8>>,
}

/// What came of an attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// Status of the answer; `None` if there was none.
    pub status: Option<u16>,
    /// Why it did not deliver; `None` if it did.
    pub trouble: Option<Trouble>,
    /// How long it took, in milliseconds.
    pub ms: i32,
    /// The beginning of the answer, as text, without what looks like a secret.
    pub answer: String,
    /// How long the endpoint asked to be left alone.
    pub asked: Option<Duration>,
}

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The wait before the next attempt; `None` if there is none.
    pub again: Option<Duration>,
    /// Whether the endpoint was turned off just now.
    pub turned_off: Option<Off>,
}

/// Looks whether a delivery is to be sent now. Commit before the call.
pub async fn begin_attempt(tx: &mut TenantTx, id: WebhookDeliveryId, limits: &Limits) -> Result<Next> {
    let agency = tx.agency()?;
    // Endpoints are locked before deliveries, here and below.
    let row = sqlx::query!(
        r#"select e.id as "endpoint: WebhookId", e.format, e.url, e.sealed_secret, case when e.previous_until > now() then e.sealed_previous end as sealed_previous,
                  e.disabled_at is not null or not exists (select from agencies a where a.id = $1 and a.deleted_at is null) as "off!", e.failures, greatest(extract(epoch from e.not_before - now()), 0)::float8 as "left?"
           from webhook_endpoints e where e.agency_id = $1 and e.id = (select endpoint_id from webhook_deliveries where agency_id = $1 and id = $2) for no key update"#,
        agency.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(endpoint) = row else { return Ok(Next::Nothing) };
    let delivery = sqlx::query!(
        r#"select event_id, body, round_attempts, round_started_at + make_interval(secs => $3) < now() as "over!"
           from webhook_deliveries where agency_id = $1 and id = $2 and state = 'waiting' for update"#,
        agency.0,
        id.0,
        limits.round.as_secs_f64()
    )
    .fetch_optional(tx.conn())
    .await?;
    let (Some(delivery), Some(format)) = (delivery, Format::parse(&endpoint.format)) else { return Ok(Next::Nothing) };
    if endpoint.off || delivery.over {
        let trouble = if endpoint.off { Trouble::EndpointOff } else { Trouble::EndpointFailing };
        end(tx, agency, id, DeliveryState::Failed, Some(trouble)).await?;
        outbox::add(tx, "webhooks.changed", Some(endpoint.endpoint.0), &json!({})).await?;
        return Ok(Next::Nothing);
    }
    if endpoint.failures >= TOLERATED {
        if let Some(left) = endpoint.left.filter(|left| *left > 0.0) {
            return Ok(Next::Hold(Duration::from_secs_f64(left)));
        }
        leave_alone(tx, endpoint.endpoint, pause(endpoint.failures).div_f64(limits.faster)).await?;
    }
    Ok(Next::Send(Box::new(Due {
        agency,
        delivery: id,
        endpoint: endpoint.endpoint,
        format,
        url: endpoint.url,
        event_id: delivery.event_id,
        body: delivery.body,
        attempts: delivery.round_attempts,
        sealed: endpoint.sealed_secret,
        sealed_previous: endpoint.sealed_previous,
    })))
}

/// Lets no other delivery of the endpoint try for this long.
async fn leave_alone(tx: &mut TenantTx, endpoint: WebhookId, pause: Duration) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!(
        "update webhook_endpoints set not_before = now() + make_interval(secs => $3) where agency_id = $1 and id = $2",
        agency.0,
        endpoint.0,
        pause.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores what came of an attempt: the line of the log, the state of the delivery, and how the endpoint does.
pub async fn record_attempt(tx: &mut TenantTx, due: &Due, answered: &Answered, limits: &Limits) -> Result<Settled> {
    let attempts = due.attempts + 1;
    let again = answered.trouble.filter(|trouble| *trouble != Trouble::Gone);
    let again = again.and_then(|_| next_wait(attempts, answered.asked));
    let turned_off = judge(tx, due, answered, limits).await?;
    if !log(tx, due, answered, again).await? {
        return Ok(Settled { again: None, turned_off: None });
    }
    match (answered.trouble, again) {
        (None, _) => end(tx, due.agency, due.delivery, DeliveryState::Delivered, None).await?,
        (Some(trouble), None) => {
            end(tx, due.agency, due.delivery, DeliveryState::Failed, Some(trouble)).await?;
        }
        (Some(_), Some(_)) => {}
    }
    outbox::add(tx, "webhooks.changed", Some(due.endpoint.0), &json!({})).await?;
    if let Some(off) = turned_off {
        notify(tx, due.endpoint, "webhook.failed", json!({ "host": host(&due.url), "because": off })).await?;
        tell(tx, due).await?;
    }
    Ok(Settled { again, turned_off })
}

/// Tells whoever runs the agency that an endpoint was turned off.
async fn tell(tx: &mut TenantTx, due: &Due) -> Result<()> {
    let kind = Kind::WebhookDisabled;
    let key = format!("{kind}:{}:{}", due.endpoint, new_id::<Uuid>());
    let (subject, title) = (Some(due.endpoint.0), host(&due.url));
    super::happened(tx, kind, subject, &key).await?;
    let event = Event { kind, key, subject, business: None, to: None, title: &title, detail: "" };
    notifications::tell(tx, &event).await
}

/// Writes how the endpoint does. Returns why it is off if this attempt turned it off.
async fn judge(tx: &mut TenantTx, due: &Due, answered: &Answered, limits: &Limits) -> Result<Option<Off>> {
    if answered.trouble.is_none() {
        sqlx::query!(
            "update webhook_endpoints set failures = 0, failing_since = null, not_before = null, delivered_at = now() where agency_id = $1 and id = $2",
            due.agency.0,
            due.endpoint.0
        )
        .execute(tx.conn())
        .await?;
        return Ok(None);
    }
    let gone = answered.trouble == Some(Trouble::Gone);
    // What an address answered that the endpoint no longer has says nothing of the one that it has. One failure is none
    // that lasts, however long ago the last delivery was.
    let off = sqlx::query_scalar!(
        r#"with was as (select disabled_at, failing_since + make_interval(secs => $4) < now() and failures + 1 > $5 as lasts
             from webhook_endpoints where agency_id = $1 and id = $2 and url = $6 and sealed_secret = $7 for no key update)
           update webhook_endpoints e set failures = e.failures + 1, failing_since = coalesce(e.failing_since, now()),
             disabled_at = case when $3 or was.lasts then coalesce(e.disabled_at, now()) else e.disabled_at end,
             disabled_because = case when e.disabled_at is not null then e.disabled_because when $3 then 'gone' when was.lasts then 'failures' end
           from was where e.agency_id = $1 and e.id = $2 returning case when was.disabled_at is null then e.disabled_because end as "off?""#,
        due.agency.0,
        due.endpoint.0,
        gone,
        limits.failing.as_secs_f64(),
        TOLERATED,
        due.url,
        &due.sealed
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(off.flatten().as_deref().and_then(Off::parse))
}

/// Ends a delivery that waits and whose work nobody does any more, so that it can be sent again.
pub async fn give_up(tx: &mut TenantTx, id: WebhookDeliveryId) -> Result<()> {
    let agency = tx.agency()?;
    let endpoint = sqlx::query_scalar!(
        r#"select endpoint_id as "endpoint: WebhookId" from webhook_deliveries where agency_id = $1 and id = $2 and state = 'waiting' for update"#,
        agency.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(endpoint) = endpoint else { return Ok(()) };
    end(tx, agency, id, DeliveryState::Failed, Some(Trouble::EndpointFailing)).await?;
    outbox::add(tx, "webhooks.changed", Some(endpoint.0), &json!({})).await
}

/// Adds a line to the log of the delivery. Returns false if the delivery ended meanwhile.
async fn log(tx: &mut TenantTx, due: &Due, answered: &Answered, again: Option<Duration>) -> Result<bool> {
    let (status, trouble) = (answered.status.map(i32::from), answered.trouble.map(Trouble::key));
    let done = sqlx::query!(
        "update webhook_deliveries set attempts = attempts + 1, round_attempts = round_attempts + 1, status = $3, trouble = $4,
           next_attempt_at = now() + make_interval(secs => $5) where agency_id = $1 and id = $2 and state = 'waiting'",
        due.agency.0,
        due.delivery.0,
        status,
        trouble,
        again.map(|again| again.as_secs_f64())
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "insert into webhook_attempts (agency_id, delivery_id, created_at, status, trouble, ms, answer) values ($1, $2, clock_timestamp(), $3, $4, $5, $6)",
        due.agency.0,
        due.delivery.0,
        status,
        trouble,
        answered.ms,
        answered.answer
    )
    .execute(tx.conn())
    .await?;
    Ok(true)
}

async fn end(
    tx: &mut TenantTx,
    agency: AgencyId,
    id: WebhookDeliveryId,
    state: DeliveryState,
    trouble: Option<Trouble>,
) -> Result<()> {
    sqlx::query!(
        "update webhook_deliveries set state = $3, trouble = $4, finished_at = now(), next_attempt_at = null where agency_id = $1 and id = $2",
        agency.0,
        id.0,
        state.key(),
        trouble.map(Trouble::key)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
