//! A client for the HighLevel API: sends its operations and interprets the responses.
//! Functions are free functions, named after their module (`ghl::locations::create`). This crate stores nothing,
//! retries nothing and refreshes no tokens.
#![doc = include_str!("../README.md")]

pub mod auth;
mod client;
pub mod companies;
pub mod crm;
pub mod custom_fields;
pub mod custom_values;
mod error;
pub mod legacy_signature;
pub mod locations;
mod message;
mod ops;
mod profile;
pub mod signature;
pub mod snapshots;
pub mod tags;
mod token;
mod tolerant;
pub mod users;
pub mod webhook;

pub use client::{Call, Ghl, Result, Settings};
pub use error::{Error, Kind, Reason, Verdict, verdict};
pub use ops::{OPS, Op, TokenClass, scope};
pub use profile::profile;
