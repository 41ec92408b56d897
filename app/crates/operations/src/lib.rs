//! Operations: one function for each act, whoever calls. A page, the API and background code read their input, call one
//! operation and shape its answer. An operation checks the right, writes in one transaction and returns a [`Refusal`] that
//! every caller renders in its own form.

pub mod access_requests;
mod actor;
pub mod agency;
pub mod answer_links;
pub mod assistant;
pub mod audit_log;
pub mod brand;
mod business_actor;
pub mod channels;
pub mod clients;
pub mod drafts;
pub mod identity;
pub mod imports;
pub mod inbox;
pub mod incoming_events;
pub mod integrations;
pub mod invitations;
pub mod job_logs;
pub mod mails;
pub mod meta_callbacks;
pub mod notifications;
pub mod own_business;
pub mod people;
pub mod phone_routes;
pub mod platform;
pub mod presets;
pub mod provisioning;
mod refusal;
pub mod roles;
pub mod saved_views;
pub mod secret;
pub mod snapshots;
pub mod throttle;
pub mod todos;
pub mod tokens;
pub mod tool_servers;
pub mod tools;
pub mod usage;
pub mod webchat;
pub mod webhooks;

pub use actor::{Actor, Myself, PlatformActor};
pub use business_actor::BusinessActor;
pub use refusal::Refusal;
