//! The demo world's second agency, which has just signed up: nothing is connected, its first steps lead on, and its company
//! in the simulator has three sub-accounts to import.

use domain::agency::NewAgency;
use domain::identity::{Reach, Role};
use store::tenant::PlatformTx;

use super::people;
use crate::boot::compose::Core;

const SLUG: &str = "lighthouse";
const NAME: &str = "Lighthouse Media";

/// Adds the agency and its owner. An agency that has the short name already stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn add(core: &Core) -> anyhow::Result<()> {
    let mut tx = PlatformTx::begin(&core.db, None).await?;
    let agency = match store::agencies::find_ref(&mut tx, SLUG).await? {
        Some(known) if known.name != NAME => return Ok(()),
        Some(known) => known.id,
        None => store::agencies::add(&mut tx, &NewAgency { name: NAME.to_owned(), slug: SLUG.to_owned() }).await?,
    };
    tx.commit().await?;
    let iris = people::one(core, "iris@lighthouse.test", "Iris Vale").await?;
    let mut tx = PlatformTx::begin(&core.db, None).await?;
    store::memberships::add_to_agency_platform(&mut tx, agency, iris, Role::AgencyOwner, Reach::All).await?;
    Ok(tx.commit().await?)
}
