//! Who is a person and where do they work? One statement reads both, because every request of a person asks it.

use domain::identity::{AgencyRole, Caller, CustomRole, Membership, Reach, Role};
use domain::language::Language;
use domain::permission::Right;
use domain::{AgencyId, BusinessId, RoleId, UserId};
use uuid::Uuid;

use crate::{Result, TenantTx};

/// A person with one of the places where they work, if they work anywhere.
pub(crate) struct Known {
    pub email: String,
    pub name: String,
    pub platform_role: Option<String>,
    pub mfa: bool,
    pub session_generation: i32,
    pub locale: Option<String>,
    pub kind: Option<String>,
    pub id: Option<Uuid>,
    pub agency: Option<AgencyId>,
    pub slug: Option<String>,
    pub place: Option<String>,
    pub role: Option<String>,
    pub reach: Option<String>,
    pub assigned: Option<Vec<BusinessId>>,
    pub own_role: Option<RoleId>,
    pub actions: Option<Vec<String>>,
}

/// The person of the transaction with all their memberships, and how often all their sessions were ended. `None` when they are
/// disabled or deleted.
pub(crate) async fn read(tx: &mut TenantTx, user: UserId) -> Result<Option<(Caller, i32)>> {
    let rows = sqlx::query_as!(
        Known,
        r#"select u.email as "email!", u.name as "name!", u.platform_role, u.mfa_enrolled_at is not null as "mfa!",
                  u.session_generation as "session_generation!", u.locale, p.kind as "kind?", p.id as "id?", p.agency_id as "agency?: AgencyId",
                  p.slug as "slug?", p.name as "place?", p.role as "role?", p.reach as "reach?", p.assigned as "assigned?: Vec<BusinessId>",
                  p.own_role as "own_role?: RoleId", p.actions as "actions?"
           from users u left join lookup.my_places() p on true
           where u.id = $1 and u.disabled_at is null and u.deleted_at is null order by p.kind, p.name"#,
        user.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(of(user, rows))
}

/// The person of these rows. `None` if there are none.
pub(crate) fn of(user: UserId, rows: Vec<Known>) -> Option<(Caller, i32)> {
    let first = rows.first()?;
    let generation = first.session_generation;
    let caller = Caller {
        user,
        email: first.email.clone(),
        name: first.name.clone(),
        platform: first.platform_role.as_deref().and_then(Role::parse),
        mfa_enrolled: first.mfa,
        language: first.locale.as_deref().and_then(Language::parse),
        memberships: rows.into_iter().filter_map(membership).collect(),
    };
    Some((caller, generation))
}

/// The membership of a row, if the person works anywhere. A custom role comes with the rights that it grants.
fn membership(row: Known) -> Option<Membership> {
    let (id, agency, slug, name, role) = (row.id?, row.agency?, row.slug?, row.place?, row.role?);
    if row.kind? != "agency" {
        let role = Role::parse(&role)?;
        return Some(Membership::Business { id: BusinessId(id), agency, slug, name, role });
    }
    let role = match row.own_role {
        None => AgencyRole::BuiltIn(Role::parse(&role)?),
        Some(id) => AgencyRole::Custom(CustomRole {
            id,
            name: role,
            actions: row.actions.unwrap_or_default().iter().filter_map(|key| Right::parse(key)).collect(),
        }),
    };
    let reach = if row.reach.as_deref() == Some("all") { Reach::All } else { Reach::Listed };
    Some(Membership::Agency { id: agency, slug, name, role, reach, assigned: row.assigned.unwrap_or_default() })
}
