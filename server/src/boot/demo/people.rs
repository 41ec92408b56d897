//! Lists the people who can sign in to the demo world and their roles.

use anyhow::Context;
use domain::business::Business;
use domain::identity::{Reach, Role};
use domain::{AgencyId, UserId};
use operations::Actor;
use operations::platform::demo::PASSWORD;
use secrecy::{ExposeSecret, SecretString};
use store::tenant::{PlatformTx, Scope, TenantTx};

use crate::boot::compose::Core;

/// Adds the five people of the demo agency and its platform. Existing accounts are kept, and a password is only set where
/// there is none. Returns the agency's admin and its member of staff.
///
/// # Errors
/// When the database fails.
pub async fn add(core: &Core, agency: AgencyId, businesses: &[Business]) -> anyhow::Result<[UserId; 2]> {
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
    Ok([maya, noah])
}

/// Adds one more person who signs in with the same password.
///
/// # Errors
/// When the database fails.
pub async fn one(core: &Core, email: &str, name: &str) -> anyhow::Result<UserId> {
    let hash = operations::identity::password::hash(SecretString::from(PASSWORD)).await?;
    person(core, &hash, email, name, None).await
}

/// A person of the agency as an actor, so that the audit log names who did what.
///
/// # Errors
/// When the database fails, or the person does not work there.
pub async fn actor(core: &Core, agency: AgencyId, user: UserId) -> anyhow::Result<Actor> {
    let caller = store::identity::caller(&core.db, user).await?.context("the demo's admin is not there")?;
    let access = domain::access::agency(&caller, &agency.to_string());
    Ok(Actor::person(core.db.clone(), user, access.context("the demo's admin does not work in its agency")?))
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
