//! The outbox: events written in the transaction of the change and read by live pages, deliveries and automations.
//! A reader sees a row only after every older transaction has ended, so it never skips a late commit. Rows are
//! read in the order of their transaction numbers. These numbers are internal; a reader outside of the program
//! names the last event by the event's own id. In a restored database the numbers start again, so
//! `renumber_restored` puts the restored rows before all new ones.

use chrono::{DateTime, Utc};
use domain::{AgencyId, BusinessId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::notices::Key;
use crate::{Db, PlatformTx, Result, Scope, TenantTx};

/// Writes an event (`thing.past`) about a subject, in the agency and business of the caller's transaction.
/// Listeners are notified after the commit. The payload holds ids and small facts, at most 8 KiB.
pub async fn add(tx: &mut TenantTx, topic: &str, subject: Option<Uuid>, payload: &Value) -> Result<()> {
    let (agency, business) = (tx.home().await?, tx.business());
    let key = Key { topic, agency: agency.map(|id| id.0), business: business.map(|id| id.0), subject };
    let xid = insert(tx.conn(), &key, payload).await?;
    tx.notices().happened(&key, xid);
    Ok(())
}

/// Notifies listeners after the commit of an event that a statement of the caller wrote together with its change. `xid` is the
/// number of the transaction.
pub(crate) async fn written(tx: &mut TenantTx, topic: &str, subject: Option<Uuid>, xid: i64) -> Result<()> {
    let (agency, business) = (tx.home().await?, tx.business());
    let key = Key { topic, agency: agency.map(|id| id.0), business: business.map(|id| id.0), subject };
    tx.notices().happened(&key, xid);
    Ok(())
}

/// Like `add`, under platform scope, for one agency or none.
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

/// Returns the number of the transaction. Pages may insert here but not read, so the statement returns nothing of
/// the row.
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

/// The position that a reader has reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxCursor {
    xid: String,
    position: i64,
}

impl OutboxCursor {
    /// The position before the first row.
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
    /// Position of the row. Pass the last one to the next call.
    pub cursor: OutboxCursor,
    /// Id of the event, with which a reader continues later (`resume`).
    pub id: Uuid,
    /// What happened (`thing.past`).
    pub topic: String,
    /// The agency in which it happened.
    pub agency: Option<AgencyId>,
    /// The business in which it happened.
    pub business: Option<BusinessId>,
    /// The object that it is about.
    pub subject: Option<Uuid>,
    /// Ids and small facts.
    pub payload: Value,
    /// When the row was written.
    pub at: DateTime<Utc>,
}

/// The position at which a reader starts that wants only future events.
pub async fn now(db: &Db) -> Result<OutboxCursor> {
    let db = db.acting_as(crate::DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let xid = sqlx::query_scalar!(r#"select pg_snapshot_xmin(pg_current_snapshot())::text as "xid!""#)
        .fetch_one(tx.conn())
        .await?;
    Ok(OutboxCursor { xid, position: -1 })
}

/// The position at which a reader of one subject continues: after the event with the id `last`, or otherwise after
/// the newest event. Also returns the id of that event, with which the reader continues later; the nil id stands
/// before the first event. An unknown id is older than what is kept, belongs to another subject, or comes from a
/// time that a restored database does not contain. The reader must then read the subject again.
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

/// Rows changed in one transaction.
const PIECE: i64 = 5000;

/// Gives rows with a future transaction number a past one and returns how many. A database that was restored from
/// a dump contains such rows, because its own numbers start again. Without this the rows would be delivered much
/// later, as new events. Their relative order stays.
pub(crate) async fn renumber_restored(db: &Db) -> Result<u64> {
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

/// Whether a reader's position is ahead of this database: it was restored while the process was running.
pub(crate) async fn is_ahead(db: &Db, cursor: &OutboxCursor) -> Result<bool> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let ahead = sqlx::query_scalar!(
        r#"select $1::text::xid8 > pg_snapshot_xmin(pg_current_snapshot()) as "ahead!""#,
        cursor.xid
    );
    Ok(ahead.fetch_one(tx.conn()).await?)
}

/// The next events about a subject after a position, oldest first.
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

/// All events of one topic about one subject since a position, as one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub topic: String,
    pub agency: Option<AgencyId>,
    pub business: Option<BusinessId>,
    pub subject: Option<Uuid>,
    /// The highest number among the transactions that changed it.
    pub xid: i64,
}

/// What happened anywhere after a position, one entry per topic and subject, and the new position. Reads at most
/// `most` rows. The flag is true when it read that many, so that the reader continues with the next call.
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
