//! Serves a location's tags. Names are lower case, and an existing name is refused (HighLevel API §4.7).

use serde_json::{Value, json};

use crate::{assets::tag_named, ids::new_uuid, records::Tag, world::Transaction};

use super::{
    call::Call,
    reply::{Answer, Outcome, bad, ok},
    shape::{Field, Kind, need},
};

/// Body of a tag.
pub const BODY: &[Field] = &[need("name", Kind::Filled)];

/// `GET .../tags`.
pub fn list(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let own = tx.world.tags.of(call.param("locationId"));
    ok(json!({"tags": own.map(tag_json).collect::<Vec<_>>()}))
}

/// `POST .../tags`.
pub fn create(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let name = free_name(call, tx, None)?;
    let tag = Tag { id: new_uuid(), location_id: call.param("locationId").into(), name };
    tx.put(&tag);
    ok(json!({"tag": tag_json(&tag)}))
}

/// `GET .../tags/{tagId}`.
pub fn get(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    ok(json!({"tag": tag_json(&known(call, tx)?)}))
}

/// `PUT .../tags/{tagId}`.
pub fn update(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let tag = known(call, tx)?;
    let tag = Tag { name: free_name(call, tx, Some(&tag.id))?, ..tag };
    tx.put(&tag);
    ok(json!({"tag": tag_json(&tag)}))
}

/// `DELETE .../tags/{tagId}`.
pub fn delete(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let gone = known(call, tx)?;
    tx.remove::<Tag>(&gone.id);
    ok(json!({"succeded": true}))
}

fn free_name(call: &Call<'_>, tx: &Transaction<'_>, own: Option<&str>) -> Result<String, Answer> {
    let name = call.text("name").unwrap_or_default().trim().to_lowercase();
    match tag_named(tx.world, call.param("locationId"), &name) {
        Some(tag) if own != Some(tag.id.as_str()) => Err(bad("The tag name is already exist.")),
        _ => Ok(name),
    }
}

fn known(call: &Call<'_>, tx: &Transaction<'_>) -> Result<Tag, Answer> {
    let id = call.param("tagId");
    let tag = tx.world.tags.get(id).filter(|tag| tag.location_id == call.param("locationId"));
    tag.cloned().ok_or_else(|| bad(format!("Tag with id {id} not found")))
}

fn tag_json(tag: &Tag) -> Value {
    json!({"id": tag.id, "name": tag.name, "locationId": tag.location_id})
}
