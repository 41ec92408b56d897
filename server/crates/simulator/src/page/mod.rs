//! The simulator's pages besides the consent screen: the world with its buttons, the mailbox, and the contents of a
//! location.

pub mod html;
mod location;
mod mail;
mod mailbox;
mod overview;
mod panels;
mod shop;

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header::ACCEPT},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use crate::Simulator;

/// All page routes.
pub fn routes() -> Router<Simulator> {
    Router::new()
        .route("/", get(root).fallback(crate::ghl::wire))
        // Browsers request this icon everywhere; the request must not get into the journal.
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .route("/_sim", get(overview::show))
        // The same address as in HighLevel's own application, so the product's links show what was created.
        .route("/v2/location/{id}/dashboard", get(location::show))
        .route("/v2/location/{id}/automation/workflows", get(location::show))
        .route("/v2/location/{id}/settings/staff", get(location::show))
        .route("/v2/location/{id}/settings/custom_values", get(location::show))
        .route("/accounts/detail/{id}", get(location::show))
        .route("/_sim/shop", get(shop::show))
        .route("/_sim/mail", get(mailbox::list))
        .route("/_sim/mail/{name}", get(mailbox::read))
}

/// Redirects a browser that opens `/` to the overview. Any other caller gets HighLevel's answer.
async fn root(sim: State<Simulator>, request: Request) -> Response {
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/html") {
        return Redirect::to("/_sim").into_response();
    }
    crate::ghl::wire(sim, request).await
}
