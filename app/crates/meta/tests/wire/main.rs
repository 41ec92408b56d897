//! Which bytes reach Meta, and what becomes of its answers? Tested over real sockets.

#![expect(clippy::unwrap_used, reason = "a test may end where its world ends")]

mod faults;
mod files;
mod requests;
#[path = "../../../outbound/tests/wire/mod.rs"]
mod server;
mod world;
