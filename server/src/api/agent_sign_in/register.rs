//! How does a program register itself (RFC 7591)? It says its name and its addresses, and gets an id that holds both. Nothing is
//! stored, so there is nothing to bound or to forget.

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::agent_sign_in::{Program, Unfit};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::Refused;
use crate::api::tools::SCOPE;

/// What a program says of itself, as far as it is kept.
#[derive(Debug, Deserialize)]
struct Told {
    #[serde(default)]
    client_name: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
}

/// `POST /oauth/register`. Every program is a public one, which has no secret.
pub async fn register(body: Bytes) -> Response {
    // A list would do for a struct, too.
    let told = serde_json::from_slice::<Map<String, Value>>(&body).map(Value::Object).and_then(serde_json::from_value);
    let Ok(told): Result<Told, _> = told else {
        return Refused::new("invalid_client_metadata", "Send a JSON object with redirect_uris.").into_response();
    };
    match Program::new(told.client_name.as_deref().unwrap_or_default(), &told.redirect_uris) {
        Ok(program) => registered(&program),
        Err(Unfit::Redirects) => Refused::new(
            "invalid_redirect_uri",
            "Name one to eight addresses that begin with https://, or with http:// on the person's own machine, of at \
             most 300 characters, without a fragment. Of addresses with a scheme of their own only known ones are taken.",
        )
        .into_response(),
        Err(Unfit::Name) => {
            Refused::new("invalid_client_metadata", "Use at most 80 characters for client_name.").into_response()
        }
    }
}

fn registered(program: &Program) -> Response {
    let body = Json(json!({
        "client_id": program.id(),
        "client_id_issued_at": web::clock::now().timestamp(),
        "client_name": program.name,
        "redirect_uris": program.redirects,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": SCOPE,
    }));
    (StatusCode::CREATED, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], body).into_response()
}
