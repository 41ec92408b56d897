//! Sign-in of AI agents by browser, as MCP clients do it: the authorization server of OAuth 2.1 (draft 13) with its metadata
//! (RFC 8414), registration (RFC 7591) and documents of programs (`documents`), PKCE (RFC 7636), revocation (RFC 7009) and the name of who answers (RFC 9207). The
//! page that asks a person is one of the app's.

pub mod authorize;
pub mod documents;
mod error;
mod form;
mod metadata;
mod register;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::http::load_shedding::{self, LoadShedder};
use crate::http::pages::Shared;
use crate::http::time_limit;

/// Largest body of a request, in bytes.
const LARGEST: usize = 32 * 1024;

/// The routes that programs call. They ignore cookies.
pub fn for_programs(shedder: Arc<LoadShedder>) -> Router<Shared> {
    Router::new()
        .route("/.well-known/oauth-authorization-server", get(metadata::describe))
        .route("/oauth/register", post(register::register))
        .route("/oauth/token", post(token::issue))
        .route("/oauth/revoke", post(token::revoke))
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(from_fn_with_state(time_limit::USUAL, time_limit::layer))
        .layer(from_fn_with_state(shedder, load_shedding::layer))
}
