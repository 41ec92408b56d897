//! Reads which first steps are left to the caller, for the ring in the menu and the card on the start page.

use domain::access::AgencyAccess;
use domain::first_steps::FirstSteps;
use domain::permission::Right;
use store::tenant::TenantTx;

use crate::error::Result;
use crate::guard::agency_scope;
use crate::request_context::{CurrentTenant, RequestContext};
use crate::state::State;

/// True if the caller may take all of the steps, and may dismiss one.
fn may(place: &AgencyAccess) -> bool {
    [Right::AgencyManage, Right::ConnectionsManage, Right::TeamManage].into_iter().all(|right| place.allows(right))
}

/// The first steps of the agency whose page this is, also of one that is refused. `None` if no step is left, or if the caller
/// may not take them.
///
/// # Errors
/// When the database does not answer.
pub async fn left(state: &State, request: &RequestContext) -> Result<Option<FirstSteps>> {
    let (CurrentTenant::Agency(place), Some(caller)) = (request.frame_tenant(), &request.caller) else {
        return Ok(None);
    };
    if !may(place) || state.finished.has(place.id) {
        return Ok(None);
    }
    let mut tx = TenantTx::begin(&state.db, agency_scope(Some(caller.user), place)).await?;
    // A transaction that only reads ends with its connection's return, without a round trip of its own.
    let steps = store::first_steps::of_agency(&mut tx).await?;
    drop(tx);
    if !steps.left() {
        state.finished.add(place.id);
    }
    Ok(Some(steps).filter(FirstSteps::left))
}
