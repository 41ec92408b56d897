//! What is left in the log of tools of a contact that is erased? Nothing that names it: arguments and what people read are
//! replaced by a mark, and whatever waits is over. A call keeps its hash, and its mark proves what is left of it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::tools::{REMOVED, REMOVED_TEXT};
use domain::{BusinessId, ToolApprovalId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::approvals::{changed, settle_news};
use super::chain::Row;
use crate::messaging::outgoing::business;
use crate::{Result, TenantTx, outbox};

/// A shorter name stands in too much that is about somebody else.
const SHORTEST: usize = 5;

/// Removes these names of a contact from everything that programs called and asked for, or from what is not older than a
/// time.
pub async fn forget(tx: &mut TenantTx, names: &[String], since: Option<DateTime<Utc>>) -> Result<()> {
    let (business, patterns) = (business(tx)?, patterns(names));
    if patterns.is_empty() {
        return Ok(());
    }
    forget_asked(tx, business, &patterns, since).await?;
    forget_called(tx, business, &patterns, since).await
}

/// What people were asked. What waits or was approved is not made any more.
async fn forget_asked(
    tx: &mut TenantTx,
    business: BusinessId,
    patterns: &[String],
    since: Option<DateTime<Utc>>,
) -> Result<()> {
    let forgotten = sqlx::query_scalar!(
        r#"update tool_approvals set arguments = '{}', shown = $3, reason = null, state = case when state in ('waiting', 'approved') then 'expired' else state end
           where sub_account_id = $1 and ($4::timestamptz is null or created_at >= $4) and shown <> $3
             and lower(arguments::text || e'\n' || shown || e'\n' || coalesce(reason, '')) like any (array(select lower(p) from unnest($2::text[]) p))
           returning id as "id: ToolApprovalId""#,
        business.0,
        patterns,
        REMOVED_TEXT,
        since
    )
    .fetch_all(tx.conn())
    .await?;
    for id in &forgotten {
        changed(tx, *id).await?;
    }
    if forgotten.is_empty() { Ok(()) } else { settle_news(tx).await }
}

/// What was called. A call that has not ended is hashed with what is left of it.
async fn forget_called(
    tx: &mut TenantTx,
    business: BusinessId,
    patterns: &[String],
    since: Option<DateTime<Utc>>,
) -> Result<()> {
    // Locked, so that none ends and is hashed meanwhile.
    let rows = sqlx::query_as!(
        Row,
        r#"select id, created_at, token_id, token_name, tool, effect, arguments::text as "arguments!", arguments_hash, policy, approval_id, approved_by,
                  outcome, reason, result_bytes, ms, ended_at, seq, prev_hash, hash
           from tool_calls where sub_account_id = $1 and ($3::timestamptz is null or created_at >= $3) and not jsonb_exists(arguments, $4)
             and lower(arguments::text || e'\n' || coalesce(reason, '')) like any (array(select lower(p) from unnest($2::text[]) p))
           order by id for no key update"#,
        business.0,
        patterns,
        since,
        REMOVED
    )
    .fetch_all(tx.conn())
    .await?;
    let marks: Vec<(Uuid, String)> = rows
        .into_iter()
        .map(|row| (row.id, Row { reason: None, ..row }.remainder(business.0).unwrap_or_default()))
        .collect();
    let (ids, marks): (Vec<Uuid>, Vec<String>) = marks.into_iter().unzip();
    sqlx::query!(
        "update tool_calls c set arguments = jsonb_build_object($4::text, w.mark), reason = null from unnest($2::uuid[], $3::text[]) as w (id, mark)
         where c.sub_account_id = $1 and c.id = w.id",
        business.0,
        &ids,
        &marks,
        REMOVED
    )
    .execute(tx.conn())
    .await?;
    for id in ids {
        outbox::add(tx, "tool_call.changed", Some(id), &json!({})).await?;
    }
    Ok(())
}

/// The patterns that find these names in a text and in JSON.
fn patterns(names: &[String]) -> Vec<String> {
    let names = names.iter().map(|name| name.trim()).filter(|name| name.chars().count() >= SHORTEST);
    let spelled = names.flat_map(|name| {
        let json = Value::from(name).to_string();
        let bare = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&json).to_owned();
        [name.to_owned(), bare]
    });
    let escaped = spelled.map(|name| name.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    escaped.map(|name| format!("%{name}%")).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_it_is_and_as_json_spells_it() {
        let names = ["Ana \"Any\" D_az", "Bo", "100%er", " "].map(str::to_owned);
        assert_eq!(patterns(&names), ["%100\\%er%", "%Ana \"Any\" D\\_az%", r#"%Ana \\"Any\\" D\_az%"#]);
    }
}
