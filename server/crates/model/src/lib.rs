//! How is a language model asked for an answer? Speaks chat completions, which many providers understand, and
//! Anthropic's messages.
//!
//! This crate must not know the database, the assistant's rules, or repetition. Everything that a model says is foreign
//! text: it is returned as it came, and the caller decides what becomes of it. Nothing of a conversation is logged.

mod anthropic;
mod client;
mod conversation;
mod error;
mod loose;
mod openai;
mod price;
mod profile;
mod stream;

pub use client::{Client, Provider, Settings};
pub use conversation::{Call, Reply, Request, Tool, Turn};
pub use error::Error;
pub use price::Prices;
pub use profile::{PROVIDER, profile};
