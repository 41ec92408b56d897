//! The product's types and rules, shared by the server, the pages and the browser.
//! Nothing here does I/O or reads a clock: `now` is always an argument.

pub mod access;
pub mod agency;
pub mod audit;
pub mod business;
pub mod credential;
pub mod feature;
pub mod field;
pub mod first_steps;
pub mod id;
pub mod identity;
pub mod integration;
pub mod network;
pub mod page;
pub mod permission;
pub mod person;
#[cfg(feature = "text")]
pub mod phone;
#[cfg(feature = "text")]
pub mod phone_routes;
pub mod provisioning;
pub mod redirect;
pub mod saved_view;
pub mod snapshot;
#[cfg(feature = "text")]
pub mod text;
pub mod topics;
pub mod work;

pub use id::*;
