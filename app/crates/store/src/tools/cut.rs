//! Where does the chain of a business begin? Calls that are a year old are removed from its front, and where that ended is
//! written down with it, so that nobody else removes calls unnoticed.

use super::{HOUR, YEAR};
use crate::messaging::outgoing::business;
use crate::removal::{Rule, by_worker};
use crate::{Result, TenantTx};

/// Calls that are a year old. Calls are numbered when they end, so one that began earlier than the one before it waits for
/// that one. A call that ended still waits after another week only where calls before it are missing, which every look at the
/// chain reported until then.
pub(crate) const CALLS: Rule = Rule {
    name: "tool-calls",
    title: "Remove calls of tools after a year",
    tables: &["tool_calls"],
    time: "created_at",
    age: YEAR,
    every: HOUR,
    piece: by_worker!(
        "with old as (
           select t.id, t.sub_account_id, t.seq, t.hash, t.created_at, c.cut_seq + row_number() over (partition by t.sub_account_id order by t.seq) as place
           from (select id, sub_account_id, seq, hash, created_at from tool_calls where created_at < now() - make_interval(secs => $1) order by created_at limit $2) t
             left join tool_chains c on c.sub_account_id = t.sub_account_id),
         going as (select id, sub_account_id, seq, hash from old where seq is null or seq = place or created_at < now() - make_interval(secs => $1, days => 7)),
         cut as (update tool_chains c set cut_seq = g.seq, cut_hash = g.hash
           from (select distinct on (sub_account_id) sub_account_id, seq, hash from going where seq is not null order by sub_account_id, seq desc) g
           where c.sub_account_id = g.sub_account_id and c.cut_seq < g.seq)
         delete from tool_calls t using going g where t.sub_account_id = g.sub_account_id and t.id = g.id"
    ),
};

/// The place and the hash of the last call that was removed for its age, if that is behind this place. The chain goes on there.
pub(super) async fn behind(tx: &mut TenantTx, place: i64) -> Result<Option<(i64, Vec<u8>)>> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select cut_seq, cut_hash as "cut_hash!" from tool_chains where sub_account_id = $1 and cut_seq > $2 and cut_hash is not null"#,
        business.0,
        place
    );
    Ok(row.fetch_optional(tx.conn()).await?.map(|row| (row.cut_seq, row.cut_hash)))
}
