//! Has anybody changed the log? Each agency's rows form a chain: a link holds the hash of its row and of the link before it.
//! A signed head, written now and then, shows when the end of a chain was cut off.

use domain::AgencyId;
use domain::audit::ChainReport;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::envelope::Spot;
use crate::vault::Vault;
use crate::{Db, DbRole, Result, Scope, TenantTx};

const BATCH: i64 = 1000;

/// Links every row that is not linked yet; returns how many. Any process may do it, they wait for each other per chain.
pub async fn seal(db: &Db) -> Result<i64> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let open = sqlx::query_scalar!(
        "select distinct chain_id from audit_events e where created_at > now() - interval '2 days'
         and not exists (select from audit_links l where l.event_id = e.id)"
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let mut linked = 0;
    for chain in open {
        loop {
            let mut tx = TenantTx::begin(&db, Scope::Open).await?;
            let n = sqlx::query_scalar!(r#"select audit_seal($1, 1000) as "n!""#, chain).fetch_one(tx.conn()).await?;
            tx.commit().await?;
            linked += n;
            if n < BATCH {
                break;
            }
        }
    }
    Ok(linked)
}

/// Signs the head of every chain that grew since its last signature, and writes it to the log stream, outside the database.
pub async fn checkpoint(db: &Db, vault: &Vault) -> Result<usize> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let heads = sqlx::query!(
        "select distinct on (l.chain_id) l.chain_id, l.seq, l.hash from audit_links l
         where l.seq > coalesce((select max(c.seq) from audit_checkpoints c where c.chain_id = l.chain_id), 0) order by l.chain_id, l.seq desc"
    )
    .fetch_all(tx.conn())
    .await?;
    for head in &heads {
        let signed = signed(head.chain_id, head.seq, &head.hash);
        let (signature, key_id) = vault.seal(&spot(head.chain_id), &signed).await?;
        sqlx::query!(
            "insert into audit_checkpoints (chain_id, seq, hash, key_id, signature) values ($1, $2, $3, $4, $5) on conflict do nothing",
            head.chain_id,
            head.seq,
            head.hash,
            key_id,
            signature
        )
        .execute(tx.conn())
        .await?;
        tracing::info!(chain = %head.chain_id, seq = head.seq, head = hex::encode(&head.hash), "audit checkpoint");
    }
    tx.commit().await?;
    Ok(heads.len())
}

/// The signature is an authenticated seal: only who holds the platform's key can make one that opens.
const fn spot(chain: Uuid) -> Spot {
    Spot { table: "audit_checkpoints", column: "signature", row: chain, agency: None, business: None }
}

fn signed(chain: Uuid, seq: i64, hash: &[u8]) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(chain.as_bytes());
    digest.update(seq.to_be_bytes());
    digest.update(hash);
    digest.finalize().to_vec()
}

/// Walks every chain from its start and says what does not fit.
pub async fn verify(db: &Db, vault: &Vault) -> Result<Vec<ChainReport>> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let chains = sqlx::query_scalar!(
        r#"select chain_id as "chain!" from audit_links union select chain_id from audit_checkpoints union select chain_id from audit_events order by 1"#
    )
    .fetch_all(tx.conn())
    .await?;
    let mut reports = Vec::with_capacity(chains.len());
    for chain in chains {
        let mut report = ChainReport { agency: (!chain.is_nil()).then_some(AgencyId(chain)), ..ChainReport::default() };
        links(tx.conn(), chain, &mut report).await?;
        checkpoints(tx.conn(), chain, vault, &mut report).await?;
        report.waiting = waiting(tx.conn(), chain).await?;
        reports.push(report);
    }
    Ok(reports)
}

async fn links(conn: &mut PgConnection, chain: Uuid, report: &mut ChainReport) -> Result<()> {
    let mut last = Sha256::digest(chain.to_string()).to_vec();
    loop {
        let rows = sqlx::query!(
            r#"select l.seq, l.event_id, l.prev_hash, l.hash, e.content_hash as "content_hash?", length(e.salt) = 0 as erased,
                      e.chain_id is distinct from l.chain_id as "elsewhere!", e.content_hash is distinct from audit_hash(e) as "edited!"
               from audit_links l left join audit_events e on e.id = l.event_id
               where l.chain_id = $1 and l.seq > $2 order by l.seq limit $3"#,
            chain,
            report.rows,
            BATCH
        )
        .fetch_all(&mut *conn)
        .await?;
        for row in &rows {
            let mut fault = |what: &str| report.faults.push(format!("row {} ({}): {what}", row.seq, row.event_id));
            let erased = row.erased == Some(true);
            match &row.content_hash {
                None => fault("the row is gone"),
                Some(_) if row.elsewhere => fault("the row was moved to another agency"),
                Some(_) if row.edited && !erased => fault("the row was changed"),
                Some(content) => {
                    let mut digest = Sha256::new();
                    digest.update(&row.prev_hash);
                    digest.update(content);
                    if digest.finalize().as_slice() != row.hash {
                        fault("the row and its link do not belong together");
                    }
                }
            }
            if row.seq != report.rows + 1 {
                fault("links before it are missing");
            }
            if row.prev_hash != last {
                fault("it does not follow the row before");
            }
            report.erased += i64::from(erased);
            report.rows = row.seq;
            last.clone_from(&row.hash);
        }
        if (rows.len() as i64) < BATCH {
            return Ok(());
        }
    }
}

async fn checkpoints(conn: &mut PgConnection, chain: Uuid, vault: &Vault, report: &mut ChainReport) -> Result<()> {
    let rows = sqlx::query!(
        r#"select c.seq, c.hash, c.signature, l.hash as "linked?" from audit_checkpoints c
           left join audit_links l on l.chain_id = c.chain_id and l.seq = c.seq where c.chain_id = $1 order by c.seq"#,
        chain
    )
    .fetch_all(conn)
    .await?;
    for row in rows {
        report.checkpoints += 1;
        let opened = vault.open_bytes(&spot(chain), &row.signature).await;
        if !opened.is_ok_and(|bytes| *bytes == signed(chain, row.seq, &row.hash)) {
            report.faults.push(format!("checkpoint {}: its signature is not ours", row.seq));
        }
        match row.linked {
            None => report.faults.push(format!("checkpoint {}: the chain was cut off before it", row.seq)),
            Some(hash) if hash != row.hash => {
                report.faults.push(format!("checkpoint {}: the chain was written anew", row.seq))
            }
            Some(_) => {}
        }
    }
    Ok(())
}

async fn waiting(conn: &mut PgConnection, chain: Uuid) -> Result<i64> {
    let waiting = sqlx::query_scalar!(
        r#"select count(*) as "n!" from audit_events e
           where e.chain_id = $1 and not exists (select from audit_links l where l.event_id = e.id)"#,
        chain
    )
    .fetch_one(conn)
    .await?;
    Ok(waiting)
}
