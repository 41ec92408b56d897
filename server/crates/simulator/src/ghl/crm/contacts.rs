//! Serves contacts. A second contact with the same e-mail or phone is refused unless the location allows it, and a search
//! goes on after the last contact of a page (HighLevel API §5.1).

use serde_json::{Map, Value, json};

use crate::{
    crm::{CrmKind, CrmRecord},
    ids::new_id,
    world::Transaction,
};

use super::super::{
    call::Call,
    reply::{Answer, Outcome, bad, created, ok},
    shape::{Field, Kind, may, need},
};
use super::{CUSTOM_FIELDS, PLACE, all, known, own};

/// Body of a search.
pub const SEARCH: &[Field] = &[
    PLACE,
    need("pageLimit", Kind::Number),
    may("page", Kind::Number),
    may("searchAfter", Kind::List),
    may("query", Kind::Text),
    may("filters", Kind::List),
    may("sort", Kind::List),
];

/// Body of a create.
pub const NEW: &[Field] = &[
    PLACE,
    may("firstName", Kind::Text),
    may("lastName", Kind::Text),
    may("name", Kind::Text),
    may("email", Kind::Email),
    may("phone", Kind::Text),
    may("address1", Kind::Text),
    may("city", Kind::Text),
    may("state", Kind::Text),
    may("postalCode", Kind::Text),
    may("country", Kind::Country),
    may("website", Kind::Text),
    may("timezone", Kind::Text),
    may("source", Kind::Text),
    may("companyName", Kind::Text),
    may("dnd", Kind::Flag),
    may("assignedTo", Kind::Text),
    may("tags", Kind::Texts),
    CUSTOM_FIELDS,
];

/// Body of an update. It takes neither the location nor the name of a company.
pub const CHANGED: &[Field] = &[
    may("firstName", Kind::Text),
    may("lastName", Kind::Text),
    may("name", Kind::Text),
    may("email", Kind::Email),
    may("phone", Kind::Text),
    may("address1", Kind::Text),
    may("city", Kind::Text),
    may("state", Kind::Text),
    may("postalCode", Kind::Text),
    may("country", Kind::Country),
    may("website", Kind::Text),
    may("timezone", Kind::Text),
    may("source", Kind::Text),
    may("dnd", Kind::Flag),
    may("assignedTo", Kind::Text),
    may("tags", Kind::Texts),
    CUSTOM_FIELDS,
];

/// Body of the calls on tags.
pub const TAGS: &[Field] = &[need("tags", Kind::Texts)];

/// `POST /contacts/search`.
pub fn search(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let words = call.text("query").unwrap_or_default().to_lowercase();
    let fits = |contact: &&CrmRecord| {
        let parts = ["firstName", "lastName", "email", "phone"].map(|name| contact.text(name));
        words.is_empty() || parts.join(" ").to_lowercase().contains(&words)
    };
    let found: Vec<&CrmRecord> = all(call, tx, CrmKind::Contact).into_iter().filter(fits).collect();
    let after = call.body["searchAfter"][1].as_str();
    let first =
        after.map_or(0, |id| found.iter().position(|contact| contact.id == id).map_or(found.len(), |at| at + 1));
    let most = call.body["pageLimit"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(20).clamp(1, 500);
    let row = |contact: &&CrmRecord| {
        let mut shown = shown(contact);
        shown["searchAfter"] = json!([contact.since.timestamp_millis(), contact.id]);
        shown
    };
    let rows: Vec<Value> = found.iter().skip(first).take(most).map(row).collect();
    ok(json!({"contacts": rows, "total": found.len()}))
}

/// `GET /contacts/{contactId}`.
pub fn get(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    ok(json!({"contact": shown(&named(call, tx)?)}))
}

/// `POST /contacts/`.
pub fn create(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    free(call, tx, None)?;
    let mut contact = CrmRecord {
        id: new_id(20),
        location_id: own(call).into(),
        kind: CrmKind::Contact,
        parent: String::new(),
        since: tx.now,
        fields: Map::from_iter([("type".to_owned(), json!("lead")), ("tags".to_owned(), json!([]))]),
    };
    fill(&mut contact, &call.body);
    tx.put(&contact);
    created(json!({"contact": shown(&contact)}))
}

/// `PUT /contacts/{contactId}`: changes only the given properties; tags are replaced.
pub fn update(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let mut contact = named(call, tx)?;
    free(call, tx, Some(&contact.id))?;
    fill(&mut contact, &call.body);
    tx.put(&contact);
    ok(json!({"succeded": true, "contact": shown(&contact)}))
}

/// `POST /contacts/{contactId}/tags`.
pub fn add_tags(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let tags = tagged(call, tx, |have, given| {
        let new: Vec<String> = given.into_iter().filter(|tag| !have.contains(tag)).collect();
        have.into_iter().chain(new).collect()
    })?;
    created(tags)
}

/// `DELETE /contacts/{contactId}/tags`.
pub fn remove_tags(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    ok(tagged(call, tx, |have, given| have.into_iter().filter(|tag| !given.contains(tag)).collect())?)
}

fn tagged(
    call: &Call<'_>,
    tx: &mut Transaction<'_>,
    change: fn(Vec<String>, Vec<String>) -> Vec<String>,
) -> Result<Value, Answer> {
    let mut contact = named(call, tx)?;
    let tags = change(texts(contact.fields.get("tags")), texts(call.body.get("tags")));
    contact.fields.insert("tags".into(), json!(tags));
    tx.put(&contact);
    Ok(json!({"tags": tags}))
}

/// Tags in lower case.
fn texts(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_lowercase).collect()
}

fn named(call: &Call<'_>, tx: &Transaction<'_>) -> Result<CrmRecord, Answer> {
    known(call, tx, CrmKind::Contact, call.param("contactId"))
}

/// Refuses an e-mail or phone of another contact, unless the location allows duplicates.
fn free(call: &Call<'_>, tx: &Transaction<'_>, own_id: Option<&str>) -> Result<(), Answer> {
    let place = tx.world.locations.get(own(call));
    if place.is_some_and(|place| place.settings["allowDuplicateContact"] == json!(true)) {
        return Ok(());
    }
    let others = || all(call, tx, CrmKind::Contact).into_iter().filter(|contact| own_id != Some(contact.id.as_str()));
    for field in ["email", "phone"] {
        let Some(given) = call.text(field).filter(|text| !text.is_empty()) else { continue };
        let Some(other) = others().find(|contact| contact.text(field).eq_ignore_ascii_case(given)) else { continue };
        let mut refusal = bad("This location does not allow duplicated contacts.");
        refusal.body["meta"] =
            json!({"contactId": other.id, "contactName": other.text("name"), "matchingField": field});
        return Err(refusal);
    }
    Ok(())
}

/// Sets what a body gives. A custom field is written as `field_value` and read as `value`.
fn fill(contact: &mut CrmRecord, body: &Value) {
    contact.fill(body);
    if let Some(given) = body.get("tags") {
        contact.fields.insert("tags".into(), json!(texts(Some(given))));
    }
    if let Some(given) = body.get("customFields").and_then(Value::as_array) {
        let read = |field: &Value| json!({"id": field["id"], "value": field["field_value"]});
        contact.fields.insert("customFields".into(), given.iter().map(read).collect());
    }
    let name = format!("{} {}", contact.text("firstName"), contact.text("lastName"));
    contact.fields.insert("name".into(), json!(name.trim()));
}

fn shown(contact: &CrmRecord) -> Value {
    let mut json = contact.json();
    json["dateAdded"] = json!(contact.since);
    json
}
