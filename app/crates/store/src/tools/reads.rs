//! How is a call noted that only reads what is stored here? What it is judged by is read before it runs. Once it ended, one
//! statement counts it, adds it to the log and links it into the chain of its business.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ToolCallId;
use domain::tools::Stopped;
use uuid::Uuid;

use super::budgets::USUAL_CALLS;
use super::calls::{self, Ended, NewCall};
use super::chain::{self, Row};
use super::judging::Known;
use super::policies;
use crate::messaging::outgoing::business;
use crate::messaging::trimmed::{storable, trimmed};
use crate::{Result, TenantTx, new_id};

/// What a read is judged by before it runs, and what it is noted with when it ended.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Policy, switches and the guard against loops.
    pub known: Known,
    /// How many calls the token may make in a day.
    most: i32,
    /// How many it made today.
    made: i32,
    /// When it was judged, by the clock of the database.
    at: DateTime<Utc>,
    /// Its arguments as the database writes them.
    arguments: String,
    /// The end of the chain at that time. `None` if there was none.
    end: Option<(i64, Vec<u8>)>,
}

impl Judged {
    /// Whether the token has a call left today.
    #[must_use]
    pub const fn has_calls(&self) -> bool {
        self.made < self.most
    }
}

/// A read that ended.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    /// Its id.
    pub id: ToolCallId,
    /// What was called.
    pub call: &'a NewCall<'a>,
    /// What it was judged by.
    pub judged: &'a Judged,
    /// How long ago that was.
    pub since: Duration,
    /// How it ended.
    pub ended: Ended<'a>,
    /// The most times that a token makes the same call within a minute.
    pub most_same: i64,
}

/// Reads what a call is judged by, in one statement.
pub async fn judge(tx: &mut TenantTx, call: &NewCall<'_>, now: DateTime<Utc>) -> Result<Judged> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select (select case when policy = 'ask' and allowed_until > $5 then 'allow' else policy end
                   from tool_policies where sub_account_id = $1 and token_id = $2 and tool = $3) as policy,
                  exists (select from tool_stops where sub_account_id = $1) as "business!", exists (select from tool_stop) as "all!",
                  (select count(*) from tool_calls
                   where sub_account_id = $1 and token_id = $2 and arguments_hash = $4 and tool = $3 and outcome <> 'limited'
                     and created_at > now() - interval '1 minute') as "same!",
                  coalesce((select calls from tool_days where sub_account_id = $1 and token_id = $2 and day = (now() at time zone 'utc')::date), 0) as "made!",
                  coalesce((select calls from tool_budgets where sub_account_id = $1 and token_id = $2), $7::int) as "most!",
                  $6::jsonb::text as "arguments!", now() as "at!", c.seq as "seq?", c.hash as "hash?"
           from (values (1)) one left join tool_chains c on c.sub_account_id = $1"#,
        business.0,
        call.token.0,
        call.tool,
        &call.hash[..],
        now,
        storable(call.arguments),
        USUAL_CALLS
    )
    .fetch_one(tx.conn())
    .await?;
    let policy = row.policy.map(|policy| policies::read(&policy)).transpose()?;
    let known = Known { policy, stopped: Stopped { business: row.business, all: row.all }, same: row.same };
    let (at, arguments, end) = (row.at, row.arguments, row.seq.zip(row.hash));
    Ok(Judged { known, most: row.most, made: row.made, at, arguments, end })
}

/// Counts a read that ended, and notes it at the end of the chain. The outbox tells of it, and no notice does: pages of the log show it
/// when their process reads the outbox, within two seconds. Returns false, and nothing may be committed, if the token has no
/// call left meanwhile, or made the same one too often: then nobody may read the answer.
pub async fn note(tx: &mut TenantTx, read: &Read<'_>) -> Result<bool> {
    if read.judged.known.same >= read.most_same {
        return Ok(false);
    }
    let business = business(tx)?;
    let end = read.judged.end.clone().unwrap_or_else(|| (0, chain::first(business.0)));
    // Where the chain still ends as it did, no call was noted since the guard against loops looked.
    let mut noted = link(tx, read, &end, true).await?;
    if noted.is_counted && !noted.is_linked {
        if read.judged.end.is_none() {
            chain::begin(tx).await?;
        }
        let end = chain::hold_end(tx).await?;
        if same(tx, read.call).await? >= read.most_same {
            return Ok(false);
        }
        noted = link(tx, read, &end, false).await?;
    }
    if !noted.is_linked {
        return Ok(false);
    }
    if noted.is_another_lost {
        calls::close_lost(tx).await?;
    }
    Ok(true)
}

