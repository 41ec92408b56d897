//! Creates, finds and updates sub-accounts. Names are not unique, search lags, creating the same location twice
//! makes two, and only HighLevel itself may delete (HighLevel API §4.2, §4.12).

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::{assets, ids::new_id, records::Location, webhooks::Event, world::Transaction};

use super::{
    call::Call,
    installs,
    reply::{Outcome, bad, forbidden, ok, plan_too_low, unprocessable},
    shape::{Field, Kind, may, need},
    timezones::TIMEZONES,
};

const SETTINGS: &[Field] = &[
    may("allowDuplicateContact", Kind::Flag),
    may("allowDuplicateOpportunity", Kind::Flag),
    may("allowFacebookNameMerge", Kind::Flag),
    may("disableContactTimezone", Kind::Flag),
];
const SOCIAL: &[Field] = &[
    may("facebookUrl", Kind::Text),
    may("googlePlus", Kind::Text),
    may("linkedIn", Kind::Text),
    may("foursquare", Kind::Text),
    may("twitter", Kind::Text),
    may("yelp", Kind::Text),
    may("instagram", Kind::Text),
    may("youtube", Kind::Text),
    may("pinterest", Kind::Text),
    may("blogRss", Kind::Text),
    may("googlePlacesId", Kind::Text),
];
const PROSPECT: &[Field] =
    &[need("firstName", Kind::Filled), need("lastName", Kind::Filled), need("email", Kind::Email)];
const TWILIO: &[Field] = &[need("sid", Kind::Filled), need("authToken", Kind::Filled)];
const MAILGUN: &[Field] = &[need("apiKey", Kind::Filled), need("domain", Kind::Filled)];

/// Body of a create.
pub const NEW: &[Field] = &[
    need("name", Kind::Filled),
    need("companyId", Kind::Filled),
    may("phone", Kind::Text),
    may("address", Kind::Text),
    may("city", Kind::Text),
    may("state", Kind::Text),
    may("country", Kind::Country),
    may("postalCode", Kind::Text),
    may("website", Kind::Text),
    may("timezone", Kind::Text),
    may("prospectInfo", Kind::Object(PROSPECT)),
    may("settings", Kind::Object(SETTINGS)),
    may("social", Kind::Object(SOCIAL)),
    may("twilio", Kind::Object(TWILIO)),
    may("mailgun", Kind::Object(MAILGUN)),
    may("snapshotId", Kind::Text),
];

/// Body of an update. It names a snapshot differently than a create does.
pub const CHANGED: &[Field] = &[
    may("name", Kind::Filled),
    need("companyId", Kind::Filled),
    may("phone", Kind::Text),
    may("address", Kind::Text),
    may("city", Kind::Text),
    may("state", Kind::Text),
    may("country", Kind::Country),
    may("postalCode", Kind::Text),
    may("website", Kind::Text),
    may("timezone", Kind::Text),
    may("prospectInfo", Kind::Object(PROSPECT)),
    may("settings", Kind::Object(SETTINGS)),
    may("social", Kind::Object(SOCIAL)),
    may("twilio", Kind::Object(TWILIO)),
    may("mailgun", Kind::Object(MAILGUN)),
    may("snapshot", Kind::Object(&[need("id", Kind::Filled), may("override", Kind::Flag)])),
];

/// `POST /locations/`.
pub fn create(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let company = tx.world.companies.get(call.company()).ok_or_else(|| forbidden("company"))?;
    if !company.may_create_locations() {
        return Err(plan_too_low());
    }
    let knobs = tx.world.knobs();
    let jitter = knobs.search_lag_jitter_ms.checked_add(1).map_or(0, |most| rand::random::<u64>() % most);
    let mut location = Location {
        id: new_id(20),
        company_id: company.id.clone(),
        settings: json!({}),
        social: json!({}),
        date_added: tx.now,
        listed_at: tx.now + tx.delay(knobs.search_lag_ms.saturating_add(jitter)),
        ..Location::default()
    };
    fill(&mut location, &call.body);
    if let Some(id) = call.text("snapshotId").filter(|id| !id.is_empty()) {
        load(call, tx, id, &location.id, false)?;
    }
    tx.put(&location);
    installs::install_on_new_location(tx, &location);
    announce(tx, "LocationCreate", &location);
    ok(flat(&location))
}

fn announce(tx: &mut Transaction<'_>, event: &str, location: &Location) {
    let fields = json!({
        "type": event, "id": location.id, "companyId": location.company_id, "name": location.name,
        "email": location.email,
    });
    tx.emit(Event { fields, after: Duration::ZERO });
}

/// `PUT /locations/{locationId}`: changes only the given properties.
pub fn update(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let mut location = known(call, tx)?;
    fill(&mut location, &call.body);
    if let Some(snapshot) = call.body.get("snapshot").filter(|snapshot| snapshot.is_object()) {
        let id = snapshot["id"].as_str().unwrap_or_default();
        load(call, tx, id, &location.id, snapshot["override"] == json!(true))?;
    }
    tx.put(&location);
    announce(tx, "LocationUpdate", &location);
    ok(flat(&location))
}

