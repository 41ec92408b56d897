//! The demo data in the audit log of its agency.

use domain::permission::Right;
use store::audit::{self, Act};

use crate::{PlatformActor, Refusal};

/// Short name (slug) of the agency in the demo data.
pub const AGENCY: &str = "harbor";

/// Password of every account in the demo data. It is public, so production has no demo data.
pub const PASSWORD: &str = "slipway-demo";

/// An account of the demo data.
pub struct Account {
    /// Its email address.
    pub email: &'static str,
    /// The person's name.
    pub name: &'static str,
    /// What they are, in words.
    pub role: &'static str,
}

/// The accounts of the demo data, those to begin with first.
pub const ACCOUNTS: [Account; 6] = [
    account("maya@harbor.test", "Maya Okafor", "Admin of Harbor Marketing"),
    account("noah@harbor.test", "Noah Lindqvist", "Staff of Harbor Marketing"),
    account("owner@brightdental.test", "Dr. Ana Lee", "Owner of Bright Dental, a client"),
    account("tess@brightdental.test", "Tess Moreau", "Team member at Bright Dental"),
    account("iris@lighthouse.test", "Iris Vale", "Owner of Lighthouse Media, a new agency"),
    account("admin@slipway.test", "Sam Porter", "Super admin of the platform"),
];

const fn account(email: &'static str, name: &'static str, role: &'static str) -> Account {
    Account { email, name, role }
}

/// Records in the audit log that the actor created the demo data.
///
/// # Errors
/// `Fault` if its agency does not exist.
pub async fn record_seeded(actor: &PlatformActor) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    let agency = store::agencies::find_ref(&mut tx, AGENCY).await?;
    let agency = agency.ok_or_else(|| Refusal::Fault("the demo world made no agency".to_owned()))?;
    let act = Act::new("demo.seeded", "agency").object(agency.id);
    audit::record_platform(&mut tx, Some(agency.id), act).await?;
    Ok(tx.commit().await?)
}
