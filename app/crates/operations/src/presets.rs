//! Operations on presets: save what a new client starts from under a name, delete it.

use domain::PresetId;
use domain::permission::Right;
use domain::presets::{LONGEST_NAME, MOST, kept};
use domain::provisioning::NewJob;
use domain::text;
use store::presets::{self, FULL};

use crate::{Actor, Refusal};

/// Saves what an order has beside the one client. A preset of the same name is replaced. Returns the cleaned name.
///
/// # Errors
/// `Forbidden` without the right to create clients; `Invalid` if the name is empty or too long; `State` if the agency has
/// as many presets as it can save.
pub async fn save(actor: &Actor, name: &str, order: &NewJob) -> Result<String, Refusal> {
    let allowed = actor.require(Right::Provision)?;
    let name = text::name(name, LONGEST_NAME).map_err(|_| {
        Refusal::field("preset", &format!("Enter a name for the preset, up to {LONGEST_NAME} characters."))
    })?;
    let mut tx = allowed.begin().await?;
    presets::save(&mut tx, &name, &kept(order)).await.map_err(refused)?;
    tx.commit().await?;
    Ok(name)
}

/// Deletes a preset and returns its name. Jobs that began with it stay as they are.
///
/// # Errors
/// `Forbidden` without the right to create clients; `NotFound` if there is no such preset.
pub async fn remove(actor: &Actor, preset: PresetId) -> Result<String, Refusal> {
    let mut tx = actor.require(Right::Provision)?.begin().await?;
    let name = presets::remove(&mut tx, preset).await?;
    tx.commit().await?;
    Ok(name)
}

fn refused(error: store::Error) -> Refusal {
    match error {
        store::Error::Refused(why) if why == FULL => {
            Refusal::State(format!("You already have {MOST} presets. Delete one you no longer need."))
        }
        other => other.into(),
    }
}
