//! What becomes of a client in the background: HighLevel is told of a change to it, and what an archived one still has is
//! ended.

mod location_change;
mod update;

use domain::BusinessId;
use domain::work::Kind;
use store::businesses;
use store::queue::Claimed;

use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;

pub use update::update_location;

/// Said of a change that could not be told to HighLevel however often it was tried.
const GIVEN_UP: &str = "HighLevel couldn't be reached, though we tried for a while. Try again.";

/// Said of a client that could not be offboarded however often it was tried.
const NOT_OFFBOARDED: &str = "Something went wrong while cleaning up. Try again.";

/// Switches off the phone routes of an archived client and ends the keys to its location.
pub async fn offboard(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(business)) = (item.agency, item.subject.map(BusinessId)) else { return Ok(()) };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    businesses::offboard(&mut tx, business).await?;
    tx.commit().await?;
    tracing::info!(event = "business.offboarded", %agency, %business, "an archived client was offboarded");
    Ok(())
}

/// Records that work for a client was moved to the dead queue, so that its page says so and offers to try again.
pub async fn put_aside(worker: &Worker, item: &Claimed) -> store::Result<()> {
    let (Some(agency), Some(business)) = (item.agency, item.subject.map(BusinessId)) else { return Ok(()) };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    match Kind::parse(&item.kind) {
        Some(Kind::UpdateLocation) => businesses::fail_update(&mut tx, business, None, GIVEN_UP).await?,
        _ => businesses::offboarding_failed(&mut tx, business, NOT_OFFBOARDED).await?,
    }
    tx.commit().await
}
