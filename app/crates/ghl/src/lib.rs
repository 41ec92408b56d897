//! How is HighLevel asked, and what does it mean by its answers.
//! Surprise: functions are free and read after their module (`ghl::locations::create`); nothing in here stores, retries or refreshes.
#![doc = include_str!("../README.md")]

pub mod auth;
mod client;
pub mod companies;
pub mod custom_fields;
pub mod custom_values;
mod error;
pub mod locations;
mod message;
mod ops;
pub mod snapshots;
pub mod tags;
mod token;
mod tolerant;
pub mod users;

pub use client::{Call, Ghl, Result, Settings};
pub use error::{Error, Kind, Reason, Verdict, verdict};
pub use ops::{OPS, Op, TokenClass, scope};
