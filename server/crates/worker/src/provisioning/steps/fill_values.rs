//! FILL_VALUES: custom values and tags. HighLevel has no upsert (HighLevel API, custom values): list, match by name, then
//! change or add; after an unclear add the list is read again until it is certain.

use ghl::custom_values::{self, CustomValue, same_name};
use ghl::tags::{self, Tag};
use serde_json::json;

use crate::provisioning::door::Door;
use crate::provisioning::planned::{Planned, is};
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone};

const ADD_VALUE: &str = "add_value";
const SET_VALUE: &str = "set_value";
const ADD_TAG: &str = "add_tag";
const REMOVE_VALUE: &str = "remove_value";
const REMOVE_TAG: &str = "remove_tag";

pub struct Work;

/// What is in the location now.
struct There {
    values: Vec<CustomValue>,
    tags: Vec<Tag>,
}

impl StepWork for Work {
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop> {
        if run.job.location.is_none() {
            return Ok(None);
        }
        let (values, tags) = (run.job.order.custom_values.len(), run.job.order.tags.len());
        if values + tags == 0 && run.effects().await?.is_empty() {
            return Ok(Some(Made::new("No values and no tags were asked for.", json!({}))));
        }
        let door = run.location_door().await?;
        let there = read(run, &door).await?;
        settle(run, &there).await?;
        if run.undoing || !missing_values(run, &there).is_empty() || !missing_tags(run, &there).is_empty() {
            return Ok(None);
        }
        Ok(Some(Made::new(
            format!("{values} values and {tags} tags are set."),
            json!({ "values": values, "tags": tags }),
        )))
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let door = run.location_door().await?;
        let there = read(run, &door).await?;
        for (name, value) in missing_values(run, &there) {
            let known = there.values.iter().find(|have| same_name(&have.name, &name)).map(|have| have.id.clone());
            match known {
                Some(id) => set_value(run, &door, &id, &name, &value).await?,
                None => add_value(run, &door, &name, &value).await?,
            }
        }
        for tag in missing_tags(run, &there) {
            add_tag(run, &door, &tag).await?;
        }
        let (values, tags) = (run.job.order.custom_values.len(), run.job.order.tags.len());
        Ok(Made::new(format!("{values} values and {tags} tags are set."), json!({ "values": values, "tags": tags })))
    }

    async fn undo(run: &mut Run) -> Result<Undone, Stop> {
        if run.job.location.is_none() || run.effects().await?.is_empty() {
            return Ok(Undone::default());
        }
        let door = run.location_door().await?;
        let there = read(run, &door).await?;
        let mut done = Vec::new();
        for id in run.confirmed(ADD_VALUE).await? {
            if there.values.iter().any(|value| value.id == id) {
                remove(run, &door, REMOVE_VALUE, &id).await?;
            }
            done.push("A custom value this job had created is deleted.".to_owned());
        }
        for id in run.confirmed(ADD_TAG).await? {
            if there.tags.iter().any(|tag| tag.id == id) {
                remove(run, &door, REMOVE_TAG, &id).await?;
            }
            done.push("A tag this job had created is deleted.".to_owned());
        }
        Ok(Undone { done, todo: Vec::new() })
    }
}

async fn read(run: &Run, door: &Door) -> Result<There, Stop> {
    let outside = |error: ghl::Error| Stop::outside(run.step, &error);
    Ok(There {
        values: custom_values::list(&door.ghl, door.call(), &door.resource).await.map_err(outside)?,
        tags: tags::list(&door.ghl, door.call(), &door.resource).await.map_err(outside)?,
    })
}

async fn settle(run: &Run, there: &There) -> Result<(), Stop> {
    run.settle(|effect| {
        let value = there.values.iter().find(|value| {
            is(effect, ADD_VALUE, &key(&value.name)) || is(effect, SET_VALUE, &format!("{}|{}", value.id, value.value))
        });
        let tag = there.tags.iter().find(|tag| is(effect, ADD_TAG, &key(&tag.name)));
        // A removal shows in what is not there.
        let gone = effect.provider_ref.clone().filter(|id| match effect.kind.as_str() {
            REMOVE_VALUE => !there.values.iter().any(|value| value.id == *id),
            REMOVE_TAG => !there.tags.iter().any(|tag| tag.id == *id),
            _ => false,
        });
        value.map(|value| value.id.clone()).or_else(|| tag.map(|tag| tag.id.clone())).or(gone)
    })
    .await
}

/// A name as HighLevel compares it.
fn key(name: &str) -> String {
    name.trim().to_lowercase().replace(' ', "_")
}

fn missing_values(run: &Run, there: &There) -> Vec<(String, String)> {
    let set =
        |name: &str, value: &str| there.values.iter().any(|have| same_name(&have.name, name) && have.value == value);
    run.job
        .order
        .custom_values
        .iter()
        .filter(|(name, value)| !set(name, value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn missing_tags(run: &Run, there: &There) -> Vec<String> {
    let have = |tag: &String| there.tags.iter().any(|known| tags::same_name(&known.name, tag));
    run.job.order.tags.iter().filter(|tag| !have(tag)).cloned().collect()
}

async fn add_value(run: &mut Run, door: &Door, name: &str, value: &str) -> Result<(), Stop> {
    let (door, sent_name, sent_value) = (door.clone(), name.to_owned(), value.to_owned());
    let call = async move { custom_values::add(&door.ghl, door.call(), &door.resource, &sent_name, &sent_value).await };
    let sent = run.send(Planned::new(ADD_VALUE, &key(name)), |value: &CustomValue| value.id.clone(), call).await?;
    run.confirm(&sent.map_err(|error| Stop::outside(run.step, &error))?).await
}

async fn set_value(run: &mut Run, door: &Door, id: &str, name: &str, value: &str) -> Result<(), Stop> {
    let planned = Planned::on(SET_VALUE, id, &format!("{id}|{value}"));
    let (door, id, name, value) = (door.clone(), id.to_owned(), name.to_owned(), value.to_owned());
    let call = async move { custom_values::set(&door.ghl, door.call(), &door.resource, &id, &name, &value).await };
    let sent = run.send(planned, |value: &CustomValue| value.id.clone(), call).await?;
    run.confirm(&sent.map_err(|error| Stop::outside(run.step, &error))?).await
}

async fn add_tag(run: &mut Run, door: &Door, tag: &str) -> Result<(), Stop> {
    let (door, sent_tag) = (door.clone(), tag.to_owned());
    let call = async move { tags::add(&door.ghl, door.call(), &door.resource, &sent_tag).await };
    let sent = run.send(Planned::new(ADD_TAG, &key(tag)), |tag: &Tag| tag.id.clone(), call).await?;
    run.confirm(&sent.map_err(|error| Stop::outside(run.step, &error))?).await
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
