//! Operations: one function for each act, whoever calls. A page, the API and background code read their input, call one
//! operation and shape its answer. An operation checks the right, writes in one transaction and returns a [`Refusal`] that
//! every caller renders in its own form.

pub mod access_requests;
mod actor;
pub mod agency;
pub mod answer_links;
pub mod identity;
pub mod integrations;
pub mod invitations;
pub mod job_logs;
pub mod mails;
pub mod people;
pub mod phone_routes;
pub mod platform;
pub mod provisioning;
mod refusal;
pub mod roles;
pub mod secret;
pub mod snapshots;
pub mod throttle;
pub mod tokens;

pub use actor::{Actor, Myself, PlatformActor};
pub use refusal::Refusal;
