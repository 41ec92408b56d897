//! What happened, written with the change itself and read by whoever follows: live pages, deliveries, automations.
//! A reader sees a row only after every older transaction ended, so nothing that commits late is skipped.

use chrono::{DateTime, Utc};
use domain::{AgencyId, BusinessId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Db, PlatformTx, Result, Scope, TenantTx};

/// Writes what happened (`thing.past`) to a subject, in the agency and business of the caller's transaction, and wakes
/// listeners when that commits. The payload holds ids and small facts, at most 8 KiB.
pub async fn add(tx: &mut TenantTx, topic: &str, subject: Option<Uuid>, payload: &Value) -> Result<()> {
    let (agency, business) = (tx.home().await?, tx.business());
    insert(tx.conn(), topic, agency, business, subject, payload).await
}

/// The same under platform scope, for one agency or none.
pub async fn add_platform(
    tx: &mut PlatformTx,
    topic: &str,
    agency: Option<AgencyId>,
    subject: Option<Uuid>,
    payload: &Value,
) -> Result<()> {
    insert(tx.conn(), topic, agency, None, subject, payload).await
}

async fn insert(
    conn: &mut PgConnection,
    topic: &str,
    agency: Option<AgencyId>,
    business: Option<BusinessId>,
    subject: Option<Uuid>,
    payload: &Value,
) -> Result<()> {
    sqlx::query!(
        "insert into outbox_events (topic, agency_id, sub_account_id, subject_id, payload) values ($1, $2, $3, $4, $5)",
        topic,
        agency.map(|id| id.0),
        business.map(|id| id.0),
        subject,
        payload,
    )
    .execute(&mut *conn)
    .await?;
    let id = |id: Option<Uuid>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
    let note = format!("e {} {} {} {}", topic, id(agency.map(Uuid::from)), id(business.map(Uuid::from)), id(subject));
    sqlx::query!("select pg_notify('slipway', $1)", note).execute(conn).await?;
    Ok(())
}

/// Up to where a reader has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    xid: String,
    position: i64,
}

/// A row of the outbox.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Where it stands; pass the last one to the next call.
    pub mark: Mark,
    /// What.
    pub topic: String,
    /// In which agency.
    pub agency: Option<AgencyId>,
    /// In which business.
    pub business: Option<BusinessId>,
    /// To what.
    pub subject: Option<Uuid>,
    /// Ids and small facts.
    pub payload: Value,
    /// When.
    pub at: DateTime<Utc>,
}

/// Where a reader starts that wants only what happens from now on.
pub async fn now(db: &Db) -> Result<Mark> {
    let db = db.acting_as(crate::DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let xid = sqlx::query_scalar!(r#"select pg_snapshot_xmin(pg_current_snapshot())::text as "xid!""#)
        .fetch_one(tx.conn())
        .await?;
    Ok(Mark { xid, position: -1 })
}

/// The next rows about a subject after a mark, oldest first.
pub async fn tail(db: &Db, subject: Uuid, after: &Mark, most: i64) -> Result<Vec<Happened>> {
    let db = db.acting_as(crate::DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let rows = sqlx::query!(
        r#"select xid::text as "xid!", position, topic, agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", subject_id, payload, created_at
           from outbox_events where subject_id = $4 and (xid, position) > ($1::text::xid8, $2) and xid < pg_snapshot_xmin(pg_current_snapshot())
           order by xid, position limit $3"#,
        after.xid,
        after.position,
        most,
        subject
    )
    .fetch_all(tx.conn())
    .await?;
    let happened = rows.into_iter().map(|row| Happened {
        mark: Mark { xid: row.xid, position: row.position },
        topic: row.topic,
        agency: row.agency,
        business: row.business,
        subject: row.subject_id,
        payload: row.payload,
        at: row.created_at,
    });
    Ok(happened.collect())
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.xid, self.position)
    }
}

impl std::str::FromStr for Mark {
    type Err = ();

    /// Reads what `Display` wrote, as it comes back in `Last-Event-ID`.
    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let (xid, position) = text.split_once('-').ok_or(())?;
        let number: u64 = xid.parse().map_err(|_| ())?;
        Ok(Self { xid: number.to_string(), position: position.parse().map_err(|_| ())? })
    }
}
