//! Undoes custom values and tags: removes what the job added, and restores what an adopted location had before. If the
//! location is gone, nothing is left to undo.

use domain::provisioning::{Step, TodoItem};
use domain::todos::TodoKind;
use ghl::{custom_values, tags};

use super::{ADD_TAG, ADD_VALUE, Existing, REMOVE_TAG, REMOVE_VALUE, RESTORE_VALUE, former, put_value, read, settle};
use crate::provisioning::ghl_access::GhlAccess;
use crate::provisioning::location_status::{self, LocationStatus as Status};
use crate::provisioning::planned_write::PlannedWrite;
use crate::provisioning::run::Run;
use crate::provisioning::step::{Stop, Undone};

pub async fn undo(run: &mut Run) -> Result<Undone, Stop> {
    let Some(location) = run.job.location.clone() else { return Ok(Undone::default()) };
    if run.effects().await?.is_empty() {
        return Ok(Undone::default());
    }
    let (ghl_access, existing) = match inside(run).await {
        Ok(inside) => inside,
        // A question may mean that the location is gone; a check with the company token shows whether it is.
        Err(Stop::Ask(question)) => return unreachable_now(run, &location, *question).await,
        Err(stop) => return Err(stop),
    };
    settle(run, &existing).await?;
    let mut undone = Undone::default();
    for id in run.confirmed(ADD_VALUE).await? {
        if existing.values.iter().any(|value| value.id == id) {
            remove(run, &ghl_access, REMOVE_VALUE, &id).await?;
        }
        undone.done.push("A custom value this job had created is deleted.".to_owned());
    }
    for id in run.confirmed(ADD_TAG).await? {
        if existing.tags.iter().any(|tag| tag.id == id) {
            remove(run, &ghl_access, REMOVE_TAG, &id).await?;
        }
        undone.done.push("A tag this job had created is deleted.".to_owned());
    }
    give_back(run, &ghl_access, &existing, &mut undone).await?;
    Ok(undone)
}

async fn inside(run: &mut Run) -> Result<(GhlAccess, Existing), Stop> {
    let ghl_access = run.location_access().await?;
    let existing = read(run, &ghl_access).await?;
    Ok((ghl_access, existing))
}

async fn unreachable_now(
    run: &mut Run,
    location: &str,
    question: domain::provisioning::Question,
) -> Result<Undone, Stop> {
    match location_status::look(run, location).await? {
        Status::Gone(_) => {
            run.give_up_doubts().await?;
            Ok(Undone { done: vec!["Custom values and tags are gone with the sub-account.".into()], todo: Vec::new() })
        }
        Status::Present(_) => Err(Stop::Ask(Box::new(question))),
    }
}

/// Restores former contents in an adopted location only. A location that the job created was empty or held the
/// snapshot's values, and it is parked.
async fn give_back(
    run: &mut Run,
    ghl_access: &GhlAccess,
    existing: &Existing,
    undone: &mut Undone,
) -> Result<(), Stop> {
    if run.output(Step::CreateLocation).get("adopted").is_none() {
        return Ok(());
    }
    let former = former(run);
    for (id, value) in former.as_object().into_iter().flatten() {
        let (Some(have), Some(before)) = (existing.values.iter().find(|have| have.id == *id), value.as_str()) else {
            continue;
        };
        if have.value == before {
            continue;
        }
        if run.job.order.custom_values.values().any(|ours| *ours == have.value) {
            put_value(run, ghl_access, RESTORE_VALUE, have, before).await?;
            undone.done.push(format!("The custom value “{}” has its former text again.", have.name));
        } else {
            let what = format!("Check the custom value “{}”", have.name);
            let why = "Someone changed it after this job did, so it stays as it is.";
            undone.todo.push(TodoItem::new(TodoKind::CleanUp, what, why).about(format!("value {}", have.id)));
        }
    }
    Ok(())
}

async fn remove(run: &mut Run, ghl_access: &GhlAccess, kind: &'static str, id: &str) -> Result<(), Stop> {
    let (ghl_access, gone) = (ghl_access.clone(), id.to_owned());
    let call = async move {
        match kind {
            REMOVE_VALUE => {
                custom_values::remove(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource, &gone).await
            }
            _ => tags::remove(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource, &gone).await,
        }
    };
    let sent = run.send(PlannedWrite::on(kind, id, id), |(): &()| String::new(), call).await?;
    run.confirm(&sent.map_err(|error| Stop::outside(run.step, &error))?).await
}
