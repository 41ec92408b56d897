//! The outbox: events written in the transaction of the change and read by live pages, deliveries and automations. A
//! reader sees a row only after every older transaction has ended, so it never skips a late commit. Rows are read in the order of
//! their transactions' numbers, which stay inside: whoever follows from outside names the last event by an id of its own. In a
//! database that was restored the numbers begin anew, so what it brought along is put before all of them (`settle`).

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
pub struct OutboxCursor {
    xid: String,
    position: i64,
}

impl OutboxCursor {
    /// Before everything.
    fn start() -> Self {
        Self { xid: "0".to_owned(), position: -1 }
    }

    #[cfg(test)]
    pub(crate) fn at(xid: u64) -> Self {
        Self { xid: xid.to_string(), position: 0 }
    }
}

/// A row of the outbox.
#[derive(Clone, Debug)]
pub struct OutboxEvent {
    /// Where it stands; pass the last one to the next call.
    pub cursor: OutboxCursor,
    /// Its own id, by which whoever follows comes back (`resume`).
    pub id: Uuid,
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
pub async fn now(db: &Db) -> Result<OutboxCursor> {
    let db = db.acting_as(crate::DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let xid = sqlx::query_scalar!(r#"select pg_snapshot_xmin(pg_current_snapshot())::text as "xid!""#)
        .fetch_one(tx.conn())
        .await?;
    Ok(OutboxCursor { xid, position: -1 })
}

/// Where a reader of one subject goes on: behind the event it was told last, by its id, or else behind the last one there is. Gives
/// that event's id, by which it comes back; the nil id stands before the first. An id that is not known is older than what is kept,
/// of another subject, or from a time that a restored database has not seen: then the reader has to look at the subject anew.
pub async fn resume(db: &Db, subject: Uuid, last: Option<Uuid>) -> Result<(OutboxCursor, Uuid)> {
    if last == Some(Uuid::nil()) {
        return Ok((OutboxCursor::start(), Uuid::nil()));
    }
    let db = db.acting_as(crate::DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let row = sqlx::query!(
        r#"select xid::text as "xid!", position, id as "id!" from
             (select xid, position, coalesce(event_id, md5('event ' || position)::uuid) as id from outbox_events
              where subject_id = $1 and xid < pg_snapshot_xmin(pg_current_snapshot())) told
           order by id is not distinct from $2 desc, told.xid desc, position desc limit 1"#,
        subject,
        last
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map_or_else(
        || (OutboxCursor::start(), Uuid::nil()),
        |row| (OutboxCursor { xid: row.xid, position: row.position }, row.id),
    ))
}

/// Rows put into the past at once.
const PIECE: i64 = 5000;

/// Puts rows whose transactions are yet to come into the past, and gives how many: a database that was restored from a dump brought
/// them along, and its numbers begin anew. Left alone they would be told long after, as new. Their order among each other stays.
pub(crate) async fn settle(db: &Db) -> Result<u64> {
    let db = db.acting_as(crate::DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let past = sqlx::query_scalar!(
        r#"select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text as "past!" where exists
             (select from outbox_events where xid >= pg_snapshot_xmax(pg_current_snapshot()))"#
    )
    .fetch_optional(tx.conn())
    .await?;
    drop(tx);
    let (Some(past), mut settled) = (past, 0) else { return Ok(0) };
    loop {
        let mut tx = TenantTx::begin(&db, Scope::Open).await?;
        let done = sqlx::query!(
            "update outbox_events set xid = $1::text::xid8 where ctid = any(array(select ctid from outbox_events
             where xid >= pg_snapshot_xmax(pg_current_snapshot()) order by xid, position limit $2))",
            past,
            PIECE
        )
        .execute(tx.conn())
        .await?
        .rows_affected();
        tx.commit().await?;
        settled += done;
        if done == 0 {
            tracing::warn!(
                event = "outbox.settled",
                settled,
                "this database was restored: what it brought along is taken for told"
            );
            return Ok(settled);
        }
    }
}

/// Whether a reader's mark lies in a time that this database has not seen: it was restored under a running process.
pub(crate) async fn is_ahead(db: &Db, cursor: &OutboxCursor) -> Result<bool> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let ahead = sqlx::query_scalar!(
        r#"select $1::text::xid8 > pg_snapshot_xmin(pg_current_snapshot()) as "ahead!""#,
        cursor.xid
    );
    Ok(ahead.fetch_one(tx.conn()).await?)
}

/// The next rows about a subject after a mark, oldest first.
pub async fn tail(db: &Db, subject: Uuid, after: &OutboxCursor, most: i64) -> Result<Vec<OutboxEvent>> {
    let db = db.acting_as(crate::DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let rows = sqlx::query!(
        r#"select xid::text as "xid!", position, coalesce(event_id, md5('event ' || position)::uuid) as "id!", topic, agency_id as "agency: AgencyId", sub_account_id as "business: BusinessId", subject_id, payload, created_at
           from outbox_events where subject_id = $4 and (xid, position) > ($1::text::xid8, $2) and xid < pg_snapshot_xmin(pg_current_snapshot())
           order by xid, position limit $3"#,
        after.xid,
        after.position,
        most,
        subject
    )
    .fetch_all(tx.conn())
    .await?;
    let happened = rows.into_iter().map(|row| OutboxEvent {
        cursor: OutboxCursor { xid: row.xid, position: row.position },
        id: row.id,
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
pub(crate) async fn changes(db: &Db, after: &OutboxCursor, most: i64) -> Result<(Vec<Change>, OutboxCursor, bool)> {
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
    let cursor =
        rows.first().map_or_else(|| after.clone(), |row| OutboxCursor { xid: row.xid.clone(), position: row.last });
    let full = rows.first().is_some_and(|row| row.count >= most);
    let change = rows.into_iter().map(|row| Change {
        topic: row.topic,
        agency: row.agency,
        business: row.business,
        subject: row.subject_id,
        xid: row.latest,
    });
    Ok((change.collect(), cursor, full))
}
