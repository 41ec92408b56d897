//! Reads how much a person did not see yet in an agency, for the bell of its pages. Whoever opens the page of what a
//! notification is about has seen it.

use domain::notifications::{Looked, Unread};
use domain::permission::Right;
use kit::frame::bell::{JOBS_REGION, REGION};
use operations::{Actor, notifications};

use crate::error::Result;
use crate::request_context::RequestContext;
use crate::state::State;

/// What the bell of this page shows. `None` outside of agencies, and on a refresh that needs no bell.
///
/// # Errors
/// When the database does not answer.
pub async fn unread(state: &State, request: &RequestContext) -> Result<Option<Unread>> {
    let (Some(place), Some(caller)) = (request.agency(), &request.caller) else { return Ok(None) };
    if !place.allows(Right::AgencyRead) {
        return Ok(None);
    }
    // A page that is fetched ahead was not looked at; once it is opened, its first refresh says so.
    let looked = if request.prefetch { Looked::default() } else { Looked::at(&request.address) };
    let shows = |region: &str| [REGION, JOBS_REGION].contains(&region.trim());
    let is_asked = request.regions.as_ref().is_none_or(|regions| regions.split(',').any(shows));
    if !is_asked && looked.is_nothing() {
        return Ok(None);
    }
    let actor = Actor::person(state.db.clone(), caller.user, place.clone());
    Ok(Some(notifications::look(&actor, &looked).await?))
}
