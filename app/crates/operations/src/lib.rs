//! Operations: one function for each act, whoever calls. A page, the API and background code read their input, call one
//! operation and shape its answer. An operation checks the right, writes in one transaction and returns a [`Refusal`] that
//! every caller renders in its own form.

mod actor;
pub mod provisioning;
mod refusal;
pub mod secret;

pub use actor::{Actor, Myself, PlatformActor};
pub use refusal::Refusal;
