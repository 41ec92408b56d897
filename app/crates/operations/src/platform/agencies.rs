//! Operations of the platform on agencies: create one, invite an owner, move one to the trash and restore it.

use domain::AgencyId;
use domain::agency::NewAgency;
use domain::identity::{Reach, Role};
use domain::permission::Right;
use store::agencies;
use store::tenant::PlatformTx;

use super::businesses::Status;
use crate::mails::{self, Invitation};
use crate::{PlatformActor, Refusal};

/// Creates an agency and invites its owner.
///
/// # Errors
/// `Invalid` if another agency has the slug; `DailyLimit` if no more mail may be sent today.
pub async fn create(actor: &PlatformActor, new: &NewAgency, owner: &str) -> Result<AgencyId, Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    let agency = match agencies::add(&mut tx, new).await {
        Err(store::Error::Taken(_)) => return Err(Refusal::field("slug", "Another agency has this URL name.")),
        added => added?,
    };
    invite(&mut tx, agency, owner).await?;
    tx.commit().await?;
    Ok(agency)
}

/// Pauses an agency, or resumes it. While it is paused its people can sign in, and no new job starts.
///
/// # Errors
/// `NotFound` if there is no such agency, or it is in the trash.
pub async fn set_status(actor: &PlatformActor, agency: AgencyId, status: Status) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    agencies::set_status(&mut tx, agency, status.key(), "").await?;
    Ok(tx.commit().await?)
}

/// Invites another owner to an agency.
///
/// # Errors
/// `NotFound` if there is no such agency, or it is in the trash; `DailyLimit` if no more mail may be sent today.
pub async fn invite_owner(actor: &PlatformActor, agency: AgencyId, owner: &str) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    agencies::find_ref(&mut tx, &agency.to_string()).await?.ok_or(Refusal::NotFound)?;
    invite(&mut tx, agency, owner).await?;
    Ok(tx.commit().await?)
}

/// Moves an agency to the trash, where its people lose access at once. `confirm` must be its name.
///
/// # Errors
/// `NotFound` if there is no such agency, or it is in the trash; `State` if `confirm` is another name.
pub async fn remove(actor: &PlatformActor, agency: AgencyId, confirm: &str) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    let found = agencies::find_ref(&mut tx, &agency.to_string()).await?.ok_or(Refusal::NotFound)?;
    if !domain::text::same(confirm, &found.name) {
        return Err(Refusal::State("The name doesn't match. Nothing was deleted.".to_owned()));
    }
    agencies::set_deleted(&mut tx, agency, true).await?;
    Ok(tx.commit().await?)
}

/// Restores an agency from the trash. Its API tokens stay revoked.
///
/// # Errors
/// `NotFound` if it is not in the trash.
pub async fn restore(actor: &PlatformActor, agency: AgencyId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    agencies::set_deleted(&mut tx, agency, false).await?;
    Ok(tx.commit().await?)
}

async fn invite(tx: &mut PlatformTx, agency: AgencyId, email: &str) -> Result<(), Refusal> {
    let invitation = Invitation { email, role: Role::AgencyOwner, reach: Reach::All };
    mails::invite_from_platform(tx, agency, &invitation).await
}
