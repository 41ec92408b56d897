//! Asks the people who can grant a right, or access to one client, for it: by mail, and in the audit log.

use domain::audit::Outcome;
use domain::identity::Reach;
use domain::permission::Right;
use domain::{BusinessId, JobId};
use store::audit::{self, Act};
use store::memberships;
use store::tenant::TenantTx;
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

/// Asks the members of the agency who manage the team and have the right themselves. With a job it asks for access to
/// the client of that job, and those are asked who open every client.
///
/// # Errors
/// `State` if the actor has it already; `NotFound` if there is no such job, or it has no client; `RateLimited` if they
/// asked often; `Forbidden` if no person acts.
pub async fn send(actor: &Actor, right: Right, job: Option<JobId>) -> Result<Requested, Refusal> {
    let right = if job.is_some() { Right::ClientsRead } else { right };
    let (allowed, access) = (actor.require(Right::AgencyRead)?, actor.access(right)?);
    let user = actor.user().ok_or(Refusal::Forbidden(right))?;
    if job.is_none() && access.allows(right) {
        return Err(Refusal::State("You already have this permission. Open the page again.".to_owned()));
    }
    throttle::take(allowed.db(), "ask_access", [Key::of("ask", user)]).await?;
    let mut tx = allowed.begin().await?;
    let client = match job {
        Some(job) => Some(client_of(actor, &mut tx, job).await?),
        None => None,
    };
    let (client, wanted) = client.map_or((None, right.words().to_owned()), |(id, wanted)| (Some(id), wanted));
    let act = Act::new("access.asked", "agency").object(access.id).ended(Outcome::Ok, &wanted);
    audit::record(&mut tx, act).await?;
    let members = memberships::of_agency(&mut tx).await?.into_iter();
    let grants = members.filter(|member| {
        let opens = client.is_none() || member.reach == Some(Reach::All);
        opens && member.role.allows(Right::TeamManage) && member.role.allows(right)
    });
    let (mut mailed, mut granting) = (0, 0);
    for member in grants.take(MOST) {
        granting += 1;
        mailed += usize::from(mails::access_request(&mut tx, member.user, &member.email, (right, client)).await?);
    }
    tx.commit().await?;
    Ok(Requested { mailed, granting })
}

/// The client of a job that the actor does not open yet, and what is asked for in words.
async fn client_of(actor: &Actor, tx: &mut TenantTx, job: JobId) -> Result<(BusinessId, String), Refusal> {
    actor.require(Right::ProvisionRead)?;
    let access = actor.access(Right::ClientsRead)?;
    let row = store::provisioning::row(tx, job).await?;
    let business = row.business.ok_or(Refusal::NotFound)?;
    if access.allows(Right::ClientsRead) && access.reaches(business) {
        return Err(Refusal::State("You already have access to this client. Open the page again.".to_owned()));
    }
    Ok((business, format!("open {}", row.client_name)))
}
