//! From what happened to deliveries: a change writes one queue row in its own transaction, if an endpoint of the agency
//! wants the event. A worker then reads what the event is about and makes one delivery for each endpoint. The key of a
//! delivery is endpoint and event, so a worker that runs twice makes none twice.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::notifications::Kind;
use domain::webhooks::Format;
use domain::webhooks::event::{About, Event};
use domain::{AgencyId, BusinessId, WebhookDeliveryId, WebhookId, work};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::queue::{self, Work};
use crate::{Error, Result, TenantTx, new_id, outbox};

/// Tells the webhook endpoints of the transaction's agency that something happened. Nothing is sent if the transaction
/// does not commit. `subject` is the job, connection, client, person, to-do or endpoint; `key` names this one event among
/// all of the agency, and no endpoint gets it twice.
pub async fn happened(tx: &mut TenantTx, kind: Kind, subject: Option<Uuid>, key: &str) -> Result<()> {
    let Some(agency) = tx.home().await? else { return Ok(()) };
    let asked =
        sqlx::query!(r#"select lookup.wants_webhook($1, $2) as "wanted!", now() as "now!""#, agency.0, kind.key())
            .fetch_one(tx.conn())
            .await?;
    if !asked.wanted {
        return Ok(());
    }
    let told = Told { event: event_id(agency, key), kind: kind.key().to_owned(), at: asked.now };
    let mut work = Work::new(work::Kind::QueueWebhooks).payload(told.payload());
    if let Some(subject) = subject {
        work = work.subject(subject);
    }
    queue::add(tx, &work).await.map(|_| ())
}

/// The id of the event with this key.
fn event_id(agency: AgencyId, key: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(format!("{agency}\n{key}")).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What a queue row says of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Id of the event.
    pub event: Uuid,
    /// Key of its kind.
    pub kind: String,
    /// When it happened.
    pub at: DateTime<Utc>,
}

impl Told {
    fn payload(&self) -> Value {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Micros, true);
        json!({ "event": self.event, "kind": self.kind, "at": at })
    }

    /// Reads the payload of a queue row. `None` if another version wrote it.
    #[must_use]
    pub fn read(payload: &Value) -> Option<Self> {
        let text = |name: &str| payload.get(name).and_then(Value::as_str);
        let (event, kind) = (text("event")?.parse().ok()?, text("kind")?.to_owned());
        Some(Self { event, kind, at: DateTime::parse_from_rfc3339(text("at")?).ok()?.with_timezone(&Utc) })
    }
}

/// Makes a delivery of the event for each endpoint that wants it and was there when it happened, and queues it. `origin`
/// begins the links. Returns how many there are.
pub async fn fan_out(tx: &mut TenantTx, told: &Told, subject: Option<Uuid>, origin: &str) -> Result<usize> {
    let agency = tx.agency()?;
    let Some(kind) = Kind::parse(&told.kind) else { return Ok(0) };
    let endpoints = sqlx::query!(
        r#"select e.id as "id: WebhookId", e.format from webhook_endpoints e join agencies a on a.id = e.agency_id and a.deleted_at is null
           where e.agency_id = $1 and e.disabled_at is null and $2 = any (e.events) and e.created_at <= $3"#,
        agency.0,
        told.kind,
        told.at
    )
    .fetch_all(tx.conn())
    .await?;
    if endpoints.is_empty() {
        return Ok(0);
    }
    let event = Event { kind: Some(kind), at: told.at, about: about(tx, kind, subject).await? };
    let mut made = 0;
    for endpoint in endpoints {
        let Some(format) = Format::parse(&endpoint.format) else { continue };
        let body = event.body(format, origin, agency);
        made += usize::from(add(tx, endpoint.id, told.event, &event, &body).await?.is_some());
    }
    Ok(made)
}

