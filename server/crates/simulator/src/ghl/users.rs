//! Creates, finds and updates users. An e-mail is unique across all agencies, ignoring case; an update replaces the
//! list of locations; a location does not see the agency's users (HighLevel API §4.4).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{ids::new_id, records::User, world::Transaction};

use super::{
    call::Call,
    reply::{Answer, Outcome, bad, created, forbidden, ok, unprocessable},
    shape::{Field, Kind, may, need},
};

const LANGUAGES: Kind =
    Kind::OneOf(&["en_US", "es", "fr_CA", "fr_FR", "nl", "de", "pt_PT", "pt_BR", "it", "sv", "da", "fi", "no"]);
const TYPES: Kind = Kind::OneOf(&["account", "agency"]);
const ROLES: Kind = Kind::OneOf(&["admin", "user"]);

/// Body of a create.
pub const NEW: &[Field] = &[
    need("companyId", Kind::Filled),
    need("firstName", Kind::Filled),
    need("lastName", Kind::Filled),
    need("email", Kind::Email),
    need("password", Kind::Filled),
    may("phone", Kind::Text),
    need("type", TYPES),
    need("role", ROLES),
    need("locationIds", Kind::Texts),
    may("permissions", Kind::Flags),
    may("scopes", Kind::Texts),
    may("scopesAssignedToOnly", Kind::Texts),
    may("profilePhoto", Kind::Text),
    may("twilioPhone", Kind::Map),
    may("platformLanguage", LANGUAGES),
];

/// Body of an update.
pub const CHANGED: &[Field] = &[
    may("firstName", Kind::Filled),
    may("lastName", Kind::Filled),
    may("email", Kind::Email),
    may("password", Kind::Filled),
    may("phone", Kind::Text),
    may("type", TYPES),
    may("role", ROLES),
    may("companyId", Kind::Filled),
    may("locationIds", Kind::Texts),
    may("permissions", Kind::Flags),
    may("scopes", Kind::Texts),
    may("scopesAssignedToOnly", Kind::Texts),
    may("profilePhoto", Kind::Text),
    may("twilioPhone", Kind::Map),
    may("platformLanguage", LANGUAGES),
];

/// Body of a search by e-mail.
pub const BY_EMAIL: &[Field] = &[
    need("companyId", Kind::Filled),
    need("emails", Kind::Filled),
    may("deleted", Kind::Flag),
    may("skip", Kind::Text),
    may("limit", Kind::Text),
    may("projection", Kind::Text),
];

/// `POST /users/`.
pub fn create(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let mut user = User {
        id: new_id(20),
        company_id: call.company().into(),
        first_name: String::new(),
        last_name: String::new(),
        email: String::new(),
        phone: String::new(),
        kind: String::new(),
        role: String::new(),
        location_ids: Vec::new(),
        permissions: json!({"contactsEnabled": true, "conversationsEnabled": true}),
        scopes: None,
        platform_language: "en_US".into(),
        date_added: tx.now,
    };
    fill(&mut user, call, tx)?;
    if user.kind == "account" && user.location_ids.is_empty() {
        return Err(unprocessable(vec!["locationIds should not be empty".into()]));
    }
    tx.put(&user);
    created(user_json(&user))
}

/// `PUT /users/{userId}`.
pub fn update(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let mut user = known(call, tx)?;
    fill(&mut user, call, tx)?;
    tx.put(&user);
    ok(user_json(&user))
}

fn fill(user: &mut User, call: &Call<'_>, tx: &Transaction<'_>) -> Result<(), Answer> {
    if let Some(email) = call.text("email") {
        let email = email.trim();
        let key = User::email_key(email);
        let mut others = tx.world.users.of(&key);
        if others.any(|other| other.id != user.id) {
            return Err(bad(format!("User with email {email} already exists")));
        }
        user.email = email.into();
    }
    let set = |field: &mut String, name: &str| {
        if let Some(text) = call.text(name) {
            text.clone_into(field);
        }
    };
    set(&mut user.first_name, "firstName");
    set(&mut user.last_name, "lastName");
    set(&mut user.phone, "phone");
    set(&mut user.kind, "type");
    set(&mut user.role, "role");
    set(&mut user.platform_language, "platformLanguage");
    if let Some(locations) = texts(call, "locationIds") {
        if locations.iter().any(|id| !reaches(call, tx, id)) {
            return Err(forbidden("location"));
        }
        user.location_ids = locations;
    }
    if let Some(scopes) = texts(call, "scopes") {
        user.scopes = Some(scopes);
    }
    if let Some(permissions) = call.body.get("permissions").filter(|permissions| permissions.is_object()) {
        user.permissions = permissions.clone();
    }
    Ok(())
}

