//! How much room do the stored files of a business take, and who is told that it comes to its end? Each file is counted once,
//! in the transaction that stores or erases it; what a crash leaves wrong is corrected by the sweep.

use std::time::Duration;

use domain::notifications::Kind;
use domain::usage::{Level, level};
use domain::{AttachmentId, BusinessId};

use super::enclosed;
use super::outgoing::business;
use crate::events::{self, Event};
use crate::{Result, TenantTx};

/// What people read where there is no room left (Meta, media: files are kept for seven days).
const WHEN_FULL: &str = " New files wait for room, and the platform keeps them for a week. Whoever runs this installation can give more room.";

/// How many bytes the stored files of the business take. A file that several messages bring counts once.
pub async fn used(tx: &mut TenantTx) -> Result<u64> {
    let business = business(tx)?;
    let known = sqlx::query_scalar!("select bytes from file_usage where sub_account_id = $1", business.0)
        .fetch_optional(tx.conn())
        .await?;
    let used = match known {
        Some(bytes) => bytes,
        None => begin(tx, business).await?,
    };
    Ok(u64::try_from(used).unwrap_or_default())
}

/// Sums all files of a business for the first time.
async fn begin(tx: &mut TenantTx, business: BusinessId) -> Result<i64> {
    let (waiting, bytes) = enclosed::waiting(tx).await?;
    let begun = sqlx::query_scalar!(
        "insert into file_usage as u (sub_account_id, bytes)
         select $1::uuid, coalesce(sum(f.bytes), 0)::bigint from (
           select distinct on (a.sha256) a.bytes from (
             select sha256, bytes from message_attachments where sub_account_id = $1 and sha256 is not null
             union all select w.sha256, w.bytes from unnest($2::bytea[], $3::bigint[]) as w (sha256, bytes)) a order by a.sha256) f
         on conflict (sub_account_id) do update set bytes = u.bytes returning bytes",
        business.0,
        &waiting,
        &bytes
    );
    Ok(begun.fetch_one(tx.conn()).await?)
}

/// Counts the file of a row that was stored now, unless another message brought the same or a scheduled one brings it. The
/// transaction holds the lock of the file. Other locks come first where they can: the counter is one row for the whole
/// business.
pub(super) async fn count(
    tx: &mut TenantTx,
    business: BusinessId,
    row: AttachmentId,
    sha256: &[u8],
    bytes: i64,
) -> Result<()> {
    if enclosed::is_waiting(tx, sha256).await? {
        return Ok(());
    }
    sqlx::query!(
        "update file_usage set bytes = bytes + $4 where sub_account_id = $1
           and not exists (select from message_attachments where sub_account_id = $1 and sha256 = $3 and id <> $2)",
        business.0,
        row.0,
        sha256,
        bytes
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives back the room of a file that a row named, unless another message still brings it. The transaction holds the lock of
/// the file.
pub(super) async fn give_back(tx: &mut TenantTx, business: BusinessId, sha256: &[u8], bytes: i64) -> Result<()> {
    if enclosed::is_waiting(tx, sha256).await? {
        return Ok(());
    }
    sqlx::query!(
        "update file_usage set bytes = greatest(bytes - $3, 0) where sub_account_id = $1
           and not exists (select from message_attachments where sub_account_id = $1 and sha256 = $2)",
        business.0,
        sha256,
        bytes
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Sums all files of the business again if that was not done for so long. Whoever stores or erases one meanwhile is waited for.
pub async fn correct(tx: &mut TenantTx, age: Duration) -> Result<()> {
    let business = business(tx)?;
    let is_old = sqlx::query_scalar!(
        "select sub_account_id from file_usage where sub_account_id = $1 and counted_at < now() - make_interval(secs => $2) for no key update",
        business.0,
        age.as_secs_f64()
    )
    .fetch_optional(tx.conn())
    .await?;
    if is_old.is_none() {
        return Ok(());
    }
    let (waiting, bytes) = enclosed::waiting(tx).await?;
    sqlx::query!(
        "update file_usage set counted_at = now(), bytes = (select coalesce(sum(f.bytes), 0)::bigint from (
           select distinct on (a.sha256) a.bytes from (
             select sha256, bytes from message_attachments where sub_account_id = $1 and sha256 is not null
             union all select w.sha256, w.bytes from unnest($2::bytea[], $3::bigint[]) as w (sha256, bytes)) a order by a.sha256) f)
         where sub_account_id = $1",
        business.0,
        &waiting,
        &bytes
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Tells who manages the agency that the files of the business take most of this many bytes, or that a file found no room:
/// each once in a month of UTC.
pub async fn tell(tx: &mut TenantTx, most: u64, found_none: bool) -> Result<()> {
    let business = business(tx)?;
    // A business by itself does not see who manages its agency: the next file that a worker fetches tells them.
    if tx.agency().is_err() {
        return Ok(());
    }
    let row = sqlx::query!(
        r#"select u.bytes, coalesce(u.warned_at >= m.begun, false) as "is_warned!", coalesce(u.full_at >= m.begun, false) as "is_told!", b.name,
                  to_char(m.begun at time zone 'UTC', 'YYYY-MM') as "label!"
           from file_usage u join sub_accounts b on b.id = u.sub_account_id
             cross join (select date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' as begun) m
           where u.sub_account_id = $1"#,
        business.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(()) };
    let level = if found_none { Level::Reached } else { level(row.bytes, i64::try_from(most).unwrap_or(i64::MAX)) };
    let is_known = match level {
        Level::Free => true,
        Level::Near => row.is_warned || row.is_told,
        Level::Reached => row.is_told,
    };
    if is_known {
        return Ok(());
    }
    let is_full = level == Level::Reached;
    sqlx::query!(
        "update file_usage set warned_at = now(), full_at = case when $2 then now() else full_at end where sub_account_id = $1",
        business.0,
        is_full
    )
    .execute(tx.conn())
    .await?;
    let used = u64::try_from(row.bytes).unwrap_or_default();
    let (stage, next) = if is_full { ("full", WHEN_FULL) } else { ("near", "") };
    let event = Event {
        kind: Kind::FilesLimit,
        key: format!("{}:{business}:{}:{stage}", Kind::FilesLimit, row.label),
        subject: Some(business.0),
        business: Some(business),
        to: None,
        title: &row.name,
        detail: &format!("{} of {} are used.{next}", size(used), size(most)),
    };
    events::tell(tx, &event).await?;
    tracing::info!(event = "files.limit", %business, bytes = row.bytes, most, stage, "the room for the files of a business comes to its end");
    Ok(())
}

const GIGABYTE: u64 = 1024 * 1024 * 1024;
const MEGABYTE: u64 = 1024 * 1024;

/// A number of bytes in the unit in which it is short.
fn size(bytes: u64) -> String {
    if bytes < GIGABYTE {
        return format!("{} MB", bytes.div_ceil(MEGABYTE));
    }
    let tenths = bytes * 10 / GIGABYTE;
    if tenths.is_multiple_of(10) {
        format!("{} GB", tenths / 10)
    } else {
        format!("{}.{} GB", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, expected) in [
            (0, "0 MB"),
            (1, "1 MB"),
            (MEGABYTE, "1 MB"),
            (GIGABYTE, "1 GB"),
            (5 * GIGABYTE, "5 GB"),
            (4 * GIGABYTE + 200 * MEGABYTE, "4.1 GB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }
}
