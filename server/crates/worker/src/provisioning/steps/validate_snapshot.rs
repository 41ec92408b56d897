//! VALIDATE_SNAPSHOT checks that HighLevel still offers the snapshot to this company.

use serde_json::json;

use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone, decide};

pub struct Work;

impl StepWork for Work {
    async fn find(_: &mut Run) -> Result<Option<Made>, Stop> {
        Ok(None)
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let Some((id, name)) = run.job.snapshot.clone() else {
            return Ok(Made::new("No snapshot was ordered.", json!({})));
        };
        let ghl_access = run.company().await?;
        let listed = ghl::snapshots::list(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource)
            .await
            .map_err(|error| Stop::outside(run.step, &error))?;
        match listed.into_iter().find(|snapshot| snapshot.id == id) {
            Some(snapshot) => Ok(Made::new(
                format!("“{}” is available.", snapshot.name),
                json!({ "snapshot": snapshot.name, "ghl_snapshot_id": id }),
            )),
            None => {
                let what = format!("The snapshot “{name}” is no longer in your HighLevel account.");
                Err(Stop::Ask(Box::new(decide(run.step, &what, "Nothing was created."))))
            }
        }
    }

    async fn undo(_: &mut Run) -> Result<Undone, Stop> {
        Ok(Undone::default())
    }
}
