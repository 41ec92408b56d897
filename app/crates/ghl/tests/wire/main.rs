//! Tests the bytes that are sent to HighLevel and how its responses are interpreted, over real sockets.

#![expect(clippy::unwrap_used, reason = "a test may end where its world ends")]

mod answers;
mod calls;
mod contracts;
mod crm;
mod requests;
#[path = "../../../outbound/tests/wire/mod.rs"]
mod server;
