//! How many requests are worked on at once? As many as there is room for; the others are told at once to come again, rather than
//! wait in a line that grows. Streams have a bound of their own: here a request counts until its answer begins.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Semaphore;

use crate::problem;

/// Room of one process: many times its connections to the database, so that only a flood fills it.
pub const ROOM: usize = 512;

/// Lets requests through while there is room; 503 with Retry-After else.
pub async fn layer(State(room): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    match room.try_acquire() {
        Ok(_held) => next.run(request).await,
        Err(_) => problem::of(app::Error::Away),
    }
}
