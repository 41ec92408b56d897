//! Serves a location's custom values. There is no upsert: creating a name again adds a second value with another
//! key (HighLevel API §4.5).

use serde_json::{Value, json};

use crate::{
    assets::{free_key, value_keys, value_named},
    ids::new_id,
    records::CustomValue,
    world::Transaction,
};

use super::{
    call::Call,
    reply::{Answer, Outcome, bad, created, ok},
    shape::{Field, Kind, need},
};

/// Body of a create and of an update. Both properties are always required.
pub const BODY: &[Field] = &[need("name", Kind::Filled), need("value", Kind::Filled)];

/// `GET .../customValues`.
pub fn list(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let own = tx.world.custom_values.of(call.param("locationId"));
    ok(json!({"customValues": own.map(custom_value_json).collect::<Vec<_>>()}))
}

/// `POST .../customValues`.
pub fn create(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let location = call.param("locationId");
    let (name, value) = (call.text("name").unwrap_or_default(), call.text("value").unwrap_or_default());
    let collides = value_named(tx.world, location, name).is_some();
    if collides && tx.world.knobs().custom_value_collision == "refuse" {
        return Err(bad("Custom value with this name already exists"));
    }
    let key = free_key("custom_values", name, &value_keys(tx.world, location));
    let value = CustomValue {
        id: new_id(20),
        location_id: location.into(),
        name: name.into(),
        field_key: format!("{{{{ {key} }}}}"),
        value: value.into(),
    };
    tx.put(&value);
    created(json!({"customValue": custom_value_json(&value)}))
}

/// `GET .../customValues/{id}`.
pub fn get(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    ok(json!({"customValue": custom_value_json(&known(call, tx)?)}))
}

/// `PUT .../customValues/{id}`: changes name and value but not the key.
pub fn update(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let (name, value) = (call.text("name").unwrap_or_default(), call.text("value").unwrap_or_default());
    let changed = CustomValue { name: name.into(), value: value.into(), ..known(call, tx)? };
    tx.put(&changed);
    ok(json!({"customValue": custom_value_json(&changed)}))
}

/// `DELETE .../customValues/{id}`.
pub fn delete(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let gone = known(call, tx)?;
    tx.remove::<CustomValue>(&gone.id);
    ok(json!({"succeded": true}))
}

fn known(call: &Call<'_>, tx: &Transaction<'_>) -> Result<CustomValue, Answer> {
    let id = call.param("id");
    let value = tx.world.custom_values.get(id).filter(|value| value.location_id == call.param("locationId"));
    value.cloned().ok_or_else(|| bad(format!("Custom value with id {id} not found")))
}

fn custom_value_json(value: &CustomValue) -> Value {
    json!({
        "id": value.id, "name": value.name, "fieldKey": value.field_key, "value": value.value,
        "locationId": value.location_id,
    })
}
