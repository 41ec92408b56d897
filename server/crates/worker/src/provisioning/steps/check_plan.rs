//! CHECK_PLAN checks that the agency's integration works and grants what this order needs. It reports missing
//! permissions before the first write, because HighLevel bills a location even if the job cannot finish it. Only a
//! refusal by HighLevel shows with certainty that the plan forbids creating locations (see `create_location`).

use domain::field::FieldError;
use domain::provisioning::{NewJob, Question};
use ghl::auth::{self, Installed};
use serde_json::json;
use store::integrations;

use crate::provisioning::ghl_access::GhlAccess;
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone, missing_scopes_question, reconnect};

/// Scopes that every job needs.
const ALWAYS: [&str; 5] =
    ["companies.readonly", "locations.write", "locations.readonly", "oauth.write", "oauth.readonly"];

pub struct Work;

impl StepWork for Work {
    async fn find(_: &mut Run) -> Result<Option<Made>, Stop> {
        Ok(None)
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let ghl_access = run.company().await?;
        let granted = |scope: &&str| ghl_access.scopes.is_empty() || ghl_access.scopes.iter().any(|have| have == scope);
        let missing: Vec<&str> = needed(&run.job.order).into_iter().filter(|scope| !granted(scope)).collect();
        if !missing.is_empty() {
            let what = format!(
                "The HighLevel connection is missing permissions that this client needs: {}. Nothing was created.",
                missing.join(", ")
            );
            return Err(Stop::Ask(Box::new(missing_scopes_question(run.step, &what, &missing))));
        }
        let company = ghl::companies::get(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource)
            .await
            .map_err(|error| Stop::outside(run.step, &error))?;
        reaches_new_locations(run, &ghl_access).await?;
        heard(run, &ghl_access.resource).await?;
        let message = format!("Connected to “{}”.", company.name);
        Ok(Made::new(
            message,
            json!({ "company": company.name, "company_id": ghl_access.resource, "plan": company.plan }),
        ))
    }

    async fn undo(_: &mut Run) -> Result<Undone, Stop> {
        Ok(Undone::default())
    }
}

/// The scopes of the calls that this order needs, and no others.
fn needed(order: &NewJob) -> Vec<&'static str> {
    let mut all = ALWAYS.to_vec();
    if order.snapshot_id.is_some() {
        all.push("snapshots.readonly");
    }
    if !order.users.is_empty() {
        all.extend(["users.readonly", "users.write"]);
    }
    // Values and tags are read together before either is written.
    if !order.custom_values.is_empty() || !order.tags.is_empty() {
        all.extend(["locations/customValues.readonly", "locations/tags.readonly"]);
    }
    if !order.custom_values.is_empty() {
        all.push("locations/customValues.write");
    }
    if !order.tags.is_empty() {
        all.push("locations/tags.write");
    }
    all
}

/// Checks that HighLevel installs the app in new locations; otherwise we could never access a new location.
/// Checked for each job, because the option may have been changed since the agency connected.
async fn reaches_new_locations(run: &Run, ghl_access: &GhlAccess) -> Result<(), Stop> {
    let query = Installed { limit: 1, ..Installed::of(&ghl_access.resource) };
    let page = auth::installed_locations(&ghl_access.ghl, ghl_access.call(), &query).await;
    let page = page.map_err(|error| Stop::outside(run.step, &error))?;
    match page.install_to_future_locations {
        Some(false) => Err(Stop::Ask(Box::new(not_for_new_ones(run)))),
        Some(true) | None => Ok(()),
    }
}

fn not_for_new_ones(run: &Run) -> Question {
    let what =
        "HighLevel doesn't install the app in new sub-accounts of your agency, so a new client couldn't be finished.";
    let ask =
        "Reconnect HighLevel and tick “Install to all future locations” there. The job then continues automatically.";
    Question {
        effect: "Nothing was created, and nothing is billed.".into(),
        ask: ask.into(),
        fields: vec![FieldError::new("/future_locations", "Install to all future locations")],
        ..reconnect(run.step, what)
    }
}

/// Records that a call worked, because the integration's card shows the last successful call, and a job's calls
/// count too.
async fn heard(run: &Run, company: &str) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    if let Some(own) = integrations::company(&mut tx).await?.filter(|own| own.platform_id == company) {
        integrations::record_success(&mut tx, own.id).await?;
    }
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use domain::SnapshotId;
    use domain::provisioning::NewUser;

    use super::*;

    #[test]
    fn an_order_needs_the_scopes_of_its_own_calls_only() {
        let plain = NewJob::default();
        assert_eq!(needed(&plain), ALWAYS);
        let tags = NewJob { tags: vec!["vip".into()], ..plain.clone() };
        assert!(
            needed(&tags).contains(&"locations/tags.write") && !needed(&tags).contains(&"locations/customValues.write")
        );
        let all = NewJob {
            snapshot_id: Some(SnapshotId(uuid::Uuid::nil())),
            users: vec![NewUser::default()],
            custom_values: [("a".to_owned(), "b".to_owned())].into(),
            ..tags
        };
        for scope in needed(&all) {
            assert!(auth::SCOPES.contains(&scope), "{scope} is asked for when an agency is connected");
        }
    }
}
