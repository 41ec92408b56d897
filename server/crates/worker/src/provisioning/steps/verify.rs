//! VERIFY reads everything back from HighLevel and compares it with the order. It writes nothing.

use domain::provisioning::Step;
use domain::provisioning::StepStatus;
use ghl::custom_values;
use ghl::{locations, tags, users};
use serde_json::json;

use super::{create_users, fill_values};
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone};

pub struct Work;

impl StepWork for Work {
    async fn find(_: &mut Run) -> Result<Option<Made>, Stop> {
        Ok(None)
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let mut differences = location(run).await?;
        if made(run, Step::FillValues) {
            differences.extend(values_and_tags(run).await?);
        }
        if made(run, Step::CreateUsers) {
            differences.extend(people(run).await?);
        }
        if differences.is_empty() {
            return Ok(Made::new("Everything was read back and matches the order.", json!({ "differences": [] })));
        }
        Err(Stop::again("different", format!("HighLevel doesn't match the order: {}.", differences.join("; "))))
    }

    async fn undo(_: &mut Run) -> Result<Undone, Stop> {
        Ok(Undone::default())
    }
}

/// Returns true if a step was carried out and not skipped.
fn made(run: &Run, step: Step) -> bool {
    run.row(step).is_some_and(|row| row.status == Some(StepStatus::Completed))
}

async fn location(run: &mut Run) -> Result<Vec<String>, Stop> {
    let id = run.location()?;
    let ghl_access = run.company().await?;
    let remote = locations::get(&ghl_access.ghl, ghl_access.call(), &id)
        .await
        .map_err(|error| Stop::outside(run.step, &error))?;
    let client = &run.job.order.client;
    let mut differences = Vec::new();
    let adopted = run.output(Step::CreateLocation).get("adopted").is_some();
    if !adopted && !remote.name.starts_with(&client.name) {
        differences.push(format!("the name is “{}”", remote.name));
    }
    let compared = [
        ("country", &client.country, &remote.country),
        ("time zone", &client.timezone, &remote.timezone),
        ("phone", &client.phone, &remote.phone),
    ];
    for (what, wanted, found) in compared {
        // A value that HighLevel does not return cannot be compared.
        if let Some(found) =
            found.as_ref().filter(|found| !adopted && !wanted.is_empty() && !found.is_empty() && *found != wanted)
        {
            differences.push(format!("the {what} is {found}"));
        }
    }
    Ok(differences)
}

async fn values_and_tags(run: &mut Run) -> Result<Vec<String>, Stop> {
    let order = run.job.order.clone();
    if order.custom_values.is_empty() && order.tags.is_empty() {
        return Ok(Vec::new());
    }
    let ghl_access = run.location_access().await?;
    let step = run.step;
    let outside = move |error: ghl::Error| Stop::outside(step, &error);
    let values =
        custom_values::list(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource).await.map_err(outside)?;
    let known = tags::list(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource).await.map_err(outside)?;
    let mut differences = Vec::new();
    for (name, value) in &order.custom_values {
        if !fill_values::is_set(run, &values, name, value) {
            differences.push(format!("the value “{name}” is not set"));
        }
    }
    for tag in order.tags.iter().filter(|tag| !known.iter().any(|have| tags::same_name(&have.name, tag))) {
        differences.push(format!("the tag “{tag}” is missing"));
    }
    Ok(differences)
}

async fn people(run: &mut Run) -> Result<Vec<String>, Stop> {
    let location = run.location()?;
    let ghl_access = run.company().await?;
    let mut differences = Vec::new();
    let left = create_users::left_out(run);
    for wanted in run.job.order.users.clone() {
        if left.contains(&wanted.email.trim().to_lowercase()) {
            continue;
        }
        let found = users::find(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource, &wanted.email)
            .await
            .map_err(|error| Stop::outside(run.step, &error))?;
        if !found.iter().any(|user| create_users::reaches(user, &location)) {
            differences.push(format!("{} is not in the sub-account", wanted.email));
        }
    }
    Ok(differences)
}
