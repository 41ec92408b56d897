//! Memberships of agencies and businesses with their roles. A person who leaves keeps a soft-deleted row; a return
//! restores that row.

use chrono::{DateTime, Utc};
use domain::audit::details::BEFORE;
use domain::identity::{AgencyRole, CustomRole, Reach, Role};
use domain::permission::Right;
use domain::person::{Colleague, Member};
use domain::{AgencyId, RoleId, UserId};

use crate::audit::{self, Act};
use crate::{Error, PlatformTx, Result, TenantTx, found, invites};

const fn reach_key(reach: Reach) -> &'static str {
    match reach {
        Reach::All => "all",
        Reach::Listed => "listed",
    }
}

/// The members of the transaction's agency.
pub async fn of_agency(tx: &mut TenantTx) -> Result<Vec<Member>> {
    let rows = sqlx::query!(
        r#"select m.user_id as "user: UserId", u.email, u.name, r.key, r.is_builtin, r.id as "role_id: RoleId", r.name as role, m.reach,
                  array(select p.key from role_permissions g join permissions p on p.id = g.permission_id where g.role_id = r.id and not r.is_builtin) as "actions!",
                  u.mfa_enrolled_at is not null as "mfa!", u.last_seen_at, m.created_at,
                  (select count(*) from user_sub_account_memberships s join sub_accounts b on b.id = s.sub_account_id and b.deleted_at is null
                   where s.agency_id = m.agency_id and s.user_id = m.user_id and s.kind = 'assigned' and s.status = 'active' and s.deleted_at is null) as "assigned!"
           from user_agency_memberships m join users u on u.id = m.user_id join roles r on r.owner = m.role_owner and r.id = m.role_id
           where m.agency_id = $1 and m.deleted_at is null and m.status = 'active' and u.deleted_at is null order by u.name, u.email limit 1000"#,
        tx.agency()?.0
    )
    .fetch_all(tx.conn())
    .await?;
    let members = rows.into_iter().filter_map(|row| {
        Some(Member {
            user: row.user,
            email: row.email,
            name: row.name,
            role: match row.is_builtin {
                true => AgencyRole::BuiltIn(Role::parse(&row.key)?),
                false => AgencyRole::Custom(CustomRole {
                    id: row.role_id,
                    name: row.role,
                    actions: row.actions.iter().filter_map(|key| Right::parse(key)).collect(),
                }),
            },
            reach: Some(if row.reach == "all" { Reach::All } else { Reach::Listed }),
            assigned: (row.reach != "all").then_some(row.assigned),
            mfa_enrolled: row.mfa,
            last_seen_at: row.last_seen_at,
            since: row.created_at,
        })
    });
    Ok(members.collect())
}

/// The members of the transaction's business. Agency staff who are assigned to it are not included.
pub async fn of_business(tx: &mut TenantTx) -> Result<Vec<Member>> {
    let rows = sqlx::query!(
        r#"select m.user_id as "user: UserId", u.email, u.name, r.key, u.mfa_enrolled_at is not null as "mfa!", u.last_seen_at, m.created_at
           from user_sub_account_memberships m join users u on u.id = m.user_id join roles r on r.owner = m.role_owner and r.id = m.role_id
           where m.sub_account_id = $1 and m.kind = 'member' and m.deleted_at is null and m.status = 'active' and u.deleted_at is null
           order by u.name, u.email limit 1000"#,
        business(tx)?.0
    )
    .fetch_all(tx.conn())
    .await?;
    let members = rows.into_iter().filter_map(|row| {
        Some(Member {
            user: row.user,
            email: row.email,
            name: row.name,
            role: AgencyRole::BuiltIn(Role::parse(&row.key)?),
            reach: None,
            assigned: None,
            mfa_enrolled: row.mfa,
            last_seen_at: row.last_seen_at,
            since: row.created_at,
        })
    });
    Ok(members.collect())
}

fn business(tx: &TenantTx) -> Result<domain::BusinessId> {
    tx.business().ok_or_else(|| Error::Refused("a scope without business".into()))
}

