//! Serves a location's custom fields. A name is unique among the contact fields and among the opportunity fields
//! (HighLevel API §4.6).

use serde_json::{Value, json};

use crate::{
    assets::{key_of, same_name},
    ids::new_id,
    records::CustomField,
    world::Transaction,
};

use super::{
    call::Call,
    reply::{Answer, Outcome, bad, created, ok},
    shape::{Field, Kind, may, need},
};

const MODELS: Kind = Kind::OneOf(&["contact", "opportunity"]);
const TYPES: Kind = Kind::OneOf(&[
    "TEXT",
    "LARGE_TEXT",
    "NUMERICAL",
    "PHONE",
    "MONETORY",
    "CHECKBOX",
    "SINGLE_OPTIONS",
    "MULTIPLE_OPTIONS",
    "DATE",
    "TEXTBOX_LIST",
    "FILE_UPLOAD",
    "RADIO",
    "EMAIL",
    "FLOAT",
    "TIME",
    "SIGNATURE",
]);

/// Body of a create.
pub const NEW: &[Field] = &[
    need("name", Kind::Filled),
    need("dataType", TYPES),
    may("placeholder", Kind::Text),
    may("acceptedFormat", Kind::Texts),
    may("isMultipleFile", Kind::Flag),
    may("maxNumberOfFiles", Kind::Number),
    may("textBoxListOptions", Kind::List),
    may("position", Kind::Number),
    may("model", MODELS),
];

/// Body of an update, which cannot change the data type.
pub const CHANGED: &[Field] = &[
    need("name", Kind::Filled),
    may("placeholder", Kind::Text),
    may("acceptedFormat", Kind::Texts),
    may("isMultipleFile", Kind::Flag),
    may("maxNumberOfFiles", Kind::Number),
    may("textBoxListOptions", Kind::List),
    may("position", Kind::Number),
    may("model", MODELS),
];

/// `GET .../customFields`.
pub fn list(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let model = call.query_param("model").filter(|model| *model != "all");
    let own = tx.world.custom_fields.of(call.param("locationId"));
    let rows: Vec<Value> =
        own.filter(|field| model.is_none_or(|model| model == field.model)).map(custom_field_json).collect();
    ok(json!({"customFields": rows}))
}

/// `POST .../customFields`.
pub fn create(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let location = call.param("locationId");
    let name = call.text("name").unwrap_or_default();
    let model = call.text("model").unwrap_or("contact");
    let mut own = tx.world.custom_fields.of(location).filter(|field| field.model == model);
    if own.any(|field| same_name(&field.name, name)) {
        return Err(bad(format!("Custom field with name {name} already exists")));
    }
    let field = CustomField {
        id: new_id(20),
        location_id: location.into(),
        name: name.into(),
        field_key: format!("{model}.{}", key_of(name)),
        placeholder: call.text("placeholder").unwrap_or_default().into(),
        data_type: call.text("dataType").unwrap_or_default().into(),
        position: call.body["position"].as_f64().unwrap_or_default(),
        model: model.into(),
    };
    tx.put(&field);
    created(json!({"customField": custom_field_json(&field)}))
}

/// `GET .../customFields/{id}`.
pub fn get(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    ok(json!({"customField": custom_field_json(&known(call, tx)?)}))
}

/// `PUT .../customFields/{id}`.
pub fn update(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let mut field = known(call, tx)?;
    field.name = call.text("name").unwrap_or_default().into();
    if let Some(placeholder) = call.text("placeholder") {
        field.placeholder = placeholder.into();
    }
    if let Some(position) = call.body["position"].as_f64() {
        field.position = position;
    }
    tx.put(&field);
    ok(json!({"customField": custom_field_json(&field)}))
}

/// `DELETE .../customFields/{id}`.
pub fn delete(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let gone = known(call, tx)?;
    tx.remove::<CustomField>(&gone.id);
    ok(json!({"succeded": true}))
}

fn known(call: &Call<'_>, tx: &Transaction<'_>) -> Result<CustomField, Answer> {
    let id = call.param("id");
    let field = tx.world.custom_fields.get(id).filter(|field| field.location_id == call.param("locationId"));
    field.cloned().ok_or_else(|| bad(format!("Custom field with id {id} not found")))
}

fn custom_field_json(field: &CustomField) -> Value {
    json!({
        "id": field.id, "name": field.name, "fieldKey": field.field_key, "placeholder": field.placeholder,
        "dataType": field.data_type, "position": field.position, "model": field.model,
        "locationId": field.location_id, "picklistOptions": [],
    })
}
