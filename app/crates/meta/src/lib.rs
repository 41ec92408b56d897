//! How does the product talk with Meta? Connects WhatsApp, Instagram and Facebook pages, sends messages and reads what
//! Meta reports.
//! Functions are free functions, named after their module (`meta::accounts::pages`). This crate stores nothing and
//! repeats nothing.
#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod auth;
mod client;
pub mod debug_token;
mod error;
pub mod instagram;
pub mod media;
mod ops;
mod page_of;
pub mod people;
mod profile;
mod proof;
pub mod send;
mod settings;
pub mod signature;
pub mod signed_request;
pub mod templates;
mod tolerant;
mod usage;
pub mod webhook;
pub mod whatsapp;

pub use client::{Call, Login, Meta, Result};
pub use error::{Code, Error, Kind, Registration, Restriction, TokenDeath, Verdict, failed_status, pair_wait, verdict};
pub use ops::{OPS, Op};
pub use page_of::PageOf;
pub use profile::{MEDIA_PROVIDER, PROVIDER, profiles};
pub use proof::appsecret_proof;
pub use settings::{Instagram, Settings};
pub use usage::Usage;
