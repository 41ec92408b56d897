//! MINT_TOKEN mints the token of the new location. Minting can be repeated. Shortly after a create HighLevel may not
//! know yet that the app is installed there, so the step waits after a refusal.

use domain::provisioning::Step;
use ghl::{Kind, Reason};
use serde_json::json;

use crate::integrations::tokens;
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone, decide};
use crate::retry;
use crate::time_scale::secs;

pub struct Work;

impl StepWork for Work {
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop> {
        // Undoing deletes the token without reading it, so a token that can no longer be decrypted is deleted too.
        let Some(location) = run.job.location.clone().filter(|_| !run.undoing) else { return Ok(None) };
        let mut tx = run.tx().await?;
        let known = tokens::has_location(&mut tx, &location).await?;
        Ok(known.then(|| Made::new("We have access.", json!({ "kept": "sealed" }))))
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let location = run.location()?;
        let ghl_access = run.company().await?;
        match ghl::auth::location_token(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource, &location).await {
            Ok(minted) => {
                let mut tx = run.tx().await?;
                let kept = match tokens::keep_location(
                    &mut tx,
                    &run.worker,
                    &run.job,
                    &ghl_access.resource,
                    &location,
                    &minted,
                )
                .await
                {
                    Err(store::Error::Taken(_)) => return Err(elsewhere(run.step, &location)),
                    kept => kept?,
                };
                run.commit(tx).await?;
                run.worker.cache.forget(kept);
                Ok(Made::new("Got access to the sub-account.", json!({ "kept": "sealed", "scopes": minted.scopes })))
            }
            Err(error) if matches!(error.kind, Kind::Invalid(_) | Kind::NotFound | Kind::Refused(Reason::Location)) => {
                Err(Stop::wait(
                    "HighLevel hasn't installed the app in the new sub-account yet.",
                    retry::around(secs(15)),
                ))
            }
            Err(error) => Err(Stop::outside(run.step, &error)),
        }
    }

    async fn undo(run: &mut Run) -> Result<Undone, Stop> {
        let mut tx = match run.job.business {
            Some(business) => run.business_tx(business).await?,
            None => run.tx().await?,
        };
        let dropped = tokens::delete_location_token(&mut tx, &run.job).await?;
        run.commit(tx).await?;
        let done = if dropped { vec!["Our access to the sub-account is deleted.".to_owned()] } else { Vec::new() };
        Ok(Undone { done, todo: Vec::new() })
    }
}

/// A location can be connected only once across all agencies and businesses; a person must say to whom it belongs.
fn elsewhere(step: Step, location: &str) -> Stop {
    let what = format!("Sub-account {location} is already connected to another client.");
    let effect = "The sub-account stays as it is. Disconnect it there and retry, or cancel the job.";
    Stop::Ask(Box::new(decide(step, &what, effect)))
}
