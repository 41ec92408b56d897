//! MCP over streamable HTTP: each request stands for itself. Of a session nothing is stored, so any server process answers
//! any request, before and after a restart, and a client that has none is served as well.

mod cancelled;
mod gateway;
pub mod session;
mod stream;
mod wire;

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::Response;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

pub use self::gateway::{Agreed, Gateway};
pub use self::stream::{listen, listen_tenant};
use super::caller::{Admitted, admit, admit_to};
use crate::api::token::Bearer;
use crate::http::load_shedding;
use crate::http::pages::Shared;
use crate::http::streams::unbuffered;

/// `POST /mcp`: the tools of the client that the token belongs to.
pub async fn serve(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>, request: Request) -> Response {
    match admit(&shared, &bearer).await {
        Ok(admitted) => answer(shared, admitted, request).await,
        Err(refused) => refused,
    }
}

/// `POST /mcp/{tenant}`: the same for the client that the address names, which must be that of the token.
pub async fn serve_tenant(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(tenant): Path<String>,
    request: Request,
) -> Response {
    match admit_to(&shared, &bearer, &tenant, "/mcp/{tenant}").await {
        Ok(admitted) => answer(shared, admitted, request).await,
        Err(refused) => refused,
    }
}

async fn answer(shared: Shared, admitted: Admitted, mut request: Request) -> Response {
    match session::named(&shared, &admitted.caller, request.headers()).await {
        Ok(Some(session)) => session::speak(&session, request.headers_mut()),
        Ok(None) => {}
        Err(refused) => return refused,
    }
    let request = match cancelled::heed(&shared, &admitted, request).await {
        Ok(request) => request,
        Err(refused) => return refused,
    };
    let (vault, caller, agreed) = (shared.app.vault.clone(), admitted.caller.clone(), Agreed::default());
    let gateway = Gateway::of_request(shared, admitted, agreed.clone());
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(gateway.clone()), sessions, config());
    let mut answer = service.handle(request).await.map(Body::new);
    let kind = answer.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        unbuffered(&mut answer);
    }
    match agreed.get() {
        Some(version) => session::begun(&vault, &caller, version.as_str(), answer).await,
        None => answer,
    }
}

/// The gate before these routes has looked at `Origin` and `Host` already. A call is answered as JSON; only one that tells
/// its progress is answered as a stream.
fn config() -> StreamableHttpServerConfig {
    StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .disable_allowed_hosts()
        .with_max_request_body_bytes(load_shedding::LARGEST)
}