/// Whether the person's membership was changed after this time: in the transaction's business, if it has one,
/// otherwise in its agency. The agency and the membership stay locked until the transaction ends.
pub(crate) async fn changed_since(tx: &mut TenantTx, user: UserId, time: DateTime<Utc>) -> Result<bool> {
    let agency = tx.agency()?;
    sqlx::query!("select id from agencies where id = $1 for no key update", agency.0).fetch_all(tx.conn()).await?;
    let changed = match tx.business() {
        None => {
            let row = sqlx::query_scalar!(
                r#"select updated_at > $3 as "changed!" from user_agency_memberships where agency_id = $1 and user_id = $2 for update"#,
                agency.0,
                user.0,
                time
            );
            row.fetch_optional(tx.conn()).await?
        }
        Some(business) => {
            let row = sqlx::query_scalar!(
                r#"select updated_at > $3 as "changed!" from user_sub_account_memberships where sub_account_id = $1 and user_id = $2 for update"#,
                business.0,
                user.0,
                time
            );
            row.fetch_optional(tx.conn()).await?
        }
    };
    Ok(changed.unwrap_or(false))
}

/// Makes a person a member of the agency, or changes the role and reach of a member.
pub async fn add_to_agency(tx: &mut TenantTx, user: UserId, role: Role, reach: Reach) -> Result<()> {
    let agency = tx.agency()?;
    if role != Role::AgencyOwner {
        keep_an_owner(tx, agency, user).await?;
    }
    sqlx::query!(
        "insert into user_agency_memberships (agency_id, user_id, role_id, reach) select $1, $2, id, $4 from roles where is_builtin and key = $3
         on conflict (agency_id, user_id) do update set role_id = excluded.role_id, role_owner = excluded.role_owner, reach = excluded.reach,
           status = 'active', deleted_at = null, deleted_by = null",
        agency.0,
        user.0,
        role.key(),
        reach_key(reach)
    )
    .execute(tx.conn())
    .await?;
    let payload = serde_json::json!({ "role": role.key(), "reach": reach_key(reach) });
    audit::record(tx, Act::new("member.added", "person").object(user).payload(payload)).await
}

/// Waits until no other transaction changes this member of the transaction's agency, and ends their earlier invitations to it.
/// Call it before the role is read that decides about the change. A transaction that is dropped ends no invitation.
pub async fn take_turn(tx: &mut TenantTx, user: UserId) -> Result<()> {
    let agency = tx.agency()?;
    // Accepting an invitation takes its locks in the same order.
    invites::end_of(tx, user, false).await?;
    sqlx::query!("select id from agencies where id = $1 for no key update", agency.0).fetch_all(tx.conn()).await?;
    Ok(())
}

