//! Where does a person work, with which role, and where are they signed in?

use chrono::{DateTime, Utc};
use domain::identity::Role;
use domain::person::OpenSession;
use domain::{AgencyId, BusinessId, UserId};
use uuid::Uuid;

use crate::{Db, PlatformTx, Result, Scope, TenantTx};

/// An agency or business in which a person works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The person.
    pub user: UserId,
    /// The agency.
    pub agency: AgencyId,
    /// Name of the agency.
    pub agency_name: String,
    /// The business and its name; `None` for a member of the agency itself.
    pub business: Option<(BusinessId, String)>,
    /// What their role is called.
    pub role: String,
    /// Since when they are a member.
    pub since: DateTime<Utc>,
}

/// The places of these people, those of an agency before those of its businesses. Assignments of agency staff to
/// businesses are left out, as are tenants in the trash.
pub async fn places(tx: &mut PlatformTx, users: &[UserId]) -> Result<Vec<Place>> {
    let users: Vec<Uuid> = users.iter().map(|user| user.0).collect();
    let rows = sqlx::query!(
        r#"select m.user_id as "user!: UserId", a.id as "agency!: AgencyId", a.name as "agency_name!", null::uuid as "business: BusinessId", null::text as business_name,
                  r.key as "key!", r.name as "role!", r.is_builtin as "is_builtin!", m.created_at as "since!"
           from user_agency_memberships m join agencies a on a.id = m.agency_id and a.deleted_at is null
           join roles r on r.owner = m.role_owner and r.id = m.role_id
           where m.user_id = any ($1) and m.deleted_at is null and m.status = 'active'
           union all
           select m.user_id, a.id, a.name, b.id, b.name, r.key, r.name, r.is_builtin, m.created_at
           from user_sub_account_memberships m join sub_accounts b on b.agency_id = m.agency_id and b.id = m.sub_account_id and b.deleted_at is null
           join agencies a on a.id = m.agency_id and a.deleted_at is null join roles r on r.owner = m.role_owner and r.id = m.role_id
           where m.user_id = any ($1) and m.kind = 'member' and m.deleted_at is null and m.status = 'active'
           order by 3, 5 nulls first, 1 limit 1000"#,
        &users
    )
    .fetch_all(tx.conn())
    .await?;
    let places = rows.into_iter().map(|row| Place {
        user: row.user,
        agency: row.agency,
        agency_name: row.agency_name,
        business: row.business.zip(row.business_name),
        role: match row.is_builtin {
            true => Role::parse(&row.key).map_or(row.key, |role| role.label().to_owned()),
            false => row.role,
        },
        since: row.since,
    });
    Ok(places.collect())
}

/// The live sessions of a person, most recently used first. The platform's own transaction sees no session, so they are
/// read in the scope of the person.
pub async fn sessions(db: &Db, user: UserId) -> Result<Vec<OpenSession>> {
    let mut tx = TenantTx::begin(db, Scope::Person(user)).await?;
    let open = crate::sessions::list(&mut tx, user, [0; 32]).await?;
    tx.commit().await?;
    Ok(open)
}
