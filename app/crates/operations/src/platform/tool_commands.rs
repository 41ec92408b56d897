//! Operations on the command lines that the platform lets agencies run as tool servers: allow one, turn it on and off.

use domain::ToolCommandId;
use domain::permission::Right;
use domain::tool_servers::NewToolCommand;
use store::tool_servers::{self, NAME_TAKEN};

use crate::{PlatformActor, Refusal};

/// Allows a command line.
///
/// # Errors
/// `Invalid` with the fields that are wrong, also if another one has its name.
pub async fn allow(actor: &PlatformActor, new: &NewToolCommand) -> Result<(), Refusal> {
    let allowed = actor.require(Right::PlatformManage)?;
    let errors = new.errors();
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors));
    }
    let mut tx = allowed.begin().await?;
    match tool_servers::allow(&mut tx, new).await {
        Err(store::Error::Taken(key)) if key == NAME_TAKEN => {
            return Err(Refusal::field("name", "Another program has this name."));
        }
        done => done?,
    };
    Ok(tx.commit().await?)
}

/// Says whether tool servers that use a command line are started, and returns its name.
///
/// # Errors
/// `NotFound` if there is no such command line.
pub async fn set_active(actor: &PlatformActor, id: ToolCommandId, active: bool) -> Result<String, Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    let name = tool_servers::set_command_active(&mut tx, id, active).await?;
    tx.commit().await?;
    Ok(name)
}
