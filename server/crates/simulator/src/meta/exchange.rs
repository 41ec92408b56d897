//! How codes and short-lived tokens become tokens, for Facebook Login, Embedded Signup and Instagram Login.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{ids::digest, world::Transaction};

use super::{
    access_records::{MetaCode, MetaConsent, MetaToken, TokenKind},
    events::app_of,
    graph::GraphCall,
    reply::{Outcome, Refused, bad_exchange, error, flat},
    tokens::{self, LONG},
};

/// `/oauth/access_token` of Facebook: a code, or a short-lived token with `fb_exchange_token`.
pub fn facebook(tx: &mut Transaction<'_>, call: &GraphCall) -> Outcome {
    let app = tx.world.meta_apps.get(call.param("client_id"));
    let app = app.ok_or_else(|| {
        bad_exchange(101, None, "Error validating application. Cannot get application info due to a system error.")
    })?;
    if call.param("client_secret") != app.secret {
        return Err(bad_exchange(1, None, "Error validating client secret."));
    }
    if call.param("grant_type") == "fb_exchange_token" {
        return long(tx, call);
    }
    let code = find_code(tx, call.param("code"))?;
    let given = Some(call.param("redirect_uri")).filter(|uri| !uri.is_empty());
    if code.redirect_uri.as_deref() != given {
        let message = "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request";
        return Err(bad_exchange(100, Some(36008), message));
    }
    let consent = consent_of(tx, &code)?;
    if consent.kind == TokenKind::Instagram {
        return Err(bad_exchange(100, None, "Invalid verification code format."));
    }
    tx.put(&MetaCode { used: true, ..code });
    let (token, expires_at) = tokens::issue(tx, &consent, false);
    Ok(body(&token, expires_at.map(|at| at - tx.now)))
}

fn body(token: &str, expires_in: Option<TimeDelta>) -> Value {
    let mut body = json!({"access_token": token, "token_type": "bearer"});
    if let Some(expires_in) = expires_in {
        body["expires_in"] = json!(expires_in.num_seconds());
    }
    body
}

/// A code that can be exchanged.
fn find_code(tx: &Transaction<'_>, code: &str) -> Result<MetaCode, Refused> {
    let code = tx.world.meta_codes.get(&digest(code));
    let code = code.ok_or_else(|| bad_exchange(100, None, "Invalid verification code format."))?.clone();
    if code.used {
        return Err(bad_exchange(100, Some(36009), "This authorization code has been used."));
    }
    if code.expires_at <= tx.now {
        return Err(bad_exchange(100, Some(36007), "This authorization code has expired."));
    }
    Ok(code)
}

fn consent_of(tx: &Transaction<'_>, code: &MetaCode) -> Result<MetaConsent, Refused> {
    let consent = tx.world.meta_consents.get(&code.consent_id).cloned();
    consent.ok_or_else(|| bad_exchange(100, None, "Invalid verification code format."))
}

/// A long-lived token for a person's token.
fn long(tx: &mut Transaction<'_>, call: &GraphCall) -> Outcome {
    let token = alive(tx, call.param("fb_exchange_token"))?;
    if token.kind == TokenKind::Instagram || token.app_id != call.param("client_id") {
        return Err(error(400, 190, None, "Invalid OAuth access token - Cannot parse access token"));
    }
    let renewed = renew(tx, &token);
    Ok(body(&renewed, Some(LONG).filter(|_| token.kind != TokenKind::SystemUser)))
}

fn alive(tx: &Transaction<'_>, secret: &str) -> Result<MetaToken, Refused> {
    let token = tx.world.meta_tokens.get(&digest(secret)).cloned();
    let token = token.ok_or_else(|| error(400, 190, None, "Invalid OAuth access token - Cannot parse access token"))?;
    match tokens::death(tx.world, &token, tx.now) {
        Some(death) => Err(error(401, 190, death.subcode, death.message)),
        None => Ok(token),
    }
}