fn load(
    call: &Call<'_>,
    tx: &mut Transaction<'_>,
    id: &str,
    location: &str,
    overrides: bool,
) -> Result<(), super::reply::Answer> {
    let snapshot = tx.world.snapshots.get(id).filter(|snapshot| snapshot.company_id == call.company());
    let snapshot = snapshot.ok_or_else(|| bad(format!("Snapshot with id {id} not found")))?;
    assets::push(tx, snapshot, location, overrides);
    Ok(())
}

fn fill(location: &mut Location, body: &Value) {
    let set = |field: &mut String, value: &Value| {
        if let Some(text) = value.as_str() {
            text.clone_into(field);
        }
    };
    set(&mut location.name, &body["name"]);
    set(&mut location.phone, &body["phone"]);
    set(&mut location.address, &body["address"]);
    set(&mut location.city, &body["city"]);
    set(&mut location.state, &body["state"]);
    set(&mut location.country, &body["country"]);
    set(&mut location.postal_code, &body["postalCode"]);
    set(&mut location.website, &body["website"]);
    set(&mut location.timezone, &body["timezone"]);
    set(&mut location.first_name, &body["prospectInfo"]["firstName"]);
    set(&mut location.last_name, &body["prospectInfo"]["lastName"]);
    set(&mut location.email, &body["prospectInfo"]["email"]);
    for (kept, given) in [(&mut location.settings, &body["settings"]), (&mut location.social, &body["social"])] {
        if let (Value::Object(kept), Value::Object(given)) = (kept, given) {
            kept.extend(given.clone());
        }
    }
}

/// `GET /locations/{locationId}`.
pub fn get(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let location = known(call, tx)?;
    let mut body = fields(&location);
    body.insert("companyId".into(), json!(location.company_id));
    body.insert("domain".into(), json!(""));
    put_filled(&mut body, "firstName", &location.first_name);
    put_filled(&mut body, "lastName", &location.last_name);
    let mut business = Map::new();
    for name in ["name", "address", "city", "state", "country", "postalCode", "website", "timezone"] {
        if let Some(value) = body.get(name) {
            business.insert(name.into(), value.clone());
        }
    }
    body.insert("business".into(), Value::Object(business));
    ok(json!({"location": body}))
}

/// `GET /locations/search`: filters by e-mail only, returns the oldest first by default, and omits a location until
/// its search lag has passed.
pub fn search(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let (skip, limit) = call.page(10)?;
    let newest_first = match call.query_param("order") {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(unprocessable(vec!["order must be one of the following values: asc, desc".into()])),
    };
    let own = call.grant.as_ref().and_then(|grant| grant.location_id.as_deref());
    let key = match call.query_param("email") {
        Some(email) => Location::email_key(call.company(), email),
        None => call.company().to_owned(),
    };
    let found = tx
        .world
        .locations
        .of(&key)
        .filter(|location| location.listed_at <= tx.now)
        .filter(|location| own.is_none_or(|own| own == location.id));
    let row = |location: &Location| Value::Object(fields(location));
    let rows: Vec<Value> = match newest_first {
        true => found.rev().skip(skip).take(limit).map(row).collect(),
        false => found.skip(skip).take(limit).map(row).collect(),
    };
    ok(json!({"locations": rows}))
}

/// `DELETE /locations/{locationId}`: never reached, because no app can have the scope it needs.
pub fn delete(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let location = known(call, tx)?;
    tx.remove::<Location>(&location.id);
    ok(json!({"success": true, "message": "Location deleted successfully"}))
}

/// `GET /locations/{locationId}/timezones`.
pub fn timezones(_: &Call<'_>, _: &mut Transaction<'_>) -> Outcome {
    ok(json!({"timezones": TIMEZONES}))
}

fn known(call: &Call<'_>, tx: &Transaction<'_>) -> Result<Location, super::reply::Answer> {
    tx.world.locations.get(call.param("locationId")).cloned().ok_or_else(|| forbidden("location"))
}

/// The answer to a create or an update. It is flat, unlike the answer to a read.
fn flat(location: &Location) -> Value {
    let mut body = fields(location);
    body.insert("companyId".into(), json!(location.company_id));
    body.insert("domain".into(), json!(""));
    Value::Object(body)
}

fn fields(location: &Location) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("id".into(), json!(location.id));
    body.insert("name".into(), json!(location.name));
    put_filled(&mut body, "phone", &location.phone);
    put_filled(&mut body, "email", &location.email);
    put_filled(&mut body, "address", &location.address);
    put_filled(&mut body, "city", &location.city);
    put_filled(&mut body, "state", &location.state);
    put_filled(&mut body, "country", &location.country);
    put_filled(&mut body, "postalCode", &location.postal_code);
    put_filled(&mut body, "website", &location.website);
    put_filled(&mut body, "timezone", &location.timezone);
    let mut settings = json!({
        "allowDuplicateContact": false, "allowDuplicateOpportunity": false, "allowFacebookNameMerge": false,
        "disableContactTimezone": false,
    });
    if let (Value::Object(all), Value::Object(set)) = (&mut settings, &location.settings) {
        all.extend(set.clone());
    }
    body.insert("settings".into(), settings);
    body.insert("social".into(), location.social.clone());
    body
}

fn put_filled(body: &mut Map<String, Value>, name: &str, value: &str) {
    if !value.is_empty() {
        body.insert(name.into(), json!(value));
    }
}
