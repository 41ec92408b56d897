//! Links new audit rows into their chain. From time to time it signs the head of the chain and writes it to the log
//! stream, outside the database, which later shows whether the end of a chain was cut off.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::hash;
use crate::envelope::AssociatedData;
use crate::vault::Vault;
use crate::{Db, DbRole, Result, Scope, TenantTx};

/// Rows linked in one transaction.
const PIECE: i64 = 1000;

/// The end of a chain at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Id of the chain: an agency's id, or zeros for the platform's own chain.
    pub chain: Uuid,
    /// Number of its last link.
    pub seq: i64,
    /// Hash of that link.
    pub hash: Vec<u8>,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.chain, self.seq, hex::encode(&self.hash))
    }
}

impl FromStr for Head {
    type Err = String;

    /// Parses `CHAIN:SEQ:HASH`, the format in the log stream.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let [chain, seq, hash] = parts.as_slice() else { return Err("a head is CHAIN:SEQ:HASH".into()) };
        Ok(Self {
            chain: chain.parse().map_err(|_| "CHAIN is the id of an agency, or zeros for the platform")?,
            seq: seq.parse().map_err(|_| "SEQ is a number")?,
            hash: hex::decode(hash).map_err(|_| "HASH is hexadecimal")?,
        })
    }
}

pub(super) async fn open(db: &Db) -> Result<TenantTx> {
    TenantTx::begin(&db.acting_as(DbRole::Worker), Scope::Open).await
}

/// Links every row that waits for its link and returns how many it linked. Any process may call it; the calls wait
/// for each other per chain.
///
/// # Errors
/// Returns the first problem with a chain, after it has linked the other chains.
pub async fn link_pending(db: &Db) -> Result<i64> {
    seal_while(db, &|| true).await.map(|(linked, _)| linked)
}

/// Does the same for as long as `go_on` returns true. The flag says whether all rows are linked.
///
/// # Errors
/// As for `link_pending`.
pub async fn seal_while(db: &Db, go_on: &(dyn Fn() -> bool + Sync)) -> Result<(i64, bool)> {
    let mut tx = open(db).await?;
    // One index probe of the waiting list per chain, however many rows wait.
    let chains = sqlx::query_scalar!(
        r#"with recursive chains as (
             (select chain_id from audit_pending order by chain_id limit 1)
             union all
             select (select w.chain_id from audit_pending w where w.chain_id > c.chain_id order by w.chain_id limit 1) from chains c where c.chain_id is not null)
           select chain_id as "chain!" from chains where chain_id is not null"#
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    let (mut linked, mut trouble) = (0, None);
    for chain in chains {
        loop {
            if !go_on() {
                return trouble.map_or(Ok((linked, false)), Err);
            }
            match seal_piece(db, chain).await {
                Ok(n) => linked += n,
                Err(error) => {
                    tracing::warn!(event = "audit.not_linked", %chain, %error, "rows of the audit log could not be linked");
                    trouble.get_or_insert(error);
                    break;
                }
            }
            if !waits(db, chain).await? {
                break;
            }
        }
    }
    trouble.map_or(Ok((linked, true)), Err)
}

async fn seal_piece(db: &Db, chain: Uuid) -> Result<i64> {
    let mut tx = open(db).await?;
    let n = sqlx::query_scalar!(r#"select audit_seal($1, $2::int) as "n!""#, chain, PIECE as i32)
        .fetch_one(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(n)
}

/// Whether existing rows of the chain wait for their link. A row that was removed before it was linked waits
/// forever, which the verification reports as a fault.
async fn waits(db: &Db, chain: Uuid) -> Result<bool> {
    let mut tx = open(db).await?;
    let waits = sqlx::query_scalar!(
        r#"select exists (select from audit_pending w join audit_events e on e.id = w.event_id where w.chain_id = $1) as "waits!""#,
        chain
    );
    Ok(waits.fetch_one(tx.conn()).await?)
}

/// Signs the head of every chain that grew since its last signature, and writes it to the log stream, outside the
/// database.
///
/// # Errors
/// Returns the first problem with a chain, after it has signed the other chains.
pub async fn checkpoint(db: &Db, vault: &Vault) -> Result<Vec<Head>> {
    let mut tx = open(db).await?;
    // One index probe per chain for its last link and one for its last signature, so that it never scans all
    // links.
    let grown = sqlx::query!(
        r#"with recursive chains as (
             (select chain_id from audit_links order by chain_id limit 1)
             union all
             select (select l.chain_id from audit_links l where l.chain_id > c.chain_id order by l.chain_id limit 1) from chains c where c.chain_id is not null)
           select c.chain_id as "chain!", h.seq, h.hash, p.seq as "before_seq?", p.hash as "before_hash?", p.signature as "before_signature?"
           from chains c
           cross join lateral (select seq, hash from audit_links l where l.chain_id = c.chain_id order by l.seq desc limit 1) h
           left join lateral (select seq, hash, signature from audit_checkpoints k where k.chain_id = c.chain_id order by k.seq desc limit 1) p on true
           where c.chain_id is not null and (p.seq is null or h.seq > p.seq)"#
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    let (mut heads, mut trouble) = (Vec::new(), None);
    for row in grown {
        let head = Head { chain: row.chain, seq: row.seq, hash: row.hash };
        let before = match (row.before_seq, row.before_hash, row.before_signature) {
            (Some(seq), Some(hash), Some(signature)) => Some(hash::head_name(seq, &hash, &signature)),
            _ => None,
        };
        match sign(db, vault, &head, before).await {
            Ok(()) => {
                tracing::info!(event = "audit.head", %head, "audit checkpoint");
                heads.push(head);
            }
            Err(error) => {
                tracing::warn!(event = "audit.not_signed", chain = %head.chain, %error, "the head of an audit chain could not be signed");
                trouble.get_or_insert(error);
            }
        }
    }
    trouble.map_or(Ok(heads), Err)
}

async fn sign(db: &Db, vault: &Vault, head: &Head, before: Option<Vec<u8>>) -> Result<()> {
    let said = hash::head(2, (head.chain, head.seq, &head.hash), before.as_deref());
    let (signature, key_id) = vault.seal(&associated_data(head.chain), &said).await?;
    let mut tx = open(db).await?;
    sqlx::query!(
        "insert into audit_checkpoints (chain_id, seq, hash, key_id, signature, hash_version, prev_hash) values ($1, $2, $3, $4, $5, 2, $6) on conflict do nothing",
        head.chain,
        head.seq,
        head.hash,
        key_id,
        signature,
        before
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// Associated data of a head's signature. The signature is an authenticated encryption: only a process that holds
/// the platform's key can create one that opens.
pub(super) const fn associated_data(chain: Uuid) -> AssociatedData {
    AssociatedData { table: "audit_checkpoints", column: "signature", row: chain, agency: None, business: None }
}
