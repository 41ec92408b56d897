//! Checks whether the job's location still exists. HighLevel reports a missing location with several status codes, and
//! a person may delete a location at any time; then nothing is left to do or to undo in it.

use ghl::locations::{self, Location};

use super::run::Run;
use super::step::{Stop, is_gone};

/// What HighLevel says about a location.
#[derive(Debug)]
pub enum LocationStatus {
    /// The location exists.
    Present(Box<Location>),
    /// The location is gone or this integration cannot reach it; the text is HighLevel's message.
    Gone(String),
}

/// Reads a location of the job.
pub async fn look(run: &mut Run, id: &str) -> Result<LocationStatus, Stop> {
    let ghl_access = run.company().await?;
    match locations::get(&ghl_access.ghl, ghl_access.call(), id).await {
        Ok(location) => Ok(LocationStatus::Present(Box::new(location))),
        Err(error) if is_gone(&error) => Ok(LocationStatus::Gone(error.message)),
        Err(error) => Err(Stop::outside(run.step, &error)),
    }
}
