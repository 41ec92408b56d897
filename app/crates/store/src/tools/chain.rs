//! Was the log of calls changed outside of the product? Each call that ended is hashed together with the one before it. Rust
//! code computes the hashes, because whoever changes the log may also have changed the functions of the database.

use chrono::{DateTime, Utc};
use domain::identity::Reach;
use domain::tools::REMOVED;
use domain::{AgencyId, BusinessId, ToolCallId};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::cut;
use crate::messaging::outgoing::business;
use crate::{Db, PlatformTx, Result, Scope, TenantTx, new_id, outbox};

/// Rows read at once.
const PIECE: i64 = 1000;
/// The most faults that a look names. A chain without one of its ends may have as many as calls.
const MOST_FAULTS: usize = 100;

/// What a call says, in the order in which it is hashed.
pub(super) struct Row {
    pub id: Uuid,
    pub created_at: DateTime<Utc>,
    pub token_id: Uuid,
    pub token_name: String,
    pub tool: String,
    pub effect: String,
    pub arguments: String,
    pub arguments_hash: Vec<u8>,
    pub policy: String,
    pub approval_id: Option<Uuid>,
    pub approved_by: Option<Uuid>,
    pub outcome: String,
    pub reason: Option<String>,
    pub result_bytes: Option<i32>,
    pub ms: Option<i32>,
    pub ended_at: Option<DateTime<Utc>>,
    pub seq: Option<i64>,
    pub prev_hash: Option<Vec<u8>>,
    pub hash: Option<Vec<u8>>,
}

/// Adds one value to a hash: a mark for an absent value, otherwise its length and its bytes.
fn part(digest: &mut Sha256, value: Option<&str>) {
    match value {
        None => digest.update([0]),
        Some(text) => {
            digest.update([1]);
            digest.update(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            digest.update(text.as_bytes());
        }
    }
}

impl Row {
    /// The hash of this call at this place of the chain of its business.
    pub fn link(&self, business: Uuid, seq: i64, before: &[u8]) -> Vec<u8> {
        self.hashed(&self.arguments, business, seq, before)
    }

    /// The hash of what is left of this call once its arguments and its reason were removed, behind the hash that it has in
    /// the chain. That one stays, so the chain does, and every other part of the call is still proven.
    pub fn remainder(&self, business: Uuid) -> Option<String> {
        let (seq, hash) = (self.seq?, self.hash.as_deref()?);
        Some(hex::encode(self.hashed(REMOVED, business, seq, hash)))
    }

    /// Whether the call says what was hashed, or what was left of that when a contact was erased.
    fn fits(&self, business: Uuid, seq: i64, before: &[u8]) -> bool {
        let is_whole = self.hash.as_deref().is_some_and(|hash| self.link(business, seq, before) == hash);
        is_whole || self.reason.is_none() && self.removed().is_some_and(|mark| self.remainder(business) == Some(mark))
    }

    /// The mark of removed arguments.
    fn removed(&self) -> Option<String> {
        let arguments: Value = serde_json::from_str(&self.arguments).ok()?;
        arguments.get(REMOVED)?.as_str().map(str::to_owned)
    }

    fn hashed(&self, arguments: &str, business: Uuid, seq: i64, before: &[u8]) -> Vec<u8> {
        let text = |id: Option<Uuid>| id.map(|id| id.to_string());
        let micros = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros().to_string());
        let number = |number: Option<i32>| number.map(|number| number.to_string());
        let values = [
            text(Some(business)),
            text(Some(self.id)),
            micros(Some(self.created_at)),
            text(Some(self.token_id)),
            Some(self.token_name.clone()),
            Some(self.tool.clone()),
            Some(self.effect.clone()),
            Some(arguments.to_owned()),
            Some(hex::encode(&self.arguments_hash)),
            Some(self.policy.clone()),
            text(self.approval_id),
            text(self.approved_by),
            Some(self.outcome.clone()),
            self.reason.clone(),
            number(self.result_bytes),
            number(self.ms),
            micros(self.ended_at),
        ];
        let mut digest = Sha256::new();
        digest.update([1]);
        digest.update(seq.to_be_bytes());
        digest.update(before);
        for value in &values {
            part(&mut digest, value.as_deref());
        }
        digest.finalize().to_vec()
    }
}

