//! The product's types and rules, shared by the server, the pages and the browser.
//! Nothing here does I/O or reads a clock: `now` is always an argument.

pub mod access;
pub mod agency;
pub mod audit;
pub mod brand;
pub mod business;
pub mod clients;
pub mod credential;
#[cfg(feature = "text")]
pub mod drafts;
pub mod feature;
pub mod field;
pub mod first_steps;
pub mod highlevel;
pub mod id;
pub mod identity;
#[cfg(feature = "text")]
pub mod imports;
pub mod integration;
pub mod language;
pub mod network;
pub mod notifications;
pub mod page;
pub mod permission;
pub mod person;
#[cfg(feature = "text")]
pub mod phone;
#[cfg(feature = "text")]
pub mod phone_routes;
pub mod presets;
pub mod provisioning;
pub mod public_address;
pub mod redirect;
pub mod saved_view;
pub mod snapshot;
#[cfg(feature = "text")]
pub mod text;
pub mod todos;
pub mod topics;
#[cfg(feature = "text")]
pub mod webhooks;
pub mod weeks;
pub mod work;

pub use id::*;
