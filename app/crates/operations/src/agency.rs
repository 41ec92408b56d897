//! Operations on an agency itself: its name, its settings, its first steps.

use domain::agency::Settings;
use domain::first_steps::FirstStep;
use domain::permission::Right;
use store::{agencies, first_steps};

use crate::{Actor, Refusal};

/// Changes the agency's name.
///
/// # Errors
/// `Forbidden` if the actor may not manage the agency; `Store` if the database fails.
pub async fn rename(actor: &Actor, name: &str) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::AgencyManage)?.begin().await?;
    agencies::rename(&mut tx, name).await?;
    Ok(tx.commit().await?)
}

/// Changes how jobs run. Jobs that already run keep the retries that they began with.
///
/// # Errors
/// `Forbidden` if the actor may not manage the agency; `Store` if the database fails.
pub async fn change_settings(actor: &Actor, settings: &Settings) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::AgencyManage)?.begin().await?;
    agencies::set_settings(&mut tx, settings).await?;
    Ok(tx.commit().await?)
}

/// Dismisses one of the first steps.
///
/// # Errors
/// `Forbidden` if the actor may not manage the agency; `Store` if the database fails.
pub async fn dismiss_step(actor: &Actor, step: FirstStep) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::AgencyManage)?.begin().await?;
    first_steps::dismiss(&mut tx, step).await?;
    Ok(tx.commit().await?)
}
