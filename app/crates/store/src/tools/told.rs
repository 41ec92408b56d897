//! Which calls wait for a person for a while, and whom does the business tell by mail? Its owners, once for everything that
//! waits at that time, and once in an hour however often programs ask.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::identity::Role;
use domain::notifications::{Choices, Rules};
use domain::work::{Kind, Mail};
use domain::{BusinessId, UserId};

use super::approvals::OPEN_FOR;
use crate::due::{DueBusinesses, FOUND, outside_trash};
use crate::messaging::outgoing::business;
use crate::queue::{self, Work};
use crate::{Db, Result, TenantTx, removal};

/// How long a call waits until the owners get a mail: whoever works in the inbox decides sooner.
pub const AFTER: TimeDelta = TimeDelta::minutes(10);
/// How long a business is told nothing after a mail, however often programs ask.
const APART: TimeDelta = TimeDelta::hours(1);
/// The most owners of one business who get a mail.
const MOST: i64 = 20;
/// How many calls a mail names.
const NAMED: i64 = 5;

/// What an owner is told now.
#[derive(Clone, Debug)]
pub struct Owed {
    /// Their address.
    pub email: String,
    /// How they want to be told.
    pub rules: Rules,
    /// How many calls wait.
    pub count: i64,
    /// The newest of them.
    pub newest: Vec<Waiting>,
}

/// A call that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What its token is called: the agent.
    pub agent: String,
    /// The name of the tool.
    pub tool: String,
}

/// The businesses in which a call waits for long and whose owners were not told, in the order of their ids, behind one of
/// them. Those in the trash are left out.
pub async fn businesses(db: &Db, now: DateTime<Utc>, after: Option<BusinessId>) -> Result<DueBusinesses> {
    let mut tx = removal::begin(db, Duration::ZERO).await?;
    let due = sqlx::query_scalar!(
        r#"select distinct sub_account_id as "business: BusinessId" from tool_approvals
           where state = 'waiting' and told_at is null and created_at <= $1 and expires_at > $2
             and ($3::uuid is null or sub_account_id > $3) order by 1 limit $4"#,
        now - AFTER,
        now,
        after.map(|id| id.0),
        FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    outside_trash(db, &due).await
}

/// Queues a mail to each owner if a call waits for long that they were not told of, and they were told nothing for an hour. From
/// then on they count as told of everything that waits. A call that somebody decides at this moment is left alone.
pub async fn tell(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<()> {
    let business = business(tx)?;
    let told = sqlx::query!(
        "update tool_approvals set told_at = $2
         where sub_account_id = $1 and id = any (array(
             select id from tool_approvals where sub_account_id = $1 and state = 'waiting' and told_at is null and expires_at > $2 order by id for no key update skip locked))
           and exists (select from tool_approvals o where o.sub_account_id = $1 and o.state = 'waiting' and o.told_at is null and o.expires_at > $2 and o.created_at <= $3)
           and not exists (select from tool_approvals r where r.sub_account_id = $1 and r.created_at > $4 and r.told_at > $5)",
        business.0,
        now,
        now - AFTER,
        now - OPEN_FOR - APART,
        now - APART
    )
    .execute(tx.conn())
    .await?;
    if told.rows_affected() == 0 {
        return Ok(());
    }
    for user in owners(tx, business).await? {
        let mail = serde_json::to_value(Mail::ApprovalWaits { user }).unwrap_or_default();
        let key = format!("mail:approval-waits:{business}:{user}");
        queue::add(tx, &Work::new(Kind::SendMail).subject(user).payload(mail).once(key)).await?;
    }
    Ok(())
}

async fn owners(tx: &mut TenantTx, business: BusinessId) -> Result<Vec<UserId>> {
    let owners = sqlx::query_scalar!(
        r#"select m.user_id as "user: UserId" from user_sub_account_memberships m
           join users u on u.id = m.user_id and u.deleted_at is null and u.disabled_at is null
           join roles r on r.owner = m.role_owner and r.id = m.role_id and r.key = $2
           where m.sub_account_id = $1 and m.kind = 'member' and m.deleted_at is null and m.status = 'active' order by m.user_id limit $3"#,
        business.0,
        Role::BusinessOwner.key(),
        MOST
    );
    Ok(owners.fetch_all(tx.conn()).await?)
}

/// What this owner of the business is told now. `None` if nothing waits any more, or if they are none of its owners or may not
/// sign in.
pub async fn owed(tx: &mut TenantTx, user: UserId, now: DateTime<Utc>) -> Result<Option<Owed>> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select u.email, u.settings_json -> 'notifications' as own,
             (select count(*) from tool_approvals a where a.sub_account_id = $1 and a.state = 'waiting' and a.expires_at > $4) as "count!"
           from user_sub_account_memberships m join users u on u.id = m.user_id and u.deleted_at is null and u.disabled_at is null
           join roles r on r.owner = m.role_owner and r.id = m.role_id and r.key = $3
           where m.sub_account_id = $1 and m.user_id = $2 and m.kind = 'member' and m.deleted_at is null and m.status = 'active'"#,
        business.0,
        user.0,
        Role::BusinessOwner.key(),
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row.filter(|row| row.count > 0) else { return Ok(None) };
    let newest = sqlx::query_as!(
        Waiting,
        "select token_name as agent, tool from tool_approvals
         where sub_account_id = $1 and state = 'waiting' and expires_at > $2 order by created_at desc, id desc limit $3",
        business.0,
        now,
        NAMED
    );
    let newest = newest.fetch_all(tx.conn()).await?;
    let rules = Rules { own: Choices::stored(row.own), ..Rules::default() };
    Ok(Some(Owed { email: row.email, rules, count: row.count, newest }))
}
