//! Verifies the audit log: it recomputes every hash and compares every link and every signed head. It reports rows that
//! are missing, moved, changed, emptied without an audited act, or that waited too long for their link.

use chrono::{DateTime, Utc};
use domain::AgencyId;
use domain::audit::ChainReport;
use sqlx::PgConnection;
use uuid::Uuid;

use super::hash;
use super::seal::{Head, associated_data, open};
use super::walk::Walk;
use crate::vault::Vault;
use crate::{Db, Result};

/// Rows read at once.
const PIECE: i64 = 1000;

/// Verifies every chain and reports what does not fit.
pub async fn verify(db: &Db, vault: &Vault) -> Result<Vec<ChainReport>> {
    verify_with(db, vault, &[]).await
}

/// Does the same with heads of chains that were kept outside the database. A chain that does not contain one of
/// them was cut off or rewritten.
pub async fn verify_with(db: &Db, vault: &Vault, heads: &[Head]) -> Result<Vec<ChainReport>> {
    let mut tx = open(db).await?;
    let mut chains = chains(tx.conn()).await?;
    drop(tx);
    chains.extend(heads.iter().map(|head| head.chain));
    chains.sort_unstable();
    chains.dedup();
    let mut reports = Vec::with_capacity(chains.len());
    for chain in chains {
        let mut report = ChainReport { agency: (!chain.is_nil()).then_some(AgencyId(chain)), ..ChainReport::default() };
        // The lock prevents a cut of the chain during the verification.
        let mut tx = open(db).await?;
        sqlx::query!("select pg_advisory_xact_lock_shared(hashtextextended('audit-cut:' || $1::uuid, 0))", chain)
            .fetch_one(tx.conn())
            .await?;
        let mut walk = Walk::begin(tx.conn(), chain, vault, &mut report).await?;
        let cut = walk.checkpoint.clone();
        while !walk.piece(tx.conn(), PIECE, &mut report).await?.is_empty() {}
        walk.unexplained(&mut report);
        checkpoints(tx.conn(), (chain, cut), vault, &mut report).await?;
        waiting(tx.conn(), chain, &mut report).await?;
        for head in heads.iter().filter(|head| head.chain == chain) {
            compare(tx.conn(), head, &mut report).await?;
        }
        tx.commit().await?;
        reports.push(report);
    }
    Ok(reports)
}

/// The ids of all chains in any of the tables, with one index probe per chain.
async fn chains(conn: &mut PgConnection) -> Result<Vec<Uuid>> {
    let chains = sqlx::query_scalar!(
        r#"with recursive links as (
             (select chain_id from audit_links order by chain_id limit 1)
             union all
             select (select l.chain_id from audit_links l where l.chain_id > c.chain_id order by l.chain_id limit 1) from links c where c.chain_id is not null),
           rows as (
             (select chain_id from audit_events order by chain_id limit 1)
             union all
             select (select e.chain_id from audit_events e where e.chain_id > c.chain_id order by e.chain_id limit 1) from rows c where c.chain_id is not null),
           heads as (
             (select chain_id from audit_checkpoints order by chain_id limit 1)
             union all
             select (select k.chain_id from audit_checkpoints k where k.chain_id > c.chain_id order by k.chain_id limit 1) from heads c where c.chain_id is not null)
           select chain_id as "chain!" from (select chain_id from links union select chain_id from rows union select chain_id from heads
             union select chain_id from audit_cuts union select chain_id from audit_pending) every where chain_id is not null"#
    );
    Ok(chains.fetch_all(conn).await?)
}

async fn checkpoints(
    conn: &mut PgConnection,
    (chain, cut): (Uuid, Option<Vec<u8>>),
    vault: &Vault,
    report: &mut ChainReport,
) -> Result<()> {
    let mut before = cut;
    let mut after = 0;
    loop {
        let rows = sqlx::query!(
            r#"select c.seq, c.hash, c.signature, c.hash_version, c.prev_hash, l.hash as "linked?" from audit_checkpoints c
               left join audit_links l on l.chain_id = c.chain_id and l.seq = c.seq where c.chain_id = $1 and c.seq > $2 order by c.seq limit $3"#,
            chain,
            after,
            PIECE
        )
        .fetch_all(&mut *conn)
        .await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let mut fault = |what: &str| report.faults.push(format!("checkpoint {}: {what}", row.seq));
            let opened = vault.open_bytes(&associated_data(chain), &row.signature).await;
            let said = hash::head(row.hash_version, (chain, row.seq, &row.hash), row.prev_hash.as_deref());
            if !opened.is_ok_and(|bytes| *bytes == said) {
                fault("its signature is not ours");
            }
            if row.hash_version > 1 && row.prev_hash != before {
                fault("signed heads before it are missing");
            }
            match row.linked {
                None => fault("the chain was cut off before it"),
                Some(hash) if hash != row.hash => fault("the chain was written anew"),
                Some(_) => {}
            }
            before = Some(hash::head_name(row.seq, &row.hash, &row.signature));
            after = row.seq;
            report.checkpoints += 1;
        }
    }
}

/// Reports rows without a link. A few are always just written; a row that waits for more than an hour was hidden
/// from the process that links rows. Also reports rows that are on the waiting list although they are gone.
async fn waiting(conn: &mut PgConnection, chain: Uuid, report: &mut ChainReport) -> Result<()> {
    let mut after: (Option<DateTime<Utc>>, Option<Uuid>) = (None, None);
    loop {
        let piece = sqlx::query!(
            r#"with piece as (select e.id, e.created_at from audit_events e where e.chain_id = $1 and ($2::timestamptz is null or (e.created_at, e.id) > ($2, $3::uuid)) order by e.created_at, e.id limit 20000)
               select count(*) as "rows!", count(*) filter (where l.event_id is null) as "waiting!",
                      count(*) filter (where l.event_id is null and p.created_at < now() - interval '1 hour') as "old!",
                      max(p.created_at) as last_at, (array_agg(p.id order by p.created_at desc, p.id desc))[1] as last_id
               from piece p left join audit_links l on l.event_id = p.id"#,
            chain,
            after.0,
            after.1
        )
        .fetch_one(&mut *conn)
        .await?;
        report.rows += piece.rows;
        report.waiting += piece.waiting;
        if piece.old > 0 {
            report.faults.push(format!("{} rows wait for their link for more than an hour", piece.old));
        }
        if piece.rows == 0 {
            break;
        }
        after = (piece.last_at, piece.last_id);
    }
    let gone = sqlx::query_scalar!(
        r#"select count(*) as "n!" from audit_pending w where w.chain_id = $1 and not exists (select from audit_events e where e.id = w.event_id)"#,
        chain
    )
    .fetch_one(conn)
    .await?;
    if gone > 0 {
        report.faults.push(format!("{gone} rows were removed before they were linked"));
    }
    Ok(())
}

async fn compare(conn: &mut PgConnection, head: &Head, report: &mut ChainReport) -> Result<()> {
    let linked =
        sqlx::query_scalar!("select hash from audit_links where chain_id = $1 and seq = $2", head.chain, head.seq)
            .fetch_optional(conn)
            .await?;
    match linked {
        Some(hash) if hash == head.hash => {}
        Some(_) => report.faults.push(format!("head {}: the chain was written anew", head.seq)),
        // A head behind our own cut can no longer be compared.
        None if report.cut.is_some_and(|cut| cut >= head.seq) => {}
        None => report.faults.push(format!("head {}: the chain was cut off before it", head.seq)),
    }
    Ok(())
}