/// Gives a member another role. It applies from their next request, and their earlier invitations end. Returns
/// `Refused("last_owner")` when nobody else owns the agency.
pub async fn set_role(tx: &mut TenantTx, user: UserId, role: &AgencyRole, reach: Reach) -> Result<()> {
    let agency = tx.agency()?;
    invites::end_of(tx, user, false).await?;
    if !role.is(Role::AgencyOwner) {
        keep_an_owner(tx, agency, user).await?;
    }
    let (builtin, own) = match role {
        AgencyRole::BuiltIn(role) => (Some(role.key()), None),
        AgencyRole::Custom(own) => (None, Some(own.id.0)),
    };
    let before = sqlx::query!(
        "select r.key, r.name, m.reach from user_agency_memberships m join roles r on r.owner = m.role_owner and r.id = m.role_id
         where m.agency_id = $1 and m.user_id = $2",
        agency.0,
        user.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    let done = sqlx::query!(
        "update user_agency_memberships m set role_owner = r.owner, role_id = r.id, reach = $5 from roles r
         where m.agency_id = $1 and m.user_id = $2 and m.deleted_at is null and r.scope = 'agency'
           and ((r.is_builtin and r.key = $3) or (r.owner = $1 and r.id = $4))",
        agency.0,
        user.0,
        builtin,
        own,
        reach_key(reach)
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    let was = Role::parse(&before.key).map_or(before.name, |role| role.label().to_owned());
    let before = serde_json::json!({ "role": was, "reach": before.reach });
    let payload = serde_json::json!({ "role": role.label(), "reach": reach_key(reach), BEFORE: before });
    audit::record(tx, Act::new("member.role_changed", "person").object(user).payload(payload)).await
}

/// Makes a person a member of an agency under platform scope: the first owner of a new agency.
pub async fn add_to_agency_platform(
    tx: &mut PlatformTx,
    agency: AgencyId,
    user: UserId,
    role: Role,
    reach: Reach,
) -> Result<()> {
    sqlx::query!(
        "insert into user_agency_memberships (agency_id, user_id, role_id, reach) select $1, $2, id, $4 from roles where is_builtin and key = $3
         on conflict (agency_id, user_id) do update set role_id = excluded.role_id, role_owner = excluded.role_owner, reach = excluded.reach,
           status = 'active', deleted_at = null, deleted_by = null",
        agency.0,
        user.0,
        role.key(),
        reach_key(reach)
    )
    .execute(tx.conn())
    .await?;
    let payload = serde_json::json!({ "role": role.key(), "reach": reach_key(reach) });
    audit::record_platform(tx, Some(agency), Act::new("member.added", "person").object(user).payload(payload)).await
}

/// Ends a membership in the agency, every assignment to its businesses, and every open invitation of the person to
/// the agency or its businesses.
pub async fn remove_from_agency(tx: &mut TenantTx, user: UserId) -> Result<()> {
    let agency = tx.agency()?;
    invites::end_of(tx, user, true).await?;
    keep_an_owner(tx, agency, user).await?;
    let by = tx.user().map(|id| id.0);
    let gone = sqlx::query!(
        "update user_agency_memberships set deleted_at = now(), deleted_by = $3 where agency_id = $1 and user_id = $2 and deleted_at is null",
        agency.0,
        user.0,
        by
    )
    .execute(tx.conn())
    .await?;
    found(gone.rows_affected())?;
    sqlx::query!(
        "update user_sub_account_memberships set deleted_at = now(), deleted_by = $3
         where agency_id = $1 and user_id = $2 and kind = 'assigned' and deleted_at is null",
        agency.0,
        user.0,
        by
    )
    .execute(tx.conn())
    .await?;
    audit::record(tx, Act::new("member.removed", "person").object(user)).await
}

/// Returns `Refused("last_owner")` when the person is the last owner who can sign in, because nobody could manage
/// the agency without one. Callers take turns: of two owners who remove each other at the same time, the second
/// one finds that it is the last.
async fn keep_an_owner(tx: &mut TenantTx, agency: AgencyId, user: UserId) -> Result<()> {
    sqlx::query!("select id from agencies where id = $1 for no key update", agency.0).fetch_all(tx.conn()).await?;
    let last = sqlx::query_scalar!(
        r#"select coalesce(bool_or(m.user_id = $2), false)
                  and not coalesce(bool_or(m.user_id <> $2 and u.disabled_at is null and u.deleted_at is null), false) as "last!"
           from user_agency_memberships m
           join roles r on r.owner = m.role_owner and r.id = m.role_id join users u on u.id = m.user_id
           where m.agency_id = $1 and r.is_builtin and r.key = 'agency_owner' and m.deleted_at is null and m.status = 'active'"#,
        agency.0,
        user.0
    )
    .fetch_one(tx.conn())
    .await?;
    if last { Err(Error::Refused("last_owner".into())) } else { Ok(()) }
}

/// Names of the agencies that this person owns and that no other person who can sign in owns, in order.
pub async fn without_owner(tx: &mut PlatformTx, user: UserId) -> Result<Vec<String>> {
    let names = sqlx::query_scalar!(
        r#"select a.name from agencies a
           join user_agency_memberships m on m.agency_id = a.id and m.deleted_at is null and m.status = 'active'
           join roles r on r.owner = m.role_owner and r.id = m.role_id and r.is_builtin and r.key = 'agency_owner'
           join users u on u.id = m.user_id
           where a.deleted_at is null
           group by a.id, a.name
           having bool_or(m.user_id = $1) and not bool_or(m.user_id <> $1 and u.disabled_at is null and u.deleted_at is null)
           order by a.name"#,
        user.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(names)
}

/// Whether the person owns the transaction's business.
pub(crate) async fn owns_business(tx: &mut TenantTx, user: UserId) -> Result<bool> {
    let owns = sqlx::query_scalar!(
        r#"select exists (select from user_sub_account_memberships m join roles r on r.owner = m.role_owner and r.id = m.role_id
             where m.sub_account_id = $1 and m.user_id = $2 and m.kind = 'member' and m.status = 'active' and m.deleted_at is null
               and r.is_builtin and r.key = 'business_owner') as "owns!""#,
        business(tx)?.0,
        user.0
    );
    Ok(owns.fetch_one(tx.conn()).await?)
}

/// Makes a person a member of the business, as owner or team member. Returns `NotFound` when the business is
/// assigned to them as agency staff: that assignment must end first, because it would be lost.
pub async fn add_to_business(tx: &mut TenantTx, user: UserId, role: Role) -> Result<()> {
    let business = business(tx)?;
    let added = sqlx::query!(
        "insert into user_sub_account_memberships as i (agency_id, sub_account_id, user_id, role_id, kind)
         select b.agency_id, b.id, $2, r.id, 'member' from sub_accounts b, roles r where b.id = $1 and r.is_builtin and r.key = $3
         on conflict (sub_account_id, user_id) do update set role_id = excluded.role_id, role_owner = excluded.role_owner, kind = excluded.kind,
           status = 'active', deleted_at = null, deleted_by = null where i.kind = 'member' or i.deleted_at is not null",
        business.0,
        user.0,
        role.key()
    )
    .execute(tx.conn())
    .await?;
    found(added.rows_affected())?;
    let payload = serde_json::json!({ "role": role.key() });
    audit::record(tx, Act::new("member.added", "person").object(user).payload(payload)).await
}

/// People of the agency who work only for the businesses assigned to them, and whether the transaction's business
/// is one of these.
pub async fn colleagues(tx: &mut TenantTx) -> Result<Vec<Colleague>> {
    let rows = sqlx::query_as!(
        Colleague,
        r#"select m.user_id as "user: UserId", u.email, u.name,
                  exists (select from user_sub_account_memberships s where s.sub_account_id = $2 and s.user_id = m.user_id and s.kind = 'assigned'
                            and s.status = 'active' and s.deleted_at is null) as "assigned!"
           from user_agency_memberships m join users u on u.id = m.user_id
           where m.agency_id = $1 and m.reach = 'listed' and m.status = 'active' and m.deleted_at is null and u.deleted_at is null
           order by u.name, u.email limit 1000"#,
        tx.home().await?.ok_or(Error::NotFound)?.0,
        business(tx)?.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Assigns the business to a person of the agency. Returns `NotFound` when they reach every business anyway, are
/// no member, or belong to the business's own team, which the assignment would remove them from.
pub async fn assign(tx: &mut TenantTx, user: UserId) -> Result<()> {
    let business = business(tx)?;
    // Locked until the transaction ends, so that a person who leaves the agency meanwhile does not keep the
    // business.
    sqlx::query!("select from user_agency_memberships where user_id = $1 and agency_id = (select agency_id from sub_accounts where id = $2) for share", user.0, business.0)
        .execute(tx.conn())
        .await?;
    let added = sqlx::query!(
        "insert into user_sub_account_memberships as i (agency_id, sub_account_id, user_id, role_id, kind)
         select b.agency_id, b.id, m.user_id, r.id, 'assigned' from sub_accounts b
         join user_agency_memberships m on m.agency_id = b.agency_id and m.user_id = $2 and m.reach = 'listed' and m.status = 'active' and m.deleted_at is null
         join roles r on r.is_builtin and r.key = 'team_member' where b.id = $1
         on conflict (sub_account_id, user_id) do update set role_id = excluded.role_id, role_owner = excluded.role_owner, kind = excluded.kind,
           status = 'active', deleted_at = null, deleted_by = null where i.kind = 'assigned' or i.deleted_at is not null",
        business.0,
        user.0
    )
    .execute(tx.conn())
    .await?;
    found(added.rows_affected())?;
    audit::record(tx, Act::new("client.assigned", "person").object(user)).await
}

/// Ends the assignment of the business to a person of the agency.
pub async fn unassign(tx: &mut TenantTx, user: UserId) -> Result<()> {
    end(tx, user, "assigned", "client.unassigned").await
}

/// Removes a person from the business's own team and ends their earlier invitations to it. It takes turns with changes
/// of roles in the business. The agency may remove every owner.
pub async fn remove_from_business(tx: &mut TenantTx, user: UserId) -> Result<()> {
    invites::end_of(tx, user, false).await?;
    crate::businesses::lock_roles(tx).await?;
    crate::businesses::note_owner_invite(tx).await?;
    end(tx, user, "member", "member.removed").await
}

async fn end(tx: &mut TenantTx, user: UserId, kind: &str, action: &'static str) -> Result<()> {
    let business = business(tx)?;
    let by = tx.user().map(|id| id.0);
    let gone = sqlx::query!(
        "update user_sub_account_memberships set deleted_at = now(), deleted_by = $3
         where sub_account_id = $1 and user_id = $2 and kind = $4 and deleted_at is null",
        business.0,
        user.0,
        by,
        kind
    )
    .execute(tx.conn())
    .await?;
    found(gone.rows_affected())?;
    audit::record(tx, Act::new(action, "person").object(user)).await
}