/// Stores a delivery and queues it. Returns `None` if the endpoint has this event already.
pub(super) async fn add(
    tx: &mut TenantTx,
    endpoint: WebhookId,
    event_id: Uuid,
    event: &Event,
    body: &str,
) -> Result<Option<WebhookDeliveryId>> {
    let (agency, id) = (tx.agency()?, new_id::<WebhookDeliveryId>());
    let added = sqlx::query!(
        "insert into webhook_deliveries (id, agency_id, created_at, endpoint_id, event_id, event, body, next_attempt_at)
         values ($1, $2, $3, $4, $5, $6, $7, now()) on conflict (agency_id, endpoint_id, event_id) do nothing",
        id.0,
        agency.0,
        event.at,
        endpoint.0,
        event_id,
        event.key(),
        body
    )
    .execute(tx.conn())
    .await?;
    if added.rows_affected() == 0 {
        return Ok(None);
    }
    queue(tx, id).await?;
    outbox::add(tx, "webhooks.changed", Some(endpoint.0), &json!({})).await?;
    Ok(Some(id))
}

/// Queues a delivery. It waits once.
pub(super) async fn queue(tx: &mut TenantTx, id: WebhookDeliveryId) -> Result<()> {
    queue::add(tx, &Work::new(work::Kind::SendWebhook).subject(id.0).once(format!("webhook:{id}"))).await.map(|_| ())
}

/// What an event of this kind is about, as it is stored now.
async fn about(tx: &mut TenantTx, kind: Kind, subject: Option<Uuid>) -> Result<About> {
    let Some(id) = subject else { return Ok(About::Other { id: None }) };
    let known = match kind {
        Kind::JobFailed | Kind::JobNeedsInput | Kind::JobFinished => job(tx, kind, id).await,
        Kind::ConnectionLost | Kind::ConnectionRestored | Kind::ConnectionEnding => connection(tx, id).await,
        Kind::ClientCreated | Kind::UsageLimit | Kind::FilesLimit | Kind::ToolApproval => client(tx, id).await,
        Kind::InvitationAccepted => person(tx, id).await,
        Kind::WebhookDisabled => super::get(tx, id.into()).await.map(|webhook| {
            // An address may carry a key, so other endpoints get its host alone.
            let url = domain::webhooks::address(&webhook.url).map(|url| domain::webhooks::masked(&url));
            About::Webhook { id, url: url.unwrap_or_default() }
        }),
        Kind::TodoAssigned | Kind::BatchFinished | Kind::ConversationHandedOver => Ok(About::Other { id: Some(id) }),
    };
    match known {
        // It was removed meanwhile: its id is all that is left to say.
        Err(Error::NotFound) => Ok(About::Other { id: Some(id) }),
        known => known,
    }
}

async fn job(tx: &mut TenantTx, kind: Kind, id: Uuid) -> Result<About> {
    let agency = tx.agency()?;
    let row = sqlx::query!(
        r#"select number, coalesce(client_data_json ->> 'name', '') as "client_name!", sub_account_id as "client: BusinessId", location_id,
                  coalesce(error_message, '') as "error!" from provisioning_jobs where agency_id = $1 and id = $2"#,
        agency.0,
        id
    )
    .fetch_one(tx.conn())
    .await?;
    let message = if kind == Kind::JobFinished { String::new() } else { row.error };
    Ok(About::Job {
        id,
        number: row.number,
        client_name: row.client_name,
        client: row.client,
        location: row.location_id,
        message,
    })
}

async fn connection(tx: &mut TenantTx, id: Uuid) -> Result<About> {
    let row = sqlx::query!(
        r#"select coalesce(platform_name, platform_id) as "name!", sub_account_id as "client: BusinessId" from integrations where id = $1"#,
        id
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(About::Connection { id, name: row.name, client: row.client })
}

async fn client(tx: &mut TenantTx, id: Uuid) -> Result<About> {
    let agency = tx.agency()?;
    let row =
        sqlx::query!("select name, ghl_location_id from sub_accounts where agency_id = $1 and id = $2", agency.0, id)
            .fetch_one(tx.conn())
            .await?;
    Ok(About::Client { id: BusinessId(id), name: row.name, location: row.ghl_location_id })
}

async fn person(tx: &mut TenantTx, id: Uuid) -> Result<About> {
    let row = sqlx::query!("select name from users where id = $1", id).fetch_one(tx.conn()).await?;
    Ok(About::Person { id, name: row.name })
}
