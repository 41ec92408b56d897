//! Lists the people who can sign in to the demo world and their roles.

use domain::business::Business;
use domain::identity::{Reach, Role};
use domain::{AgencyId, UserId};
use secrecy::{ExposeSecret, SecretString};
use store::tenant::{PlatformTx, Scope, TenantTx};

use crate::boot::compose::Core;

/// The password of everybody in the demo world.
const PASSWORD: &str = "slipway-demo";

/// Adds the five people of the demo world. Existing accounts are kept, and a password is only set where there is
/// none.
///
/// # Errors
/// When the database fails.
pub async fn add(core: &Core, agency: AgencyId, businesses: &[Business]) -> anyhow::Result<()> {
    let hash = operations::identity::password::hash(SecretString::from(PASSWORD)).await?;
    person(core, &hash, "admin@slipway.test", "Sam Porter", Some(Role::SuperAdmin)).await?;
    let maya = person(core, &hash, "maya@harbor.test", "Maya Okafor", None).await?;
    let noah = person(core, &hash, "noah@harbor.test", "Noah Lindqvist", None).await?;
    let owner = person(core, &hash, "owner@brightdental.test", "Dr. Ana Lee", None).await?;
    let tess = person(core, &hash, "tess@brightdental.test", "Tess Moreau", None).await?;
    let mut tx = PlatformTx::begin(&core.db, None).await?;
    store::memberships::add_to_agency_platform(&mut tx, agency, maya, Role::AgencyAdmin, Reach::All).await?;
    store::memberships::add_to_agency_platform(&mut tx, agency, noah, Role::AgencyStaff, Reach::Listed).await?;
    tx.commit().await?;
    for (index, business) in businesses.iter().enumerate() {
        let scope =
            Scope::AgencyBusiness { user: None, agency, business: business.id, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&core.db, scope).await?;
        if index == 0 {
            store::memberships::add_to_business(&mut tx, owner, Role::BusinessOwner).await?;
            store::memberships::add_to_business(&mut tx, tess, Role::TeamMember).await?;
        }
        store::memberships::assign(&mut tx, noah).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn person(
    core: &Core,
    hash: &SecretString,
    email: &str,
    name: &str,
    role: Option<Role>,
) -> anyhow::Result<UserId> {
    let user = match store::identity::auth_user(&core.db, email).await? {
        Some(known) if known.password_hash.is_some() => return Ok(known.id),
        Some(known) => known.id,
        None => {
            let mut tx = PlatformTx::begin(&core.db, None).await?;
            let user = store::identity::add(&mut tx, email, name, role).await?;
            tx.commit().await?;
            user
        }
    };
    let mut tx = TenantTx::begin(&core.db, Scope::Person(user)).await?;
    store::identity::set_password(&mut tx, user, hash.expose_secret()).await?;
    tx.commit().await?;
    Ok(user)
}
