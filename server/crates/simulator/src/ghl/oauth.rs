//! Issues tokens.
//!
//! Codes and refresh tokens work once. A location token is minted with the agency's token if the app is installed
//! on the location and the install is active (HighLevel API §2.2–2.4).

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use crate::{
    grants::{Class, Code, Grant, Refresh, Token},
    ids::{digest, new_code, new_id},
    world::Transaction,
};

use super::{
    call::Call,
    reply::{Answer, Outcome, bad, forbidden, invalid_client, invalid_grant, plain},
    shape::{Field, Kind, may, need},
};

/// Body of the token endpoint.
pub const TOKEN: &[Field] = &[
    need("client_id", Kind::Filled),
    need("client_secret", Kind::Filled),
    need("grant_type", Kind::OneOf(&["authorization_code", "refresh_token", "client_credentials"])),
    may("code", Kind::Text),
    may("refresh_token", Kind::Text),
    may("user_type", Kind::OneOf(&["Company", "Location"])),
    may("redirect_uri", Kind::Text),
];

/// Body of the exchange of an agency token for a location token.
pub const LOCATION_TOKEN: &[Field] = &[need("companyId", Kind::Filled), need("locationId", Kind::Filled)];

const ACCESS_SECONDS: i64 = 86_399;
const REFRESH_DAYS: i64 = 365;

/// `POST /oauth/token`.
pub fn token(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let known = call.text("client_id") == Some(&call.config.client_id)
        && call.text("client_secret") == Some(&call.config.client_secret);
    if !known {
        return Err(invalid_client());
    }
    match call.text("grant_type") {
        Some("authorization_code") => exchange(call, tx),
        Some("refresh_token") => refresh(call, tx),
        // HighLevel lists `client_credentials` but does not document what it returns.
        _ => Err(bad("Unsupported grant type")),
    }
}

fn exchange(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let refused = || invalid_grant("Invalid grant: authorization code is invalid");
    let code = call.text("code").and_then(|code| tx.world.codes.get(&digest(code))).ok_or_else(refused)?.clone();
    let redirected = call.text("redirect_uri").is_none_or(|uri| uri == code.redirect_uri);
    if code.used || code.expires_at <= tx.now || !redirected {
        return Err(refused());
    }
    tx.put(&Code { used: true, ..code.clone() });
    let mut body = issue(tx, &code.grant);
    if code.grant.class == Class::Company {
        let install = tx.world.company_install(&code.grant.company_id);
        body.insert("isBulkInstallation".into(), json!(true));
        body.insert("approvedLocations".into(), json!(code.locations));
        body.insert("installToFutureLocations".into(), json!(install.is_some_and(|install| install.future)));
        body.insert("approveAllLocations".into(), json!(install.is_some_and(|install| install.all)));
    } else {
        body.insert("isBulkInstallation".into(), json!(false));
    }
    plain(Value::Object(body))
}

fn refresh(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let refused = || invalid_grant("Invalid grant: refresh token is invalid");
    let given = call.text("refresh_token").map(digest);
    let known = given.and_then(|id| tx.world.refreshes.get(&id)).ok_or_else(refused)?.clone();
    let grace = tx.delay(tx.world.knobs().refresh_grace_ms);
    let used_up = known.used_at.is_some_and(|at| at + grace <= tx.now);
    if used_up || known.expires_at <= tx.now {
        return Err(refused());
    }
    let location = known.grant.location_id.as_ref().and_then(|id| tx.world.locations.get(id));
    if location.is_some_and(|location| location.paused) {
        return Err(bad("Location is not active"));
    }
    let used_at = known.used_at.or(Some(tx.now));
    tx.put(&Refresh { used_at, ..known.clone() });
    let body = issue(tx, &known.grant);
    plain(Value::Object(body))
}

/// `POST /oauth/locationToken`.
pub fn location_token(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let location = call.text("locationId").unwrap_or_default();
    let company = call.grant.as_ref().ok_or_else(|| forbidden("location"))?;
    let installed = tx.world.location_install(location).is_some_and(|install| install.active_at <= tx.now);
    if !installed {
        return Err(bad("App is not installed on this location"));
    }
    // HighLevel documents this answer for a refresh only. Whether it mints a token for a paused location is
    // unknown, so the simulator refuses.
    if tx.world.locations.get(location).is_some_and(|location| location.paused) {
        return Err(bad("Location is not active"));
    }
    let grant = Grant { class: Class::Location, location_id: Some(location.to_owned()), ..company.clone() };
    let mut body = issue(tx, &grant);
    body.insert("appId".into(), json!(call.config.app_id));
    body.insert("versionId".into(), json!(call.config.app_id));
    super::reply::ok(Value::Object(body))
}

/// Issues a new access token and refresh token and returns the answer's body.
fn issue(tx: &mut Transaction<'_>, grant: &Grant) -> Map<String, Value> {
    let access = format!("ghl_sim_at_{}", new_id(48));
    let refresh = format!("ghl_sim_rt_{}", new_id(48));
    let expires_at = Some(tx.now + TimeDelta::seconds(ACCESS_SECONDS));
    tx.put(&Token { id: digest(&access), grant: grant.clone(), expires_at });
    let expires_at = tx.now + TimeDelta::days(REFRESH_DAYS);
    tx.put(&Refresh { id: digest(&refresh), grant: grant.clone(), expires_at, used_at: None });
    let mut body = Map::new();
    let user_type = if grant.class == Class::Company { "Company" } else { "Location" };
    body.insert("access_token".into(), json!(access));
    body.insert("token_type".into(), json!("Bearer"));
    body.insert("expires_in".into(), json!(ACCESS_SECONDS));
    body.insert("refresh_token".into(), json!(refresh));
    body.insert("refreshTokenId".into(), json!(&digest(&refresh)[..24]));
    body.insert("scope".into(), json!(grant.scopes.join(" ")));
    body.insert("userType".into(), json!(user_type));
    body.insert("companyId".into(), json!(grant.company_id));
    body.insert("userId".into(), json!(grant.user_id));
    if let Some(location) = &grant.location_id {
        body.insert("locationId".into(), json!(location));
    }
    body
}

/// Issues an authorization code for a callback; it is valid for ten minutes.
pub fn code(tx: &mut Transaction<'_>, grant: Grant, redirect_uri: &str, locations: Vec<String>) -> String {
    let code = new_code();
    let expires_at = tx.now + TimeDelta::minutes(10);
    let id = digest(&code);
    tx.put(&Code { id, grant, redirect_uri: redirect_uri.into(), locations, expires_at, used: false });
    code
}

/// The rights of the token in the `Authorization` header.
pub fn grant_of(tx: &Transaction<'_>, header: Option<&str>) -> Result<Grant, Answer> {
    let invalid = || super::reply::unauthorised("Invalid token: access token is invalid");
    let (kind, secret) = header.and_then(|header| header.split_once(' ')).ok_or_else(invalid)?;
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(invalid());
    }
    let Some(token) = tx.world.tokens.get(&digest(secret.trim())) else {
        return Err(super::reply::version("Invalid JWT"));
    };
    if token.expires_at.is_some_and(|expires_at| expires_at <= tx.now) {
        return Err(invalid());
    }
    Ok(token.grant.clone())
}
