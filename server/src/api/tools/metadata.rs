//! What does a standard MCP client learn before it signs in? That these resources take bearer tokens in a header, and which
//! authorization server gives them, as the metadata of a protected resource say (RFC 9728). That server is this installation.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use web::Error;

use super::SCOPE;
use crate::http::pages::Shared;
use crate::http::problem;

/// Where the metadata of `/mcp` lie. Those of a resource below it lie below.
pub const ADDRESS: &str = "/.well-known/oauth-protected-resource/mcp";

/// `GET /.well-known/oauth-protected-resource` and the same with the path of the resource.
pub async fn describe(State(shared): State<Shared>) -> Json<Value> {
    Json(described(&shared.server.config.origin(), "/mcp"))
}

/// The same for the tools of one client. It says nothing of whether there is one of that name.
pub async fn describe_tenant(State(shared): State<Shared>, Path(tenant): Path<String>) -> Response {
    if !is_name(&tenant) {
        return problem::of(Error::NotFound);
    }
    Json(described(&shared.server.config.origin(), &format!("/mcp/{tenant}"))).into_response()
}

/// Where the metadata of the resource at this path lie.
pub fn address(path: &str) -> String {
    let tenant = path.strip_prefix("/mcp/").and_then(|rest| rest.split('/').next()).filter(|tenant| is_name(tenant));
    tenant.map_or_else(|| ADDRESS.to_owned(), |tenant| format!("{ADDRESS}/{tenant}"))
}

/// Whether this can be the id or the slug of a client.
fn is_name(text: &str) -> bool {
    (1..=120).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn described(origin: &str, path: &str) -> Value {
    json!({
        "resource": format!("{origin}{path}"),
        "resource_name": "Slipway tools",
        "authorization_servers": [origin],
        "bearer_methods_supported": ["header"],
        "scopes_supported": [SCOPE],
        "resource_documentation": format!("{origin}/api/openapi.json"),
    })
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_metadata_of_a_client_lie_below_those_of_all() {
        for (path, behind) in [
            ("/mcp", ""),
            ("/mcp/", ""),
            ("/tools/inbox_list_contacts", ""),
            ("/mcp/bright-dental", "/bright-dental"),
            ("/mcp/bright-dental/tool/inbox_list_contacts", "/bright-dental"),
            ("/mcp/a%22b", ""),
        ] {
            assert_eq!(address(path), format!("/.well-known/oauth-protected-resource/mcp{behind}"), "{path}");
        }
    }
}
