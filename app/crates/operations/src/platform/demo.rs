//! The demo data in the audit log of its agency.

use domain::permission::Right;
use store::audit::{self, Act};

use crate::{PlatformActor, Refusal};

/// Short name (slug) of the agency in the demo data.
pub const AGENCY: &str = "harbor";

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
