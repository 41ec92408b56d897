//! What is left in the log of tools of a contact that is erased? Nothing that names it: arguments and what people read are
//! replaced by a mark, and whatever waits is over. A call keeps its hash, and its mark proves what is left of it.

#[cfg(all(test, feature = "testing"))]
mod long;
mod names;
#[cfg(test)]
mod tests;
mod texts;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::tools::{REMOVED, REMOVED_TEXT};
use domain::{BusinessId, ToolApprovalId};
use serde_json::{Value, json};
use uuid::Uuid;

use self::names::Names;
use super::approvals::{changed, settle_news};
use super::chain::Row;
use crate::messaging::erasing::Named;
use crate::messaging::outgoing::business;
use crate::{Result, TenantTx, outbox};

/// How many calls a statement reads, so that each ends in time however long the log is.
const PIECE: i64 = 250;

/// What a program said.
struct Said {
    id: Uuid,
    arguments: Value,
    text: String,
    hash: Vec<u8>,
}

/// Removes what names these contacts from everything that programs called and asked for, or from what is not older than a time.
pub async fn forget(tx: &mut TenantTx, named: &Named, since: Option<DateTime<Utc>>) -> Result<()> {
    let mut next = Some(Uuid::nil());
    while let Some(after) = next {
        next = forget_piece(tx, named, after, since).await?;
    }
    Ok(())
}

/// Does the same for the piece of the log behind this call. Returns the last call of the piece; `None` if nothing is left.
/// What names a contact is judged by the rule in `names.rs`. What was asked with the arguments of a call that goes is about the
/// same, so it goes as well, whatever people read of it.
pub async fn forget_piece(
    tx: &mut TenantTx,
    named: &Named,
    after: Uuid,
    since: Option<DateTime<Utc>>,
) -> Result<Option<Uuid>> {
    let (business, names) = (business(tx)?, Names::of(named));
    if names.is_empty() {
        return Ok(None);
    }
    let next = end_of_piece(tx, business, after, since).await?;
    let (bounds, which) = ((after, next.unwrap_or(Uuid::max())), (since, names.patterns()));
    // The database finds what may name it, and the rule is judged here.
    let found = piece(tx, business, bounds, &which).await?;
    let (mut calls, mut hashes) = (Vec::new(), BTreeSet::new());
    for one in found.into_iter().filter(|one| names.said(&one.arguments, &one.text)) {
        calls.push(one.id);
        hashes.insert(one.hash);
    }
    let asked = asked(tx, business, bounds, &which).await?;
    let named = asked.into_iter().filter(|one| names.said(&one.arguments, &one.text));
    let mut ids: Vec<Uuid> = named.map(|one| one.id).collect();
    ids.extend(asked_with(tx, business, &hashes, since).await?);
    forget_asked(tx, business, &ids).await?;
    forget_called(tx, business, &calls).await?;
    Ok(next)
}

/// Removes what names these contacts from what waits for a person or was approved and not made yet: it is over at once.
pub async fn forget_waiting(tx: &mut TenantTx, named: &Named) -> Result<()> {
    let (business, names) = (business(tx)?, Names::of(named));
    if names.is_empty() {
        return Ok(());
    }
    let patterns = names.patterns();
    let found = sqlx::query_as!(
        Said,
        r#"select id, arguments as "arguments: Value", shown || e'\n' || coalesce(reason, '') as "text!", arguments_hash as hash
           from tool_approvals where sub_account_id = $1 and state in ('waiting', 'approved')
             and lower(arguments::text || e'\n' || shown || e'\n' || coalesce(reason, '')) like any (array(select distinct lower(p) from unnest($2::text[]) p))"#,
        business.0,
        &patterns
    )
    .fetch_all(tx.conn())
    .await?;
    let named = found.into_iter().filter(|one| names.said(&one.arguments, &one.text));
    let ids: Vec<Uuid> = named.map(|one| one.id).collect();
    forget_asked(tx, business, &ids).await
}

/// The last call of the piece of the log that begins behind this one. `None` if the piece is the last one.
async fn end_of_piece(
    tx: &mut TenantTx,
    business: BusinessId,
    after: Uuid,
    since: Option<DateTime<Utc>>,
) -> Result<Option<Uuid>> {
    let end = sqlx::query_scalar!(
        "select id from tool_calls where sub_account_id = $1 and id > $2 and ($3::timestamptz is null or created_at >= $3) order by id offset $4 limit 1",
        business.0,
        after,
        since,
        PIECE
    );
    Ok(end.fetch_optional(tx.conn()).await?)
}