/// How often the token made the same call within the last minute.
async fn same(tx: &mut TenantTx, call: &NewCall<'_>) -> Result<i64> {
    let business = business(tx)?;
    let same = sqlx::query_scalar!(
        r#"select count(*) as "same!" from tool_calls
           where sub_account_id = $1 and token_id = $2 and arguments_hash = $3 and tool = $4 and outcome <> 'limited'
             and created_at > now() - interval '1 minute'"#,
        business.0,
        call.token.0,
        &call.hash[..],
        call.tool
    );
    Ok(same.fetch_one(tx.conn()).await?)
}

/// What became of a statement that notes a read.
struct Noted {
    is_counted: bool,
    is_linked: bool,
    is_another_lost: bool,
}

/// Counts a read, if it is not counted yet, and puts it behind this end of the chain, if the chain still ends there. It locks as every
/// call does: the day of the token, and then the end of the chain.
async fn link(tx: &mut TenantTx, read: &Read<'_>, (seq, before): &(i64, Vec<u8>), counts: bool) -> Result<Noted> {
    let (business, agency) = (business(tx)?, tx.home().await?);
    let (call, row) = (read.call, row(read, (*seq, before.as_slice())));
    let noted = sqlx::query_as!(
        Noted,
        r#"with counted as (
             insert into tool_days as d (id, sub_account_id, token_id, day, calls)
             select $19, $2, $4, (now() at time zone 'utc')::date, 1 where $18::bool and $20::int > 0
             on conflict (sub_account_id, token_id, day) do update set calls = d.calls + 1 where d.calls < $20
             returning 1 as one),
           linked as (
             update tool_chains set seq = $14, hash = $16, linked_at = now()
             where sub_account_id = $2 and seq = $14::bigint - 1 and hash = $15 and (not $18 or exists (select from counted))
             returning 1 as one),
           noted as (
             insert into tool_calls (id, sub_account_id, created_at, token_id, token_name, tool, effect, arguments, arguments_hash, policy, outcome, reason,
               result_bytes, ms, ended_at, seq, prev_hash, hash)
             select $1, $2, $3, $4, $5, $6, $22, $7, $8, $9, $10, $11, $12, $13, $17, $14, $15, $16 from linked),
           told as (
             insert into outbox_events (topic, agency_id, sub_account_id, subject_id, payload) select 'tool_call.changed', $21, $2, $1, '{}' from linked)
           select exists (select from counted) as "is_counted!", exists (select from linked) as "is_linked!",
                  exists (select from tool_calls where sub_account_id = $2 and outcome = 'running' and created_at < now() - interval '10 minutes') as "is_another_lost!""#,
        row.id,
        business.0,
        row.created_at,
        row.token_id,
        row.token_name,
        row.tool,
        storable(call.arguments),
        row.arguments_hash,
        row.policy,
        row.outcome,
        row.reason,
        row.result_bytes,
        row.ms,
        seq + 1,
        before.as_slice(),
        row.link(business.0, seq + 1, before),
        row.ended_at,
        counts,
        new_id::<Uuid>(),
        read.judged.most,
        agency.map(|id| id.0),
        row.effect
    );
    Ok(noted.fetch_one(tx.conn()).await?)
}

/// What the log says of a read at its place behind this end of the chain.
fn row(read: &Read<'_>, (seq, before): (i64, &[u8])) -> Row {
    let Read { id, call, judged, since, ended, .. } = *read;
    let since = TimeDelta::microseconds(i64::try_from(since.as_micros()).unwrap_or(i64::MAX / 2));
    Row {
        id: id.0,
        created_at: judged.at,
        token_id: call.token.0,
        token_name: trimmed(call.token_name, 480),
        tool: call.tool.to_owned(),
        effect: call.effect.to_owned(),
        arguments: judged.arguments.clone(),
        arguments_hash: call.hash.to_vec(),
        policy: call.policy.key().to_owned(),
        approval_id: None,
        approved_by: None,
        outcome: ended.outcome.key().to_owned(),
        reason: ended.reason.map(|reason| trimmed(reason, 1000)),
        result_bytes: ended.bytes,
        ms: Some(ended.ms),
        ended_at: judged.at.checked_add_signed(since),
        seq: Some(seq + 1),
        prev_hash: Some(before.to_vec()),
        hash: None,
    }
}
