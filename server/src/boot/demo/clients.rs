//! One demo client that rests, so that the list of clients has more than one state to show.

use domain::AgencyId;
use domain::business::Business;
use domain::clients::{Act, Status};
use operations::{Actor, clients};

use super::agency_scope;
use crate::boot::compose::Core;

/// Pauses the last of the earlier clients. One that was paused or changed before stays as it is.
pub async fn pause_one(core: &Core, agency: AgencyId, earlier: &[Business]) -> anyhow::Result<()> {
    let Some(last) = earlier.last().filter(|last| last.status == Status::Active.key()) else { return Ok(()) };
    let actor = Actor::operator(core.db.clone(), agency_scope(agency));
    clients::act(&actor, last.id, Act::Pause).await?;
    Ok(())
}