/// A long-lived token beside the given one, which goes on working.
fn renew(tx: &mut Transaction<'_>, token: &MetaToken) -> String {
    let secret =
        format!("{}{}", if token.kind == TokenKind::Instagram { "IGAA" } else { "EAAE" }, crate::ids::new_id(140));
    let expires_at = (token.kind != TokenKind::SystemUser).then(|| tx.now + LONG);
    tx.put(&MetaToken { id: digest(&secret), long: true, issued_at: tx.now, expires_at, ..token.clone() });
    secret
}

/// `POST /oauth/access_token` of Instagram.
pub fn instagram(tx: &mut Transaction<'_>, call: &GraphCall) -> Outcome {
    let app = app_of(tx.world, call.param("client_id")).filter(|app| app.ig_id == call.param("client_id"));
    let app = app.ok_or_else(|| flat("Invalid platform app"))?;
    if call.param("client_secret") != app.ig_secret {
        return Err(flat("Invalid client secret"));
    }
    if call.param("grant_type") != "authorization_code" {
        return Err(flat("You must provide a valid grant_type"));
    }
    let used = || flat("Matching code was not found or was already used");
    // Products that leave the redirect's trailing `#_` on the code are refused, as at Instagram.
    let code = find_code(tx, call.param("code")).map_err(|_| used())?;
    if code.redirect_uri.as_deref() != Some(call.param("redirect_uri")) {
        return Err(flat(
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
        ));
    }
    let consent = consent_of(tx, &code).ok().filter(|consent| consent.kind == TokenKind::Instagram).ok_or_else(used)?;
    tx.put(&MetaCode { used: true, ..code });
    let (token, _) = tokens::issue(tx, &consent, false);
    // The id is a number in this answer and text everywhere else.
    let id: u64 = consent.assets.instagrams.first().and_then(|id| id.parse().ok()).unwrap_or_default();
    Ok(json!({"access_token": token, "user_id": id, "permissions": consent.scopes}))
}

/// `GET /access_token` of Instagram: a long-lived token for a short-lived one.
pub fn instagram_long(tx: &mut Transaction<'_>, call: &GraphCall) -> Outcome {
    if call.param("grant_type") != "ig_exchange_token" {
        return Err(error(400, 100, None, "Invalid grant_type"));
    }
    let token = instagram_token(tx, call)?;
    let app = app_of(tx.world, &token.app_id);
    if app.is_none_or(|app| app.ig_secret != call.param("client_secret")) {
        return Err(error(400, 1, None, "Error validating client secret."));
    }
    if token.long {
        return Err(error(400, 100, None, "The access token is already a long-lived token"));
    }
    let renewed = renew(tx, &token);
    Ok(body(&renewed, Some(LONG)))
}

/// `GET /refresh_access_token` of Instagram, for long-lived tokens that are at least a day old and not expired.
pub fn instagram_refresh(tx: &mut Transaction<'_>, call: &GraphCall) -> Outcome {
    if call.param("grant_type") != "ig_refresh_token" {
        return Err(error(400, 100, None, "Invalid grant_type"));
    }
    let token = instagram_token(tx, call)?;
    if !token.long {
        return Err(error(400, 100, None, "Only long-lived access tokens can be refreshed"));
    }
    if tx.now - token.issued_at < TimeDelta::hours(24) {
        return Err(error(400, 100, None, "The access token must be at least 24 hours old to be refreshed"));
    }
    let renewed = renew(tx, &token);
    Ok(body(&renewed, Some(LONG)))
}

/// The token of a call, which Instagram takes from the query or the header.
fn instagram_token(tx: &Transaction<'_>, call: &GraphCall) -> Result<MetaToken, Refused> {
    let secret = Some(call.param("access_token")).filter(|token| !token.is_empty()).or(call.bearer.as_deref());
    let token = alive(tx, secret.unwrap_or_default())?;
    if token.kind == TokenKind::Instagram {
        return Ok(token);
    }
    Err(error(400, 190, None, "Invalid OAuth access token - Cannot parse access token"))
}
