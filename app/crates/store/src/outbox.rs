//! What happened, written with the change itself and read by whoever follows: live pages, deliveries, automations.
//! A reader sees a row only after every older transaction ended, so nothing that commits late is skipped.

use chrono::{DateTime, Utc};
use domain::{AgencyId, BusinessId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::notices::Key;
use crate::{Db, PlatformTx, Result, Scope, TenantTx};

/// Writes what happened (`thing.past`) to a subject, in the agency and business of the caller's transaction; listeners are told
/// after that commits. The payload holds ids and small facts, at most 8 KiB.
pub async fn add(tx: &mut TenantTx, topic: &str, subject: Option<Uuid>, payload: &Value) -> Result<()> {
    let (agency, business) = (tx.home().await?, tx.business());
    let key = Key { topic, agency: agency.map(|id| id.0), business: business.map(|id| id.0), subject };
    let xid = insert(tx.conn(), &key, payload).await?;
    tx.notices().happened(&key, xid);
    Ok(())
}

/// The same under platform scope, for one agency or none.
pub async fn add_platform(
    tx: &mut PlatformTx,
    topic: &str,
    agency: Option<AgencyId>,
    subject: Option<Uuid>,
    payload: &Value,
) -> Result<()> {
    let key = Key { topic, agency: agency.map(|id| id.0), business: None, subject };
    let xid = insert(tx.conn(), &key, payload).await?;
    tx.notices().happened(&key, xid);
    Ok(())
}

/// Gives the number of the transaction; pages may write here and not read, so the row tells nothing back.
async fn insert(conn: &mut PgConnection, key: &Key<'_>, payload: &Value) -> Result<i64> {
    let xid = sqlx::query_scalar!(
        r#"with told as (insert into outbox_events (topic, agency_id, sub_account_id, subject_id, payload) values ($1, $2, $3, $4, $5))
           select pg_current_xact_id()::text::bigint as "xid!""#,
        key.topic,
        key.agency,
        key.business,
        key.subject,
        payload,
    );
    Ok(xid.fetch_one(conn).await?)
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

/// What happened to one subject since a mark, however often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub topic: String,
    pub agency: Option<AgencyId>,
    pub business: Option<BusinessId>,
    pub subject: Option<Uuid>,
    /// The number of the latest transaction that changed it.
    pub xid: i64,
}

/// What happened anywhere after a mark, each subject once, and how far was read. Reads at most `most` rows; a reader that lags
/// behind goes on with the next call.
pub(crate) async fn changes(db: &Db, after: &Mark, most: i64) -> Result<(Vec<Change>, Mark, bool)> {
    let db = db.acting_as(crate::DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let rows = sqlx::query!(
        r#"with read as materialized (
             select xid, position, topic, agency_id, sub_account_id, subject_id from outbox_events
             where (xid, position) > ($1::text::xid8, $2) and xid < pg_snapshot_xmin(pg_current_snapshot())
             order by xid, position limit $3),
           last as (select xid::text as xid, position, (select count(*) from read) as count from read order by read.xid desc, position desc limit 1)
           select topic as "topic!", agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", subject_id, max(read.xid::text::bigint) as "latest!",
                  min(last.xid) as "xid!", min(last.position) as "last!", min(last.count) as "count!"
           from read, last group by topic, agency_id, sub_account_id, subject_id"#,
        after.xid,
        after.position,
        most
    )
    .fetch_all(tx.conn())
    .await?;
    let mark = rows.first().map_or_else(|| after.clone(), |row| Mark { xid: row.xid.clone(), position: row.last });
    let full = rows.first().is_some_and(|row| row.count >= most);
    let change = rows.into_iter().map(|row| Change {
        topic: row.topic,
        agency: row.agency,
        business: row.business,
        subject: row.subject_id,
        xid: row.latest,
    });
    Ok((change.collect(), mark, full))
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