fn texts(call: &Call<'_>, name: &str) -> Option<Vec<String>> {
    let list = call.body.get(name)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn reaches(call: &Call<'_>, tx: &Transaction<'_>, location: &str) -> bool {
    let own = call.grant.as_ref().and_then(|grant| grant.location_id.as_deref());
    own.is_none_or(|own| own == location)
        && tx.world.locations.get(location).is_some_and(|location| location.company_id == call.company())
}

/// `GET /users/{userId}`.
pub fn get(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    ok(user_json(&known(call, tx)?))
}

/// `DELETE /users/{userId}`: removes the user from every location.
pub fn delete(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let user = known(call, tx)?;
    tx.remove::<User>(&user.id);
    let message = format!(
        "Queued deleting user with e-mail {} and name {} {}. Will take effect in a few minutes.",
        user.email, user.first_name, user.last_name
    );
    ok(json!({"succeded": true, "message": message}))
}

/// `GET /users/search`.
pub fn search(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let (skip, limit) = call.page(25)?;
    let query = call.query_param("query").map(str::to_lowercase);
    let ids: Option<Vec<&str>> = call.query_param("ids").map(|ids| ids.split(',').map(str::trim).collect());
    let matches = |user: &User| {
        let name = format!("{} {} {}", user.first_name, user.last_name, user.email).to_lowercase();
        query.as_ref().is_none_or(|query| name.contains(query.trim()))
            && call.query_param("locationId").is_none_or(|id| user.location_ids.iter().any(|own| own == id))
            && call.query_param("type").is_none_or(|kind| kind == user.kind)
            && call.query_param("role").is_none_or(|role| role == user.role)
            && ids.as_ref().is_none_or(|ids| ids.contains(&user.id.as_str()))
    };
    let key = call.query_param("locationId").unwrap_or_else(|| call.company());
    listed(call, tx.world.users.of(key).filter(|user| matches(user)), skip, limit)
}

/// `POST /users/search/filter-by-email`.
pub fn by_email(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let (skip, limit) = call.page(25)?;
    let emails: Vec<String> =
        call.text("emails").unwrap_or_default().split(',').map(|email| email.trim().to_lowercase()).collect();
    let found: BTreeMap<_, _> = emails
        .iter()
        .flat_map(|email| tx.world.users.of(email))
        .map(|user| ((user.date_added, &user.id), user))
        .collect();
    listed(call, found.into_values(), skip, limit)
}

/// `GET /users/`: the older list of a location's users.
pub fn of_location(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let location = call.query_param("locationId").unwrap_or_default();
    listed(call, tx.world.users.of(location), 0, usize::MAX)
}

fn listed<'w>(call: &Call<'_>, users: impl Iterator<Item = &'w User>, skip: usize, limit: usize) -> Outcome {
    let found: Vec<&User> = users.filter(|user| visible(call, user)).collect();
    let count = found.len();
    let rows: Vec<Value> = found.into_iter().skip(skip).take(limit).map(user_json).collect();
    ok(json!({"users": rows, "count": count}))
}

fn visible(call: &Call<'_>, user: &User) -> bool {
    let own = call.grant.as_ref().and_then(|grant| grant.location_id.as_ref());
    user.company_id == call.company() && own.is_none_or(|own| user.kind == "account" && user.location_ids.contains(own))
}

fn known(call: &Call<'_>, tx: &Transaction<'_>) -> Result<User, Answer> {
    let id = call.param("userId");
    let user = tx.world.users.get(id).filter(|user| visible(call, user));
    user.cloned().ok_or_else(|| bad(format!("User with id {id} not found")))
}

/// The user as JSON. HighLevel's contract types `scopes` in answers as a single text, so the list is left out.
fn user_json(user: &User) -> Value {
    let mut body = Map::new();
    body.insert("id".into(), json!(user.id));
    body.insert("name".into(), json!(format!("{} {}", user.first_name, user.last_name)));
    body.insert("firstName".into(), json!(user.first_name));
    body.insert("lastName".into(), json!(user.last_name));
    body.insert("email".into(), json!(user.email));
    body.insert("phone".into(), json!(user.phone));
    body.insert("extension".into(), json!(""));
    body.insert("permissions".into(), user.permissions.clone());
    let roles = json!({
        "type": user.kind, "role": user.role, "locationIds": user.location_ids, "restrictSubAccount": false,
    });
    body.insert("roles".into(), roles);
    body.insert("platformLanguage".into(), json!(user.platform_language));
    Value::Object(body)
}
