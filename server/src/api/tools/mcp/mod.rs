//! MCP over streamable HTTP: each request stands for itself. Of a session nothing is stored, so any server process answers
//! any request, before and after a restart, and a client that has none is served as well.

mod cancelled;
mod elicited;
mod gateway;
pub mod session;
mod stream;
mod subscription;
mod watch;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

use self::elicited::Asking;
pub use self::gateway::{Agreed, Gateway};
pub use self::stream::{listen, listen_tenant};
use self::subscription::Listening;
use super::caller::{Admitted, admit, admit_to};
use crate::api::token::Bearer;
use crate::http::load_shedding;
use crate::http::pages::Shared;
use crate::http::streams::unbuffered;

/// `POST /mcp`: the tools of the client that the token belongs to.
pub async fn serve(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>, request: Request) -> Response {
    match admit(&shared, &bearer) {
        Ok(admitted) => answer(shared, bearer, admitted, request).await,
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
        Ok(admitted) => answer(shared, bearer, admitted, request).await,
        Err(refused) => refused,
    }
}

async fn answer(shared: Shared, bearer: Bearer, admitted: Admitted, request: Request) -> Response {
    let asks = match session::named(&shared, &admitted.caller, request.headers()).await {
        Ok(session) => session.and_then(|session| session.asks),
        Err(refused) => return refused,
    };
    let session = session::shown(request.headers()).map(str::to_owned);
    let (request, message) = match cancelled::small(request).await {
        Ok(read) => read,
        Err(refused) => return refused,
    };
    if let Some(message) = &message {
        cancelled::heed(&shared, &admitted, session.as_deref(), message).await;
        if asks.is_some() && elicited::heed(&admitted, message).await {
            return StatusCode::ACCEPTED.into_response();
        }
    }
    let listening = match Listening::begin(&shared, &bearer, &admitted, request.headers()).await {
        Ok(listening) => listening,
        Err(refused) => return refused,
    };
    let (asking, questions) = asks.map(|asks| Asking::new(bearer, asks)).unzip();
    let work = served(shared, admitted, Shown { session, asking, listening }, request);
    match questions {
        Some(questions) => elicited::answered(Box::pin(work), questions).await,
        None => work.await,
    }
}

/// What a request is beside its message.
#[derive(Clone)]
pub struct Shown {
    /// The id of the session that it shows.
    session: Option<String>,
    /// How its client is asked, if it can be.
    asking: Option<Asking>,
    /// What it watches, if it asks for news.
    listening: Option<Listening>,
}

/// What the SDK answers, with the id of a session if one begins.
async fn served(shared: Shared, admitted: Admitted, shown: Shown, request: Request) -> Response {
    let (vault, caller, agreed) = (shared.app.vault.clone(), admitted.caller.clone(), Agreed::default());
    let config = config(watch::beat(&shared));
    let gateway = Gateway::of_request(shared, admitted, agreed.clone(), shown);
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(gateway.clone()), sessions, config);
    let mut answer = service.handle(request).await.map(Body::new);
    if is_stream(&answer) {
        unbuffered(&mut answer);
    }
    match agreed.get() {
        Some(session) => session::begun(&vault, &caller, session, answer).await,
        None => answer,
    }
}

fn is_stream(answer: &Response) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// The gate before these routes has looked at `Origin` and `Host` already. A call is answered as JSON; only one that tells
/// its progress, or asks the person at its client, is answered as a stream, as is a request for news.
fn config(beat: Duration) -> StreamableHttpServerConfig {
    StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_sse_keep_alive(Some(beat))
        .disable_allowed_hosts()
        .with_max_request_body_bytes(load_shedding::LARGEST)
}
