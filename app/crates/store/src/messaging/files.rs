//! Which stored files does a business still need, which are kept no longer, and which wait although nobody fetches them? A
//! file is erased with the last row that names it.

use std::time::Duration;

use domain::messaging::file::AGED;
use domain::work::Kind;
use domain::{AttachmentId, BusinessId};
use uuid::Uuid;

use super::outgoing::business;
use super::{enclosed, room};
use crate::queue::{self, Work};
use crate::removal;
use crate::{Db, Result, Scope, TenantTx};

pub use super::room::used;

/// The most files that are named at once.
const MOST: i64 = 100;

/// The most files that are found at once that are kept no longer.
const MOST_AGED: i64 = 1000;

/// Begins a transaction of a worker in a business, which may be erased already.
pub async fn begin(db: &Db, business: BusinessId) -> Result<TenantTx> {
    TenantTx::begin(db, Scope::Business { user: None, business }).await
}

/// Keeps everybody else from storing or erasing the file with this checksum until the transaction ends.
pub async fn lock(tx: &mut TenantTx, sha256: &[u8]) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('file:' || $1::uuid || encode($2::bytea, 'hex'), 0))::text as "locked""#,
        business.0,
        sha256
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Which of these checksums the business still needs, also for messages that are scheduled. The transaction must hold their
/// locks if a file is to be erased.
pub async fn needed(tx: &mut TenantTx, checksums: &[Vec<u8>]) -> Result<Vec<Vec<u8>>> {
    let business = business(tx)?;
    // These first: at its time such a file becomes that of a message, and is seen there.
    let (waiting, _) = enclosed::waiting(tx).await?;
    let needed = sqlx::query_scalar!(
        r#"select distinct sha256 as "sha256!" from message_attachments where sub_account_id = $1 and sha256 = any ($2) and removed_at is null"#,
        business.0,
        checksums
    );
    let mut needed = needed.fetch_all(tx.conn()).await?;
    let more: Vec<_> = checksums.iter().filter(|one| waiting.contains(one) && !needed.contains(one)).cloned().collect();
    needed.extend(more);
    Ok(needed)
}

/// Whether there still is such a business, also in the trash.
pub async fn has_business(tx: &mut TenantTx) -> Result<bool> {
    let business = business(tx)?;
    let found =
        sqlx::query_scalar!(r#"select exists (select from sub_accounts where id = $1) as "found!""#, business.0);
    Ok(found.fetch_one(tx.conn()).await?)
}

/// Stored files of all businesses that came more than so many months ago, by business; at most a thousand at once, the oldest.
pub async fn aged(db: &Db, months: u16) -> Result<Vec<(BusinessId, Vec<AttachmentId>)>> {
    let mut tx = removal::begin(db, Duration::ZERO).await?;
    let rows = sqlx::query!(
        r#"select a.sub_account_id as "business!: BusinessId", array_agg(a.id) as "ids!" from (
             select sub_account_id, id from message_attachments
             where sha256 is not null and removed_at is null and created_at < now() - make_interval(months => $1) order by created_at limit $2) a
           group by a.sub_account_id"#,
        i32::from(months),
        MOST_AGED
    )
    .fetch_all(tx.conn())
    .await?;
    let named = |ids: Vec<Uuid>| ids.into_iter().map(AttachmentId).collect();
    Ok(rows.into_iter().map(|row| (row.business, named(row.ids))).collect())
}

/// Lets stored files of the business go that are kept no longer. They are erased like those that were taken back, and their
/// messages say so. Returns how many.
pub async fn expire(tx: &mut TenantTx, files: &[AttachmentId]) -> Result<u64> {
    let business = business(tx)?;
    let ids: Vec<Uuid> = files.iter().map(|id| id.0).collect();
    let done = sqlx::query!(
        "update message_attachments set removed_at = now(), state = 'expired', error = $3
         where sub_account_id = $1 and id = any ($2) and sha256 is not null and removed_at is null",
        business.0,
        &ids,
        AGED
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// A file that is to be erased: its writer took it back, or it is kept no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its row.
    pub id: AttachmentId,
    /// The business.
    pub business: BusinessId,
    /// The checksum.
    pub sha256: Vec<u8>,
}

/// Files of all businesses that are to be erased, the first ones first; at most a hundred at once.
pub async fn removed(db: &Db) -> Result<Vec<Removed>> {
    let mut tx = removal::begin(db, Duration::ZERO).await?;
    let rows = sqlx::query_as!(
        Removed,
        r#"select id as "id: AttachmentId", sub_account_id as "business: BusinessId", sha256 as "sha256!" from message_attachments
           where removed_at is not null and sha256 is not null order by removed_at limit $1"#,
        MOST
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// Removes the row of a file that is erased, and gives back its room. The row of one that was kept no longer stays without its
/// file, unless its message was taken back since. The transaction holds the lock of the file.
pub async fn forget(tx: &mut TenantTx, id: AttachmentId) -> Result<()> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select a.sha256 as "sha256!", coalesce(a.bytes, 0) as "bytes!", a.state = 'expired' and m.revoked_at is null as "stays!"
           from message_attachments a join messages m on m.sub_account_id = a.sub_account_id and m.id = a.message_id
           where a.sub_account_id = $1 and a.id = $2 and a.removed_at is not null and a.sha256 is not null for update of a"#,
        business.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(()) };
    if row.stays {
        sqlx::query!(
            "update message_attachments set removed_at = null, sha256 = null, media_id = null, url = null where sub_account_id = $1 and id = $2",
            business.0,
            id.0
        )
        .execute(tx.conn())
        .await?;
    } else {
        sqlx::query!("delete from message_attachments where sub_account_id = $1 and id = $2", business.0, id.0)
            .execute(tx.conn())
            .await?;
    }
    room::give_back(tx, business, &row.sha256, row.bytes).await
}

/// Lets a file that could not be erased wait behind all others.
pub async fn postpone(tx: &mut TenantTx, id: AttachmentId) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "update message_attachments set removed_at = now() where sub_account_id = $1 and id = $2 and removed_at is not null",
        business.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Files of all businesses that wait for longer than `age` although no work fetches them, the oldest first; at most a hundred
/// at once.
pub async fn lost(db: &Db, age: Duration) -> Result<Vec<(BusinessId, AttachmentId)>> {
    let mut tx = removal::begin(db, age).await?;
    let rows = sqlx::query!(
        r#"select a.sub_account_id as "business: BusinessId", a.id as "id: AttachmentId" from message_attachments a
           where a.state = 'waiting' and a.created_at < now() - make_interval(secs => $1)
             and not exists (select from work_ready w where w.dedupe_key = 'media:' || a.id)
             and not exists (select from work_scheduled w where w.dedupe_key = 'media:' || a.id)
             and not exists (select from work_leases w where w.dedupe_key = 'media:' || a.id)
           order by a.created_at limit $2"#,
        age.as_secs_f64(),
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.business, row.id)).collect())
}

/// Lets a worker fetch a file. It waits once.
pub async fn fetch(tx: &mut TenantTx, id: AttachmentId) -> Result<()> {
    queue::add(tx, &Work::new(Kind::FetchMedia).subject(id).once(format!("media:{id}"))).await.map(|_| ())
}
