//! How are custom values and tags taken back? What the job added is removed; what a location that a person gave to the job held before
//! is given back. Where the location is gone, so are they.

use domain::provisioning::{Step, TodoItem};
use ghl::{custom_values, tags};

use super::{ADD_TAG, ADD_VALUE, REMOVE_TAG, REMOVE_VALUE, RESTORE_VALUE, There, former, put_value, read, settle};
use crate::provisioning::door::Door;
use crate::provisioning::planned::Planned;
use crate::provisioning::run::Run;
use crate::provisioning::step::{Stop, Undone};
use crate::provisioning::there::{self, There as Place};

pub async fn undo(run: &mut Run) -> Result<Undone, Stop> {
    let Some(location) = run.job.location.clone() else { return Ok(Undone::default()) };
    if run.effects().await?.is_empty() {
        return Ok(Undone::default());
    }
    let (door, there) = match inside(run).await {
        Ok(inside) => inside,
        // A question may mean that the location is gone; the company's own look says whether it is.
        Err(Stop::Ask(question)) => return unreachable_now(run, &location, *question).await,
        Err(stop) => return Err(stop),
    };
    settle(run, &there).await?;
    let mut undone = Undone::default();
    for id in run.confirmed(ADD_VALUE).await? {
        if there.values.iter().any(|value| value.id == id) {
            remove(run, &door, REMOVE_VALUE, &id).await?;
        }
        undone.done.push("A custom value this job had created is deleted.".to_owned());
    }
    for id in run.confirmed(ADD_TAG).await? {
        if there.tags.iter().any(|tag| tag.id == id) {
            remove(run, &door, REMOVE_TAG, &id).await?;
        }
        undone.done.push("A tag this job had created is deleted.".to_owned());
    }
    give_back(run, &door, &there, &mut undone).await?;
    Ok(undone)
}

async fn inside(run: &mut Run) -> Result<(Door, There), Stop> {
    let door = run.location_door().await?;
    let there = read(run, &door).await?;
    Ok((door, there))
}

async fn unreachable_now(
    run: &mut Run,
    location: &str,
    question: domain::provisioning::Question,
) -> Result<Undone, Stop> {
    match there::look(run, location).await? {
        Place::Gone(_) => {
            run.give_up_doubts().await?;
            Ok(Undone { done: vec!["Custom values and tags are gone with the location.".into()], todo: Vec::new() })
        }
        Place::Is(_) => Err(Stop::Ask(Box::new(question))),
    }
}

/// In a location of the job's own nothing is given back: it was empty or the snapshot's, and it is parked.
async fn give_back(run: &mut Run, door: &Door, there: &There, undone: &mut Undone) -> Result<(), Stop> {
    if run.output(Step::CreateLocation).get("adopted").is_none() {
        return Ok(());
    }
    let former = former(run);
    for (id, value) in former.as_object().into_iter().flatten() {
        let (Some(have), Some(before)) = (there.values.iter().find(|have| have.id == *id), value.as_str()) else {
            continue;
        };
        if have.value == before {
            continue;
        }
        if run.job.order.custom_values.values().any(|ours| *ours == have.value) {
            put_value(run, door, RESTORE_VALUE, have, before).await?;
            undone.done.push(format!("The custom value “{}” holds again what it held before.", have.name));
        } else {
            undone.todo.push(TodoItem {
                what: format!("Look at the custom value “{}”", have.name),
                why: "Somebody changed it after this job did, so it is left as it is.".into(),
            });
        }
    }
    Ok(())
}

async fn remove(run: &mut Run, door: &Door, kind: &'static str, id: &str) -> Result<(), Stop> {
    let (door, gone) = (door.clone(), id.to_owned());
    let call = async move {
        match kind {
            REMOVE_VALUE => custom_values::remove(&door.ghl, door.call(), &door.resource, &gone).await,
            _ => tags::remove(&door.ghl, door.call(), &door.resource, &gone).await,
        }
    };
    let sent = run.send(Planned::on(kind, id, id), |(): &()| String::new(), call).await?;
    run.confirm(&sent.map_err(|error| Stop::outside(run.step, &error))?).await
}