/// The hash with which the chain of a business begins.
pub(super) fn first(business: Uuid) -> Vec<u8> {
    Sha256::digest(business.to_string()).to_vec()
}

/// A call that has not ended, held with the end of the chain of its business, at the place that it takes there when it ends in
/// this transaction. `None` if it ended. Calls wait for each other at the end of the chain.
pub(super) async fn hold(tx: &mut TenantTx, id: ToolCallId) -> Result<Option<Row>> {
    if let Some(row) = held(tx, id).await? {
        return Ok(Some(row));
    }
    begin(tx).await?;
    held(tx, id).await
}

/// Begins the chain of the business, which its first call does not find.
pub(super) async fn begin(tx: &mut TenantTx) -> Result<()> {
    let business = business(tx)?;
    sqlx::query!(
        "insert into tool_chains (id, sub_account_id, hash) values ($1, $2, $3) on conflict (sub_account_id) do nothing",
        new_id::<Uuid>(),
        business.0,
        first(business.0)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The end of the chain of the business, held for this transaction.
pub(super) async fn hold_end(tx: &mut TenantTx) -> Result<(i64, Vec<u8>)> {
    let business = business(tx)?;
    let end = sqlx::query!("select seq, hash from tool_chains where sub_account_id = $1 for update", business.0)
        .fetch_one(tx.conn())
        .await?;
    Ok((end.seq, end.hash))
}

async fn held(tx: &mut TenantTx, id: ToolCallId) -> Result<Option<Row>> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        Row,
        r#"select t.id, t.created_at, t.token_id, t.token_name, t.tool, t.effect, t.arguments::text as "arguments!", t.arguments_hash, t.policy, t.approval_id,
                  t.approved_by, t.outcome, t.reason, t.result_bytes, t.ms, now() as "ended_at?", c.seq + 1 as "seq?", c.hash as "prev_hash?", t.hash
           from tool_calls t join tool_chains c on c.sub_account_id = t.sub_account_id
           where t.sub_account_id = $1 and t.id = $2 and t.outcome = 'running' for update of t, c"#,
        business.0,
        id.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// Writes how a held call ended, hashes it into the chain at its place there, and tells of it: by one statement.
pub(super) async fn add(tx: &mut TenantTx, row: &Row) -> Result<()> {
    let (business, agency) = (business(tx)?, tx.home().await?);
    let (seq, before) = (row.seq.unwrap_or_default(), row.prev_hash.as_deref().unwrap_or_default());
    let xid = sqlx::query_scalar!(
        r#"with ended as (
             update tool_calls set outcome = $3, reason = $4, result_bytes = $5, ms = $6, ended_at = $7, seq = $8, prev_hash = $9, hash = $10
             where sub_account_id = $1 and id = $2),
           behind as (update tool_chains set seq = $8, hash = $10, linked_at = now() where sub_account_id = $1),
           told as (
             insert into outbox_events (topic, agency_id, sub_account_id, subject_id, payload) values ('tool_call.changed', $11, $1, $2, '{}'))
           select pg_current_xact_id()::text::bigint as "xid!""#,
        business.0,
        row.id,
        row.outcome,
        row.reason,
        row.result_bytes,
        row.ms,
        row.ended_at,
        seq,
        before,
        row.link(business.0, seq, before),
        agency.map(|id| id.0)
    )
    .fetch_one(tx.conn())
    .await?;
    outbox::written(tx, "tool_call.changed", Some(row.id), xid).await
}

/// The next calls of the chain behind one place, up to another.
async fn read(tx: &mut TenantTx, behind: i64, last: i64) -> Result<Vec<Row>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Row,
        r#"select id, created_at, token_id, token_name, tool, effect, arguments::text as "arguments!", arguments_hash, policy, approval_id, approved_by,
                  outcome, reason, result_bytes, ms, ended_at, seq, prev_hash, hash
           from tool_calls where sub_account_id = $1 and seq > $2 and seq <= $4 order by seq limit $3"#,
        business.0,
        behind,
        PIECE,
        last
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// What a look at the chain of a business found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainLook {
    /// The calls in the chain. Those before the first one are a year old and removed.
    pub calls: i64,
    /// What does not fit, in words, at most about a hundred sentences; empty if the chain is whole.
    pub faults: Vec<String>,
}

