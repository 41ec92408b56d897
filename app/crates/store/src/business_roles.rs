//! Who has which role in a business, and who may not lose it? Whatever takes an owner from a business takes turns: a change
//! of a role, a removal from its team, and the end of a person's sign-in.

use domain::audit::details::BEFORE;
use domain::identity::Role;
use domain::{BusinessId, UserId};

use crate::audit::{self, Act};
use crate::{Error, Result, TenantTx, businesses, found, invites};

/// Waits until no other transaction takes an owner from the transaction's business, and ends the person's earlier
/// invitations to it. Call it before the roles are read that decide about the change. A transaction that is dropped ends no
/// invitation.
pub async fn take_turn(tx: &mut TenantTx, user: UserId) -> Result<()> {
    business(tx)?;
    // Accepting an invitation takes its locks in the same order.
    invites::end_of(tx, user, false).await?;
    businesses::lock_roles(tx).await?;
    businesses::note_owner_invite(tx).await
}

/// Gives a member of the transaction's business another role, from their next request on. The caller took its turn.
/// Returns `Refused("last_owner")` when nobody else who can sign in owns the business.
pub async fn set(tx: &mut TenantTx, user: UserId, before: Role, role: Role) -> Result<()> {
    let business = business(tx)?;
    if role != Role::BusinessOwner && is_last_owner(tx, business, user).await? {
        return Err(Error::Refused("last_owner".into()));
    }
    let done = sqlx::query!(
        "update user_sub_account_memberships m set role_owner = r.owner, role_id = r.id from roles r
         where m.sub_account_id = $1 and m.user_id = $2 and m.kind = 'member' and m.deleted_at is null and r.is_builtin and r.key = $3",
        business.0,
        user.0,
        role.key()
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    let payload = serde_json::json!({ "role": role.label(), BEFORE: { "role": before.label() } });
    audit::record(tx, Act::new("member.role_changed", "person").object(user).payload(payload)).await
}

async fn is_last_owner(tx: &mut TenantTx, business: BusinessId, user: UserId) -> Result<bool> {
    let last = sqlx::query_scalar!(
        r#"select coalesce(bool_or(m.user_id = $2), false)
                  and not coalesce(bool_or(m.user_id <> $2 and u.disabled_at is null and u.deleted_at is null), false) as "last!"
           from user_sub_account_memberships m
           join roles r on r.owner = m.role_owner and r.id = m.role_id join users u on u.id = m.user_id
           where m.sub_account_id = $1 and m.kind = 'member' and r.is_builtin and r.key = 'business_owner' and m.deleted_at is null
             and m.status = 'active'"#,
        business.0,
        user.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(last)
}

fn business(tx: &TenantTx) -> Result<BusinessId> {
    tx.business().ok_or_else(|| Error::Refused("a scope without business".into()))
}
