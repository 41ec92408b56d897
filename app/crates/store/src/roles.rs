//! The custom roles of an agency and what each of them allows. Built-in roles belong to no agency and are only
//! read.

use domain::RoleId;
use domain::audit::details::BEFORE;
use domain::identity::CustomRole;
use domain::permission::Right;
use serde_json::{Value, json};

use crate::audit::{self, Act};
use crate::{Error, Result, TenantTx, found, new_id};

/// A custom role of the agency, and how many people have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRow {
    /// The role.
    pub role: CustomRole,
    /// Number of people who have it.
    pub members: i64,
}

/// The agency's custom roles, by name.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<RoleRow>> {
    let agency = tx.agency()?;
    let rows = sqlx::query!(
        r#"select r.id as "id: RoleId", r.name,
                  array(select p.key from role_permissions g join permissions p on p.id = g.permission_id where g.role_id = r.id) as "actions!",
                  (select count(*) from user_agency_memberships m
                   where m.agency_id = $1 and m.role_id = r.id and m.deleted_at is null and m.status = 'active') as "members!"
           from roles r where r.owner = $1 and r.scope = 'agency' and not r.is_builtin order by r.name, r.id limit 200"#,
        agency.0
    )
    .fetch_all(tx.conn())
    .await?;
    let roles = rows.into_iter().map(|row| RoleRow {
        role: CustomRole {
            id: row.id,
            name: row.name,
            actions: row.actions.iter().filter_map(|key| Right::parse(key)).collect(),
        },
        members: row.members,
    });
    Ok(roles.collect())
}

/// One of the agency's custom roles.
pub async fn find(tx: &mut TenantTx, id: RoleId) -> Result<Option<CustomRole>> {
    let agency = tx.agency()?;
    let row = sqlx::query!(
        r#"select r.name,
                  array(select p.key from role_permissions g join permissions p on p.id = g.permission_id where g.role_id = r.id) as "actions!"
           from roles r where r.owner = $1 and r.id = $2 and r.scope = 'agency' and not r.is_builtin"#,
        agency.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| CustomRole {
        id,
        name: row.name,
        actions: row.actions.iter().filter_map(|key| Right::parse(key)).collect(),
    }))
}

/// Adds a role. Returns `Taken` when the agency has one of that name.
pub async fn add(tx: &mut TenantTx, name: &str, actions: &[Right]) -> Result<RoleId> {
    let (agency, id, name): (_, RoleId, _) = (tx.agency()?, new_id(), name.trim());
    sqlx::query!(
        "insert into roles (id, owner, scope, agency_id, key, name) values ($1, $2, 'agency', $2, $3, $4)",
        id.0,
        agency.0,
        key_of(name),
        name
    )
    .execute(tx.conn())
    .await?;
    grant(tx, id, actions).await?;
    notify(tx, "role.made", id, name, actions).await?;
    Ok(id)
}

/// Changes a role's name and rights. People who have it are bound by them from their next request.
pub async fn set(tx: &mut TenantTx, id: RoleId, name: &str, actions: &[Right]) -> Result<()> {
    let (agency, name) = (tx.agency()?, name.trim());
    let before = find(tx, id).await?.ok_or(Error::NotFound)?;
    let done = sqlx::query!(
        "update roles set name = $3, key = $4 where owner = $1 and id = $2 and not is_builtin",
        agency.0,
        id.0,
        name,
        key_of(name)
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    sqlx::query!("delete from role_permissions where role_id = $1", id.0).execute(tx.conn()).await?;
    grant(tx, id, actions).await?;
    let mut payload = facts(name, actions);
    payload[BEFORE] = facts(&before.name, &before.actions);
    audit::record(tx, Act::new("role.changed", "role").object(id).payload(payload)).await
}

/// Removes a role that nobody has; otherwise returns `Refused("role_in_use")`. Ended memberships with the role
/// become staff.
pub async fn remove(tx: &mut TenantTx, id: RoleId) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!(
        "update user_agency_memberships m set role_owner = r.owner, role_id = r.id from roles r
         where r.is_builtin and r.key = 'agency_staff' and m.agency_id = $1 and m.role_id = $2 and m.deleted_at is not null",
        agency.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    let used = sqlx::query_scalar!(
        r#"select exists(select 1 from user_agency_memberships where agency_id = $1 and role_id = $2) as "used!""#,
        agency.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    if used {
        return Err(Error::Refused("role_in_use".into()));
    }
    let gone = sqlx::query_scalar!(
        "delete from roles where owner = $1 and id = $2 and not is_builtin returning name",
        agency.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    notify(tx, "role.removed", id, &gone, &[]).await
}

async fn grant(tx: &mut TenantTx, id: RoleId, actions: &[Right]) -> Result<()> {
    let keys: Vec<String> =
        actions.iter().filter(|right| right.is_agency_right()).map(|right| right.key().to_owned()).collect();
    sqlx::query!(
        "insert into role_permissions (role_id, permission_id) select $1, id from permissions where key = any($2)",
        id.0,
        &keys
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn notify(tx: &mut TenantTx, what: &'static str, id: RoleId, name: &str, actions: &[Right]) -> Result<()> {
    audit::record(tx, Act::new(what, "role").object(id).payload(facts(name, actions))).await
}

/// What the audit log says of a role. The rights are in the same order whatever they came in.
fn facts(name: &str, actions: &[Right]) -> Value {
    let rights: Vec<&str> = Right::ALL.into_iter().filter(|right| actions.contains(right)).map(Right::key).collect();
    json!({ "name": name, "rights": rights })
}

/// The key of a role's name. Two roles of one agency whose names differ only in case or spelling would be mixed
/// up, so they have the same key.
fn key_of(name: &str) -> String {
    domain::text::folded(name).chars().take(64).collect()
}