/// The end of a chain.
struct End {
    seq: i64,
    hash: Vec<u8>,
    /// Whether a call was added within the year for which calls are kept.
    is_recent: bool,
}

async fn end_of(tx: &mut TenantTx) -> Result<Option<End>> {
    let business = business(tx)?;
    let end = sqlx::query_as!(
        End,
        r#"select seq, hash, coalesce(linked_at, updated_at) > now() - interval '364 days' as "is_recent!" from tool_chains where sub_account_id = $1"#,
        business.0
    );
    Ok(end.fetch_optional(tx.conn()).await?)
}

/// Computes every hash of the chain of the business anew and reports what does not fit. Calls that are added meanwhile wait
/// for nothing and are left to the next look.
pub async fn verify(tx: &mut TenantTx) -> Result<ChainLook> {
    let business = business(tx)?;
    let end = end_of(tx).await?;
    let until = end.as_ref().map_or(i64::MAX, |end| end.seq);
    let (mut look, mut last) = (ChainLook::default(), None::<(i64, Vec<u8>)>);
    loop {
        let at = last.as_ref().map_or(0, |(seq, _)| *seq);
        let rows = read(tx, at, until).await?;
        let follows = rows.first().is_some_and(|row| row.seq == Some(at + 1));
        if !follows && let Some(begin) = cut::behind(tx, at).await? {
            last = Some(begin);
            continue;
        }
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let (seq, hash) = (row.seq.unwrap_or(0), row.hash.clone().unwrap_or_default());
            let before = row.prev_hash.clone().unwrap_or_default();
            let mut fault = |what: &str| look.faults.push(format!("call {seq} ({}): {what}", row.id));
            match &last {
                Some((at, _)) if at + 1 != seq => fault("calls before it are missing"),
                Some((_, known)) if *known != before => fault("it does not follow the call before"),
                None if seq != 1 => fault("calls before it are missing"),
                None if before != first(business.0) => fault("it does not begin the chain"),
                _ => {}
            }
            if !row.fits(business.0, seq, &before) {
                fault("it was changed");
            }
            look.calls += 1;
            last = Some((seq, hash));
        }
        look.faults.truncate(MOST_FAULTS);
    }
    // The first call of all may have been added meanwhile.
    let is_endless = end.is_none() && last.is_some() && end_of(tx).await?.is_none();
    match (end, last) {
        (Some(end), Some((seq, hash))) if end.seq != seq || end.hash != hash => {
            look.faults.push(format!("calls behind {seq} are missing: the chain ended at {}", end.seq));
        }
        // Calls are kept for a year.
        (Some(end), None) if end.seq > 0 && end.is_recent => {
            look.faults.push(format!("every call is missing: the chain ended at {}", end.seq));
        }
        _ if is_endless => look.faults.push("the end of the chain is missing".to_owned()),
        _ => {}
    }
    if runs_on(tx).await? {
        look.faults.push("there are calls behind the end of the chain".to_owned());
    }
    Ok(look)
}

/// Whether there are calls behind the end of the chain.
async fn runs_on(tx: &mut TenantTx) -> Result<bool> {
    let business = business(tx)?;
    let behind = sqlx::query_scalar!(
        r#"select exists (select from tool_chains c join tool_calls t on t.sub_account_id = c.sub_account_id and t.seq > c.seq
             where c.sub_account_id = $1) as "behind!""#,
        business.0
    );
    Ok(behind.fetch_one(tx.conn()).await?)
}

/// Verifies the chains of all businesses, and returns those that are there, in the order of businesses.
pub async fn verify_all(db: &Db) -> Result<Vec<(BusinessId, ChainLook)>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let all = sqlx::query!(
        r#"select id as "business: BusinessId", agency_id as "agency: AgencyId" from sub_accounts order by id"#
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let mut looks = Vec::new();
    for one in all {
        let (agency, business) = (one.agency, one.business);
        let scope =
            Scope::AgencyBusiness { user: None, agency, business, reach: Reach::Listed, listed: vec![business] };
        let mut tx = TenantTx::begin(db, scope).await?;
        let look = verify(&mut tx).await?;
        tx.commit().await?;
        if look != ChainLook::default() {
            looks.push((business, look));
        }
    }
    Ok(looks)
}
