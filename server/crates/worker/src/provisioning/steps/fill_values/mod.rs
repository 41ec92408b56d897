//! FILL_VALUES sets custom values and tags. HighLevel has no upsert (HighLevel API, custom values), so the step lists,
//! matches by name, then changes or adds. After an unclear add it reads the list again until the outcome is certain.

mod same_key;
mod undo;

use ghl::custom_values::{self, CustomValue, same_name};
use ghl::tags::{self, Tag};
use serde_json::{Value, json};
use store::provisioning as rows;

use crate::provisioning::ghl_access::GhlAccess;
use crate::provisioning::planned_write::{PlannedWrite, matches_effect};
use crate::provisioning::run::Run;
use crate::provisioning::step::{Made, StepWork, Stop, Undone};

const ADD_VALUE: &str = "add_value";
const SET_VALUE: &str = "set_value";
const RESTORE_VALUE: &str = "restore_value";
const ADD_TAG: &str = "add_tag";
const REMOVE_VALUE: &str = "remove_value";
const REMOVE_TAG: &str = "remove_tag";

pub struct Work;

/// The custom values and tags in the location now.
struct Existing {
    values: Vec<CustomValue>,
    tags: Vec<Tag>,
}

impl StepWork for Work {
    async fn find(run: &mut Run) -> Result<Option<Made>, Stop> {
        // Undoing reads the values itself, because the location may be gone.
        if run.job.location.is_none() || run.undoing {
            return Ok(None);
        }
        let (values, tags) = (run.job.order.custom_values.len(), run.job.order.tags.len());
        if values + tags == 0 && run.effects().await?.is_empty() {
            return Ok(Some(Made::new("No custom values or tags were ordered.", json!({}))));
        }
        let ghl_access = run.location_access().await?;
        let existing = read(run, &ghl_access).await?;
        settle(run, &existing).await?;
        if !missing_values(run, &existing).is_empty() || !missing_tags(run, &existing).is_empty() {
            return Ok(None);
        }
        Ok(Some(done(run)))
    }

    async fn make(run: &mut Run) -> Result<Made, Stop> {
        let ghl_access = run.location_access().await?;
        let existing = read(run, &ghl_access).await?;
        for (name, value) in missing_values(run, &existing) {
            match known(run, &existing, &name)? {
                Some(have) => set_value(run, &ghl_access, have, &value).await?,
                None => add_value(run, &ghl_access, &existing, (&name, &value)).await?,
            }
        }
        for tag in missing_tags(run, &existing) {
            add_tag(run, &ghl_access, &tag).await?;
        }
        Ok(done(run))
    }

    async fn undo(run: &mut Run) -> Result<Undone, Stop> {
        undo::undo(run).await
    }
}

fn done(run: &Run) -> Made {
    let (values, tags) = (run.job.order.custom_values.len(), run.job.order.tags.len());
    let output = json!({ "values": values, "tags": tags, FORMER: former(run) });
    Made::new(format!("{values} values and {tags} tags are set."), output)
}

/// Key of the step's output that holds the former contents of the values that it changed.
const FORMER: &str = "former";

/// The former contents of changed values, by id.
fn former(run: &Run) -> Value {
    let output = run.output(domain::provisioning::Step::FillValues);
    output.get(FORMER).filter(|former| former.is_object()).cloned().unwrap_or_else(|| json!({}))
}

/// Finds the location's value for an ordered name: the value with that name, or the one that a person chose
/// because both names have the same template key.
fn known<'a>(run: &Run, existing: &'a Existing, name: &str) -> Result<Option<&'a CustomValue>, Stop> {
    match existing.values.iter().find(|have| same_name(&have.name, name)) {
        Some(have) => Ok(Some(have)),
        None => same_key::chosen(run, &existing.values, name),
    }
}

async fn read(run: &Run, ghl_access: &GhlAccess) -> Result<Existing, Stop> {
    let outside = |error: ghl::Error| Stop::outside(run.step, &error);
    Ok(Existing {
        values: custom_values::list(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource).await.map_err(outside)?,
        tags: tags::list(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource).await.map_err(outside)?,
    })
}

