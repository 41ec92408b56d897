//! Which pages does the simulator have besides the consent screen? The world with its buttons, the mailbox, and what is in a location.

pub mod html;
mod location;
mod mail;
mod mailbox;
mod overview;
mod panels;

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header::ACCEPT},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use crate::Simulator;

/// The pages.
pub fn routes() -> Router<Simulator> {
    Router::new()
        .route("/", get(root).fallback(crate::ghl::wire))
        // Browsers ask for it wherever they look; it must not get into the journal.
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .route("/_sim", get(overview::show))
        // Where the vendor's web application is, so that a link there shows what was made.
        .route("/v2/location/{id}/dashboard", get(location::show))
        .route("/_sim/mail", get(mailbox::list))
        .route("/_sim/mail/{name}", get(mailbox::read))
}

/// A person who opens the bare address wants the page; a program gets what the vendor would answer.
async fn root(sim: State<Simulator>, request: Request) -> Response {
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/html") {
        return Redirect::to("/_sim").into_response();
    }
    crate::ghl::wire(sim, request).await
}
