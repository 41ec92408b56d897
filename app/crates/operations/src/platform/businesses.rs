//! Operations of the platform on businesses: pause and resume one, restore one from the trash.

use domain::permission::Right;
use domain::{AgencyId, BusinessId};
use store::businesses;

use crate::{PlatformActor, Refusal};

/// Whether a business or an agency works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It works.
    Active,
    /// The platform paused it.
    Paused,
}

impl Status {
    /// Reads the stored name.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Active, Self::Paused].into_iter().find(|status| status.key() == key)
    }

    /// The stored name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }
}

/// Pauses a business, or resumes it.
///
/// # Errors
/// `NotFound` if the agency has no such business, or it is in the trash.
pub async fn set_status(
    actor: &PlatformActor,
    agency: AgencyId,
    business: BusinessId,
    status: Status,
) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin_in(agency, business).await?;
    businesses::set_status(&mut tx, business, status.key()).await?;
    Ok(tx.commit().await?)
}

/// Restores a business from the trash.
///
/// # Errors
/// `NotFound` if it is not in the agency's trash; `State` if another business has its HighLevel location by now.
pub async fn restore(actor: &PlatformActor, agency: AgencyId, business: BusinessId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin_in(agency, business).await?;
    crate::clients::restore(&mut tx, business).await?;
    Ok(tx.commit().await?)
}
