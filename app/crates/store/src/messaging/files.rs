//! Which stored files does a business still need, how much room do they take, and which wait although nobody fetches them?
//! A file is erased together with the last row that names it.

use std::time::Duration;

use domain::work::Kind;
use domain::{AttachmentId, BusinessId};

use super::outgoing::business;
use crate::queue::{self, Work};
use crate::removal;
use crate::{Db, Result, Scope, TenantTx};

/// The most files that are named at once.
const MOST: i64 = 100;

/// Begins a transaction of a worker in a business, which may be erased already.
pub async fn begin(db: &Db, business: BusinessId) -> Result<TenantTx> {
    TenantTx::begin(db, Scope::Business { user: None, business }).await
}

/// How many bytes the stored files of the business take. A file that several messages bring counts once.
pub async fn used(tx: &mut TenantTx) -> Result<u64> {
    let business = business(tx)?;
    let used = sqlx::query_scalar!(
        r#"select coalesce(sum(f.bytes), 0)::bigint as "used!" from (
             select distinct on (sha256) bytes from message_attachments where sub_account_id = $1 and sha256 is not null order by sha256) f"#,
        business.0
    );
    Ok(u64::try_from(used.fetch_one(tx.conn()).await?).unwrap_or_default())
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

/// Which of these checksums the business still needs. The transaction must hold their locks if a file is to be erased.
pub async fn needed(tx: &mut TenantTx, checksums: &[Vec<u8>]) -> Result<Vec<Vec<u8>>> {
    let business = business(tx)?;
    let needed = sqlx::query_scalar!(
        r#"select distinct sha256 as "sha256!" from message_attachments where sub_account_id = $1 and sha256 = any ($2) and removed_at is null"#,
        business.0,
        checksums
    );
    Ok(needed.fetch_all(tx.conn()).await?)
}

/// Whether there still is such a business, also in the trash.
pub async fn has_business(tx: &mut TenantTx) -> Result<bool> {
    let business = business(tx)?;
    let found =
        sqlx::query_scalar!(r#"select exists (select from sub_accounts where id = $1) as "found!""#, business.0);
    Ok(found.fetch_one(tx.conn()).await?)
}

/// A file that its writer took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its row.
    pub id: AttachmentId,
    /// The business.
    pub business: BusinessId,
    /// The checksum.
    pub sha256: Vec<u8>,
}

/// Files of all businesses that their writers took back, the first ones first; at most a hundred at once.
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

/// Removes the row of a file that was taken back and is erased.
pub async fn forget(tx: &mut TenantTx, id: AttachmentId) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "delete from message_attachments where sub_account_id = $1 and id = $2 and removed_at is not null",
        business.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lets a file that was taken back and could not be erased wait behind all others.
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
