//! Removes audit rows older than 400 days in batches and stores a signed cut that says where the chain continues. It
//! removes only rows that match their hashes and that a signed head covers. The database itself refuses to delete
//! younger rows.

use std::time::Duration;

use domain::audit::ChainReport;
use uuid::Uuid;

use super::hash;
use super::seal::open;
use super::walk::{Walk, cut_associated_data};
use crate::vault::Vault;
use crate::{Db, Error, Result, TenantTx};

/// How long a row of the log is kept.
pub const AGE: Duration = Duration::from_secs(400 * 24 * 3600);

/// Rows removed in one transaction.
const PIECE: i64 = 1000;

/// Cuts every chain behind its rows that are older than 400 days, for as long as `go_on` returns true. Returns how
/// many rows it removed, and whether it got through all chains.
///
/// # Errors
/// Returns the first problem with a chain, after it has cut the other chains. A row that does not match its hashes
/// stays, together with all rows behind it.
pub async fn cut(db: &Db, vault: &Vault, go_on: &(dyn Fn() -> bool + Sync)) -> Result<(u64, bool)> {
    let mut tx = open(db).await?;
    let chains = sqlx::query_scalar!(
        r#"with recursive chains as (
             (select chain_id from audit_links order by chain_id limit 1)
             union all
             select (select l.chain_id from audit_links l where l.chain_id > c.chain_id order by l.chain_id limit 1) from chains c where c.chain_id is not null)
           select c.chain_id as "chain!" from chains c
           cross join lateral (select created_at from audit_links l where l.chain_id = c.chain_id order by l.seq limit 1) f
           where c.chain_id is not null and f.created_at < now() - make_interval(secs => $1)"#,
        AGE.as_secs_f64()
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    let (mut gone, mut trouble) = (0, None);
    for chain in chains {
        loop {
            if !go_on() {
                return trouble.map_or(Ok((gone, false)), Err);
            }
            match piece(db, vault, chain).await {
                Ok(0) => break,
                Ok(rows) => gone += rows,
                Err(error) => {
                    tracing::warn!(event = "audit.not_pruned", %chain, %error, "old rows of an audit chain stay");
                    trouble.get_or_insert(error);
                    break;
                }
            }
        }
    }
    trouble.map_or(Ok((gone, true)), Err)
}

async fn piece(db: &Db, vault: &Vault, chain: Uuid) -> Result<u64> {
    let mut tx = open(db).await?;
    let free = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtextextended('audit-cut:' || $1::uuid, 0)) as "free!""#,
        chain
    );
    // Another process is verifying or cutting this chain.
    if !free.fetch_one(tx.conn()).await? {
        return Ok(0);
    }
    let now = sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(tx.conn()).await?;
    let before = now - AGE;
    let heads = sqlx::query!(
        "select max(seq) as signed, min(seq) filter (where created_at >= $2) as young from audit_checkpoints where chain_id = $1",
        chain,
        before
    )
    .fetch_one(tx.conn())
    .await?;
    let mut report = ChainReport::default();
    let mut walk = Walk::begin(tx.conn(), chain, vault, &mut report).await?;
    let (from, checkpoint) = (walk.seq, walk.checkpoint.clone());
    let rows = walk.piece(tx.conn(), PIECE, &mut report).await?;
    if let Some(fault) = report.faults.first() {
        return Err(Error::Refused(format!("the audit chain, which is not whole: {fault}")));
    }
    let old = |row: &&hash::Linked| row.linked_at < before && row.created_at.is_some_and(|at| at < before);
    // The last signed head stays, together with its row. A head can be younger than its row, because it is signed
    // later. A head that is not old yet stays, too.
    let passed_by = |row: &&hash::Linked| {
        heads.signed.is_some_and(|seq| row.seq < seq) && heads.young.is_none_or(|seq| row.seq < seq)
    };
    let going: Vec<&hash::Linked> = rows.iter().take_while(old).take_while(passed_by).collect();
    let Some(last) = going.last() else { return Ok(0) };
    let ids: Vec<Uuid> = going.iter().map(|row| row.event_id).collect();
    let checkpoint = last_head_behind(&mut tx, chain, last.seq).await?.or(checkpoint);
    put(&mut tx, vault, (chain, last.seq, &last.hash), checkpoint.as_deref()).await?;
    let events = sqlx::query!("delete from audit_events where id = any($1)", &ids).execute(tx.conn()).await?;
    let links =
        sqlx::query!("delete from audit_links where chain_id = $1 and seq > $2 and seq <= $3", chain, from, last.seq)
            .execute(tx.conn())
            .await?;
    sqlx::query!("delete from audit_checkpoints where chain_id = $1 and seq <= $2", chain, last.seq)
        .execute(tx.conn())
        .await?;
    let whole = ids.len() as u64;
    if (events.rows_affected(), links.rows_affected()) != (whole, whole)
        || last_head_behind(&mut tx, chain, last.seq).await?.is_some()
    {
        return Err(Error::Refused("the age of a row of the audit log".into()));
    }
    tx.commit().await?;
    tracing::info!(event = "audit.pruned", %chain, seq = last.seq, rows = whole, "old rows of an audit chain removed");
    Ok(whole)
}

/// The name of the last signed head behind the cut, as the next head refers to it. `None` if no head is behind it.
async fn last_head_behind(tx: &mut TenantTx, chain: Uuid, seq: i64) -> Result<Option<Vec<u8>>> {
    let row = sqlx::query!(
        "select seq, hash, signature from audit_checkpoints where chain_id = $1 and seq <= $2 order by seq desc limit 1",
        chain,
        seq
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| hash::head_name(row.seq, &row.hash, &row.signature)))
}

async fn put(
    tx: &mut TenantTx,
    vault: &Vault,
    (chain, seq, hash): (Uuid, i64, &[u8]),
    checkpoint: Option<&[u8]>,
) -> Result<()> {
    let said = hash::cut((chain, seq, hash), checkpoint);
    let (signature, key_id) = vault.seal(&cut_associated_data(chain), &said).await?;
    sqlx::query!(
        "insert into audit_cuts as c (chain_id, seq, hash, checkpoint_hash, key_id, signature) values ($1, $2, $3, $4, $5, $6)
         on conflict (chain_id) do update set seq = excluded.seq, hash = excluded.hash, checkpoint_hash = excluded.checkpoint_hash,
           key_id = excluded.key_id, signature = excluded.signature",
        chain,
        seq,
        hash,
        checkpoint,
        key_id,
        signature
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