async fn settle(run: &Run, existing: &Existing) -> Result<(), Stop> {
    run.settle(|effect| {
        let value = existing.values.iter().find(|value| {
            matches_effect(effect, ADD_VALUE, &key(&value.name))
                || matches_effect(effect, SET_VALUE, &format!("{}|{}", value.id, value.value))
        });
        let tag = existing.tags.iter().find(|tag| matches_effect(effect, ADD_TAG, &key(&tag.name)));
        // A removal shows by the absence of the value or tag.
        let restored = existing
            .values
            .iter()
            .find(|value| matches_effect(effect, RESTORE_VALUE, &format!("{}|{}", value.id, value.value)));
        let value = value.or(restored);
        let gone = effect.provider_ref.clone().filter(|id| match effect.kind.as_str() {
            REMOVE_VALUE => !existing.values.iter().any(|value| value.id == *id),
            REMOVE_TAG => !existing.tags.iter().any(|tag| tag.id == *id),
            _ => false,
        });
        value.map(|value| value.id.clone()).or_else(|| tag.map(|tag| tag.id.clone())).or(gone)
    })
    .await
}

/// The form of a name in which HighLevel compares names.
fn key(name: &str) -> String {
    name.trim().to_lowercase().replace(' ', "_")
}

/// True if the ordered value is set, under its name or under another name with the same key that a person chose.
pub(super) fn is_set(run: &Run, values: &[CustomValue], name: &str, value: &str) -> bool {
    let named = values.iter().any(|have| same_name(&have.name, name) && have.value == value);
    named || same_key::is_set(run, values, name, value)
}

fn missing_values(run: &Run, existing: &Existing) -> Vec<(String, String)> {
    run.job
        .order
        .custom_values
        .iter()
        .filter(|(name, value)| !is_set(run, &existing.values, name, value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn missing_tags(run: &Run, existing: &Existing) -> Vec<String> {
    let have = |tag: &String| existing.tags.iter().any(|known| tags::same_name(&known.name, tag));
    run.job.order.tags.iter().filter(|tag| !have(tag)).cloned().collect()
}

async fn add_value(
    run: &mut Run,
    ghl_access: &GhlAccess,
    existing: &Existing,
    (name, value): (&str, &str),
) -> Result<(), Stop> {
    let (sender, sent_name, sent_value) = (ghl_access.clone(), name.to_owned(), value.to_owned());
    let call =
        async move { custom_values::add(&sender.ghl, sender.call(), &sender.resource, &sent_name, &sent_value).await };
    match run.send(PlannedWrite::new(ADD_VALUE, &key(name)), |value: &CustomValue| value.id.clone(), call).await? {
        Ok(sent) => run.confirm(&sent).await,
        Err(error) => Err(same_key::refused(run, &existing.values, name, &error)),
    }
}

/// Sets the value under the name that HighLevel has. Its former content is stored, so that undoing can restore it.
async fn set_value(run: &mut Run, ghl_access: &GhlAccess, have: &CustomValue, value: &str) -> Result<(), Stop> {
    remember(run, have).await?;
    put_value(run, ghl_access, SET_VALUE, have, value).await
}

async fn put_value(
    run: &mut Run,
    ghl_access: &GhlAccess,
    kind: &'static str,
    have: &CustomValue,
    value: &str,
) -> Result<(), Stop> {
    let planned = PlannedWrite::on(kind, &have.id, &format!("{}|{value}", have.id));
    let (ghl_access, id, name, value) = (ghl_access.clone(), have.id.clone(), have.name.clone(), value.to_owned());
    let call = async move {
        custom_values::set(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource, &id, &name, &value).await
    };
    let sent = run.send(planned, |value: &CustomValue| value.id.clone(), call).await?;
    run.confirm(&sent.map_err(|error| Stop::outside(run.step, &error))?).await
}

/// Stores the former content of a value, only the first time; later the value holds what this job wrote.
async fn remember(run: &mut Run, have: &CustomValue) -> Result<(), Stop> {
    let mut all = former(run);
    if all.get(&have.id).is_some() {
        return Ok(());
    }
    all[&have.id] = json!(have.value);
    let mut output = run.output(run.step);
    if !output.is_object() {
        output = json!({});
    }
    output[FORMER] = all;
    let mut tx = run.tx().await?;
    rows::save_output(&mut tx, &run.job.fence, run.step, &output).await?;
    run.commit(tx).await?;
    run.keep_output(output);
    Ok(())
}

async fn add_tag(run: &mut Run, ghl_access: &GhlAccess, tag: &str) -> Result<(), Stop> {
    let (ghl_access, sent_tag) = (ghl_access.clone(), tag.to_owned());
    let call = async move { tags::add(&ghl_access.ghl, ghl_access.call(), &ghl_access.resource, &sent_tag).await };
    let sent = run.send(PlannedWrite::new(ADD_TAG, &key(tag)), |tag: &Tag| tag.id.clone(), call).await?;
    run.confirm(&sent.map_err(|error| Stop::outside(run.step, &error))?).await
}
