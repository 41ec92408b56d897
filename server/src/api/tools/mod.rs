//! The tool gateway: how a program lists and calls the tools of one business, by plain HTTP, by the Model Context Protocol
//! (MCP) over streamable HTTP, or by MCP over standard input and output. Every way ends at one door, `operations::tools`.

mod answers;
pub mod caller;
pub mod described;
mod ended;
mod gate;
mod hosts;
mod invoke;
pub mod mcp;
mod metadata;
pub mod places;
mod plain;
pub mod remote;
pub mod requests;
pub mod stdio;

use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::api::token;
use crate::http::load_shedding::{self, LoadShedder};
use crate::http::pages::Shared;
use crate::http::time_limit;

/// The scope that a token needs to call tools.
pub const SCOPE: &str = operations::tools::tokens::SCOPE;

/// Time limit of a request until its answer begins. A call may take 30 s of it; what is judged and logged around the call takes the rest.
const LONGEST: Duration = Duration::from_secs(40);

/// How many requests run at once. They wait for HighLevel and for servers of others, so they have places of their own: pages
/// and webhooks wait for none of them.
const PLACES: usize = 128;

/// The routes of the gateway. They take bearer tokens alone and ignore cookies.
pub fn routes(shared: &Shared) -> Router<Shared> {
    let gateway = Router::new()
        .route("/tools", get(plain::list))
        .route("/tools/{name}", post(plain::call))
        .route("/tools/approvals/{id}", post(plain::poll))
        .route("/mcp", get(mcp::listen).post(mcp::serve))
        .route("/mcp/{tenant}", get(mcp::listen_tenant).post(mcp::serve_tenant))
        .route("/mcp/{tenant}/tool/{name}", post(plain::call_of_tenant))
        .layer(from_fn_with_state(LONGEST, time_limit::layer))
        .layer(from_fn_with_state(shared.clone(), token::layer))
        .layer(from_fn_with_state(shared.clone(), gate::layer))
        .layer(from_fn_with_state(LoadShedder::new(PLACES), load_shedding::layer));
    Router::new()
        .route("/.well-known/oauth-protected-resource", get(metadata::describe))
        .route("/.well-known/oauth-protected-resource/mcp", get(metadata::describe))
        .route("/.well-known/oauth-protected-resource/mcp/{tenant}", get(metadata::describe_tenant))
        .merge(gateway)
}
