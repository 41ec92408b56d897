//! Which pages does the simulator have besides the consent screen? The world with its buttons, and the mailbox.

pub mod html;
mod mail;
mod mailbox;
mod overview;
mod panels;

use axum::{Router, routing::get};

use crate::Simulator;

/// The pages.
pub fn routes() -> Router<Simulator> {
    Router::new()
        .route("/_sim", get(overview::show))
        .route("/_sim/mail", get(mailbox::list))
        .route("/_sim/mail/{name}", get(mailbox::read))
}
