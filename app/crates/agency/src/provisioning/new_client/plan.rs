//! Previews what a form would do: the steps that run, the number of calls and what remains for a person. The counts
//! assume a smooth run: waiting polls repeatedly, and failed calls are repeated.

use domain::provisioning::{NewJob, Step, zone_label};
use domain::todos;
use islands::plan::{Plan, PlannedStep};
use kit::counted;
use store::tenant::TenantTx;
use web::error::Result;

use crate::provisioning::order_form::{Fields, read};

/// Plans what the form would do as it stands. Nothing is written.
///
/// # Errors
/// When the database cannot be read.
pub async fn plan(tx: &mut TenantTx, fields: &Fields) -> Result<Plan> {
    let typed = read(fields);
    let order = match typed.check() {
        Ok(checked) => checked.into_inner(),
        Err(_) => typed.order.clone(),
    };
    let snapshot = match order.snapshot_id {
        Some(id) => store::snapshots::get(tx, id).await.ok().map(|found| found.name),
        None => None,
    };
    Ok(Plan {
        steps: Step::ALL.into_iter().map(|step| planned(step, &order, snapshot.as_deref())).collect(),
        people: todos::afterwards(&order),
        typical: store::provisioning::typical(tx, order.snapshot_id.is_some()).await?,
        duplicates: store::provisioning::duplicates(tx, &order.client).await?,
        errors: typed.check().err().unwrap_or_default(),
        zone: typed.zone_from.map(|from| format!("Time zone: {}, {from}.", zone_label(&typed.order.client.timezone))),
    })
}

fn planned(step: Step, order: &NewJob, snapshot: Option<&str>) -> PlannedStep {
    let left_out = match step {
        _ if step.needs_snapshot() && order.snapshot_id.is_none() => Some("no snapshot chosen".to_owned()),
        Step::FillValues if order.custom_values.is_empty() && order.tags.is_empty() => {
            Some("nothing to add".to_owned())
        }
        Step::CreateUsers if order.users.is_empty() => Some("no users given".to_owned()),
        _ => None,
    };
    let calls = if left_out.is_some() { 0 } else { calls(step, order) };
    PlannedStep { label: step.label().to_owned(), does: does(step, order, snapshot), calls, left_out }
}

fn calls(step: Step, order: &NewJob) -> u32 {
    let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    // Values and tags are listed before they are set, and once more when everything is verified.
    let lists = if order.custom_values.is_empty() && order.tags.is_empty() { 0 } else { 2 };
    match step {
        Step::CheckPlan | Step::ValidateSnapshot | Step::CreateLocation | Step::WaitSnapshot | Step::MintToken => 1,
        Step::ValidateClient | Step::CreateBusiness => 0,
        Step::FillValues => lists + size(order.custom_values.len()) + size(order.tags.len()),
        Step::CreateUsers => 2 * size(order.users.len()),
        Step::Verify => 1 + lists + size(order.users.len()),
        // Read, write the final name, read again.
        Step::Finish => 3,
    }
}

/// What a step does with this order, in a few words.
fn does(step: Step, order: &NewJob, snapshot: Option<&str>) -> String {
    let n = |n: usize, one: &str, many: &str| counted(i64::try_from(n).unwrap_or(i64::MAX), one, many);
    let name = Some(order.client.name.as_str()).filter(|name| !name.is_empty()).unwrap_or("the client");
    match (step, snapshot) {
        (Step::ValidateSnapshot, Some(snapshot)) => {
            format!("Checks that HighLevel still offers \u{201c}{snapshot}\u{201d}.")
        }
        (Step::WaitSnapshot, Some(snapshot)) => format!("Waits until \u{201c}{snapshot}\u{201d} is loaded."),
        (Step::CreateLocation, _) => {
            format!("Creates the sub-account for {name}. Never twice, even if something goes wrong.")
        }
        (Step::FillValues, _) if !(order.custom_values.is_empty() && order.tags.is_empty()) => {
            let parts = [
                (!order.custom_values.is_empty())
                    .then(|| n(order.custom_values.len(), "custom value", "custom values")),
                (!order.tags.is_empty()).then(|| n(order.tags.len(), "tag", "tags")),
            ];
            format!("Sets {}.", parts.into_iter().flatten().collect::<Vec<_>>().join(" and "))
        }
        (Step::CreateUsers, _) if !order.users.is_empty() => {
            format!("Adds {}.", n(order.users.len(), "person", "people"))
        }
        (Step::CreateBusiness, _) if order.invite_owner => {
            let to = Some(order.client.email.as_str()).filter(|email| !email.is_empty()).unwrap_or("the owner");
            format!("Creates the business here and invites {to}.")
        }
        (Step::CreateBusiness, _) => "Creates the business here; nobody is invited.".to_owned(),
        _ => step.about().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::provisioning::NewUser;

    use super::*;

    #[test]
    fn steps_without_work_are_left_out_and_cost_nothing() {
        let bare = NewJob::default();
        let plan: Vec<_> = Step::ALL.into_iter().map(|step| planned(step, &bare, None)).collect();
        let out: Vec<_> =
            plan.iter().filter(|step| step.left_out.is_some()).map(|step| (step.label.as_str(), step.calls)).collect();
        assert_eq!(
            out,
            [("Check snapshot", 0), ("Wait for snapshot", 0), ("Add custom values & tags", 0), ("Create users", 0)]
        );
        let full = NewJob { users: vec![NewUser::default()], tags: vec!["vip".to_owned()], ..NewJob::default() };
        assert_eq!(planned(Step::CreateUsers, &full, None).left_out, None);
        assert_eq!(planned(Step::FillValues, &full, None).does, "Sets 1 tag.");
    }
}
