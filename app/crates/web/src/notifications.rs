//! Reads how much a person did not see yet in an agency, for the bell of its pages. Whoever opens the page of what a
//! notification is about has seen it. In a business the bell counts the calls of AI agents that wait for an approval.

use domain::access::BusinessAccess;
use domain::notifications::{Looked, Unread};
use domain::permission::Right;
use kit::frame::bell::{JOBS_REGION, REGION};
use operations::{Actor, notifications};
use store::tenant::{Scope, TenantTx};
use store::tools::approvals;

use crate::error::Result;
use crate::request_context::{CurrentTenant, RequestContext};
use crate::state::State;

/// What the bell of this page shows, also of one that is refused. `None` outside of agencies and businesses, to whoever may do
/// nothing about it, and on a refresh that needs no bell.
///
/// # Errors
/// When the database does not answer.
pub async fn unread(state: &State, request: &RequestContext) -> Result<Option<Unread>> {
    let (place, caller) = match (request.frame_tenant(), &request.caller) {
        (CurrentTenant::Business(place), _) => return waiting(state, request, place).await,
        (CurrentTenant::Agency(place), Some(caller)) => (place, caller),
        _ => return Ok(None),
    };
    if !place.allows(Right::AgencyRead) {
        return Ok(None);
    }
    // A page that is fetched ahead was not looked at; once it is opened, its first refresh says so. A refused one shows
    // nothing.
    let looked =
        if request.prefetch || request.denied.is_some() { Looked::default() } else { Looked::at(&request.address) };
    if !is_asked(request) && looked.is_nothing() {
        return Ok(None);
    }
    let actor = Actor::person(state.db.clone(), caller.user, place.clone());
    Ok(Some(notifications::look(&actor, &looked).await?))
}

/// Whether the answer holds the bell.
fn is_asked(request: &RequestContext) -> bool {
    let shows = |region: &str| [REGION, JOBS_REGION].contains(&region.trim());
    request.regions.as_ref().is_none_or(|regions| regions.split(',').any(shows))
}

/// What waits for an approval in the business, if the person may approve.
async fn waiting(state: &State, request: &RequestContext, place: &BusinessAccess) -> Result<Option<Unread>> {
    if !place.allows(Right::ToolsApprove) || !is_asked(request) {
        return Ok(None);
    }
    let user = request.caller.as_ref().map(|caller| caller.user);
    let mut tx = TenantTx::begin(&state.db, Scope::Business { user, business: place.id }).await?;
    // A transaction that only reads ends with its connection's return, without a round trip of its own.
    let count = approvals::count_waiting(&mut tx).await?;
    Ok(Some(Unread { count, urgent: count, jobs: 0 }))
}
