//! Asks the people who can grant a right for it: by mail, and in the audit log.

use domain::audit::Outcome;
use domain::permission::Right;
use store::audit::{self, Act};
use store::memberships;
use store::throttle::Key;

use crate::{Actor, Refusal, mails, throttle};

/// Maximum number of people who get the mail.
const MOST: usize = 10;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requested {
    /// People who get a mail.
    pub mailed: usize,
    /// People who can grant the right, at most ten.
    pub granting: usize,
}

/// Asks the members of the agency who manage the team and have the right themselves.
///
/// # Errors
/// `State` if the actor has the right already; `RateLimited` if they asked often; `Forbidden` if no person acts.
pub async fn send(actor: &Actor, right: Right) -> Result<Requested, Refusal> {
    let (allowed, access) = (actor.require(Right::AgencyRead)?, actor.access(right)?);
    let user = actor.user().ok_or(Refusal::Forbidden(right))?;
    if access.allows(right) {
        return Err(Refusal::State("You have this right already. Open the page again.".to_owned()));
    }
    throttle::take(allowed.db(), "ask_access", [Key::of("ask", user)]).await?;
    let mut tx = allowed.begin().await?;
    let act = Act::new("access.asked", "agency").object(access.id).ended(Outcome::Ok, right.words());
    audit::record(&mut tx, act).await?;
    let members = memberships::of_agency(&mut tx).await?.into_iter();
    let grants = members.filter(|member| member.role.allows(Right::TeamManage) && member.role.allows(right));
    let (mut mailed, mut granting) = (0, 0);
    for member in grants.take(MOST) {
        granting += 1;
        mailed += usize::from(mails::access_request(&mut tx, member.user, &member.email, right).await?);
    }
    tx.commit().await?;
    Ok(Requested { mailed, granting })
}
