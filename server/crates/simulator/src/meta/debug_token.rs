//! What `debug_token` tells of a token: whether it works, whose it is and what it covers.

use serde_json::{Value, json};

use crate::{ids::digest, world::Transaction};

use super::{
    access_records::MetaToken,
    graph::GraphCall,
    reply::{Outcome, error},
    tokens,
};

/// `GET /debug_token`. Either the app asks, with its id and secret, or a token asks about itself.
pub fn show(tx: &mut Transaction<'_>, call: &GraphCall) -> Outcome {
    let asks = call.bearer.as_deref().unwrap_or_default();
    let input = call.param("input_token");
    let app = tx.world.meta_apps.values().find(|app| format!("{}|{}", app.id, app.secret) == asks);
    if app.is_none() && (asks != input || input.is_empty()) {
        return Err(error(
            401,
            190,
            None,
            "Invalid OAuth access token - Cannot get application info due to a system error.",
        ));
    }
    if input.is_empty() {
        return Err(error(400, 100, None, "(#100) You must provide an input token"));
    }
    let Some(token) = tx.world.meta_tokens.get(&digest(input)) else {
        let error = json!({"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"});
        return Ok(json!({"data": {"error": error, "is_valid": false, "scopes": []}}));
    };
    let name = app.map_or_else(String::new, |app| app.name.clone());
    Ok(json!({"data": describe(tx, token, &name)}))
}

fn describe(tx: &Transaction<'_>, token: &MetaToken, application: &str) -> Value {
    let seconds = |at: Option<chrono::DateTime<chrono::Utc>>| at.map_or(0, |at| at.timestamp());
    let mut data = json!({
        "app_id": token.app_id, "type": token.kind.debug_word(), "application": application,
        "expires_at": seconds(token.expires_at),
    });
    if let Some(death) = tokens::death(tx.world, token, tx.now) {
        data["error"] = json!({"code": 190, "message": death.message});
        if let Some(subcode) = death.subcode {
            data["error"]["subcode"] = json!(subcode);
        }
        data["is_valid"] = json!(false);
        data["scopes"] = json!([]);
        return data;
    }
    let consent = tx.world.meta_consents.get(&token.consent_id);
    let still = |scope: &&String| consent.is_none_or(|consent| consent.scopes.contains(scope));
    let scopes: Vec<&String> = token.scopes.iter().filter(still).collect();
    data["is_valid"] = json!(true);
    data["issued_at"] = json!(token.issued_at.timestamp());
    data["data_access_expires_at"] = json!(seconds(token.data_access_expires_at));
    data["scopes"] = json!(scopes);
    data["granular_scopes"] = granular(token, &scopes);
    data["user_id"] = json!(token.person_id);
    if let Some(account) = &token.account_id {
        data["profile_id"] = json!(account);
    }
    data
}

/// The accounts that each permission covers. A permission without accounts is not listed.
fn granular(token: &MetaToken, scopes: &[&String]) -> Value {
    let rows = scopes.iter().filter_map(|scope| {
        let targets = match scope.as_str() {
            scope if scope.starts_with("whatsapp_") => &token.assets.wabas,
            scope if scope.starts_with("pages_") => &token.assets.pages,
            scope if scope.starts_with("instagram_") => &token.assets.instagrams,
            "business_management" => &token.assets.businesses,
            _ => return None,
        };
        (!targets.is_empty()).then(|| json!({"scope": scope, "target_ids": targets}))
    });
    Value::Array(rows.collect())
}
