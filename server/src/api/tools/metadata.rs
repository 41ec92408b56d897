//! What does a standard MCP client learn before it signs in? That these resources take bearer tokens in a header, as the
//! metadata of a protected resource say (RFC 9728). No authorization server is named, because tokens are made on a page.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::SCOPE;
use crate::http::pages::Shared;

/// Where the metadata of `/mcp` and everything below it lie.
pub const ADDRESS: &str = "/.well-known/oauth-protected-resource/mcp";

/// `GET /.well-known/oauth-protected-resource` and the same with the path of the resource.
pub async fn describe(State(shared): State<Shared>) -> Json<Value> {
    let origin = shared.server.config.origin();
    Json(json!({
        "resource": format!("{origin}/mcp"),
        "resource_name": "Slipway tools",
        "bearer_methods_supported": ["header"],
        "scopes_supported": [SCOPE],
        "resource_documentation": format!("{origin}/api/openapi.json"),
    }))
}
