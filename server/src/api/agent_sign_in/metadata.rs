//! Where does a program register, ask a person, and get its token (RFC 8414)?

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::api::tools::SCOPE;
use crate::http::pages::Shared;

/// `GET /.well-known/oauth-authorization-server`.
pub async fn describe(State(shared): State<Shared>) -> Json<Value> {
    let origin = shared.server.config.origin();
    Json(json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/oauth/authorize"),
        "token_endpoint": format!("{origin}/oauth/token"),
        "registration_endpoint": format!("{origin}/oauth/register"),
        "revocation_endpoint": format!("{origin}/oauth/revoke"),
        "scopes_supported": [SCOPE],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": true,
    }))
}
