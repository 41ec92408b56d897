//! Decides whether the caller may change a member of their agency.

use domain::UserId;
use domain::access::AgencyAccess;
use domain::identity::Reach;
use domain::person::Member;

use crate::error::{Error, Result};
use crate::guard::TenantContext;

/// Refuses to change a member whose current role the caller could not have given.
///
/// # Errors
/// When it is so, or the person is no member.
pub async fn require_may_change_member(tenant: &mut TenantContext, user: UserId) -> Result<()> {
    let members = store::memberships::of_agency(&mut tenant.tx).await?;
    let member = members.iter().find(|member| member.user == user).ok_or(Error::NotFound)?;
    if touches(&tenant.access, member) {
        Ok(())
    } else {
        Err(Error::Conflict("Their role reaches further than yours: ask an owner of the agency.".to_owned()))
    }
}

/// True if the caller could have given this member their role and reach.
#[must_use]
pub fn touches(place: &AgencyAccess, member: &Member) -> bool {
    place.may_grant_with_reach(&member.role, member.reach.unwrap_or(Reach::Listed))
}