/// The calls of a piece of the log that may name a contact.
async fn piece(
    tx: &mut TenantTx,
    business: BusinessId,
    (after, end): (Uuid, Uuid),
    (since, patterns): &(Option<DateTime<Utc>>, Vec<String>),
) -> Result<Vec<Said>> {
    let found = sqlx::query_as!(
        Said,
        r#"select id, arguments as "arguments: Value", coalesce(reason, '') as "text!", arguments_hash as hash
           from tool_calls where sub_account_id = $1 and id > $2 and id <= $3 and ($4::timestamptz is null or created_at >= $4)
             and not jsonb_exists(arguments, $5)
             and lower(arguments::text || e'\n' || coalesce(reason, '')) like any (array(select distinct lower(p) from unnest($6::text[]) p))"#,
        business.0,
        after,
        end,
        *since,
        REMOVED,
        patterns
    );
    Ok(found.fetch_all(tx.conn()).await?)
}

/// What people were asked while the calls of a piece were made, and may name a contact.
async fn asked(
    tx: &mut TenantTx,
    business: BusinessId,
    (after, end): (Uuid, Uuid),
    (since, patterns): &(Option<DateTime<Utc>>, Vec<String>),
) -> Result<Vec<Said>> {
    let found = sqlx::query_as!(
        Said,
        r#"select id, arguments as "arguments: Value", shown || e'\n' || coalesce(reason, '') as "text!", arguments_hash as hash
           from tool_approvals where sub_account_id = $1 and id > $2 and id <= $3 and ($4::timestamptz is null or created_at >= $4) and shown <> $5
             and lower(arguments::text || e'\n' || shown || e'\n' || coalesce(reason, '')) like any (array(select distinct lower(p) from unnest($6::text[]) p))"#,
        business.0,
        after,
        end,
        *since,
        REMOVED_TEXT,
        patterns
    );
    Ok(found.fetch_all(tx.conn()).await?)
}

/// What people were asked with what was called, whenever that was.
async fn asked_with(
    tx: &mut TenantTx,
    business: BusinessId,
    hashes: &BTreeSet<Vec<u8>>,
    since: Option<DateTime<Utc>>,
) -> Result<Vec<Uuid>> {
    if hashes.is_empty() {
        return Ok(Vec::new());
    }
    let hashes: Vec<Vec<u8>> = hashes.iter().cloned().collect();
    let found = sqlx::query_scalar!(
        "select id from tool_approvals where sub_account_id = $1 and ($2::timestamptz is null or created_at >= $2) and shown <> $3
           and arguments_hash = any ($4::bytea[])",
        business.0,
        since,
        REMOVED_TEXT,
        &hashes
    );
    Ok(found.fetch_all(tx.conn()).await?)
}

/// What people were asked. What waits or was approved is not made any more.
async fn forget_asked(tx: &mut TenantTx, business: BusinessId, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let forgotten = sqlx::query_scalar!(
        r#"update tool_approvals set arguments = '{}', shown = $3, reason = null, state = case when state in ('waiting', 'approved') then 'expired' else state end
           where sub_account_id = $1 and id = any ($2) returning id as "id: ToolApprovalId""#,
        business.0,
        ids,
        REMOVED_TEXT
    )
    .fetch_all(tx.conn())
    .await?;
    for id in &forgotten {
        changed(tx, *id).await?;
    }
    if forgotten.is_empty() { Ok(()) } else { settle_news(tx).await }
}

/// What was called. A call that has not ended is hashed with what is left of it.
async fn forget_called(tx: &mut TenantTx, business: BusinessId, calls: &[Uuid]) -> Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    // Locked, so that none ends and is hashed meanwhile.
    let rows = sqlx::query_as!(
        Row,
        r#"select id, created_at, token_id, token_name, tool, effect, arguments::text as "arguments!", arguments_hash, policy, approval_id, approved_by,
                  outcome, reason, result_bytes, ms, ended_at, seq, prev_hash, hash
           from tool_calls where sub_account_id = $1 and id = any ($2) and not jsonb_exists(arguments, $3) order by id for no key update"#,
        business.0,
        calls,
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
