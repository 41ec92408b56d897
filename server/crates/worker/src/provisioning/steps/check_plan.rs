//! CHECK_PLAN: does the agency's connection work, and does it grant what the later steps need?
//! Whether the plan allows creating locations is known for certain only when HighLevel refuses (see `create_location`).

use serde_json::json;
use store::integrations;

use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone, reconnect};

/// Scopes without which no job can end well.
const NEEDED: [&str; 4] = ["locations.write", "locations.readonly", "oauth.write", "users.write"];

pub struct Work;

impl StepWork for Work {
    async fn find(_: &mut Run) -> Result<Option<Made>, Stop> {
        Ok(None)
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let door = run.company().await?;
        let missing: Vec<&str> = NEEDED
            .into_iter()
            .filter(|scope| !door.scopes.is_empty() && !door.scopes.iter().any(|have| have == scope))
            .collect();
        if !missing.is_empty() {
            let what = format!("The connection to HighLevel does not grant what is needed: {}.", missing.join(", "));
            return Err(Stop::Ask(Box::new(reconnect(run.step, &what))));
        }
        let company = ghl::companies::get(&door.ghl, door.call(), &door.resource)
            .await
            .map_err(|error| Stop::outside(run.step, &error))?;
        heard(run, &door.resource).await?;
        let message = format!("Connected to “{}”.", company.name);
        Ok(Made::new(message, json!({ "company": company.name, "company_id": door.resource, "plan": company.plan })))
    }

    async fn undo(_: &mut Run) -> Result<Undone, Stop> {
        Ok(Undone::default())
    }
}

/// The connection's card says when a call worked last; a job's calls are calls too.
async fn heard(run: &Run, company: &str) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    if let Some(own) = integrations::company(&mut tx).await?.filter(|own| own.platform_id == company) {
        integrations::ok(&mut tx, own.id).await?;
    }
    Ok(tx.commit().await?)
}
