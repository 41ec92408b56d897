//! Starts the product: settings, database, logging, and the composition of all parts.

pub mod address;
pub mod compose;
pub mod config;
pub mod database;
pub mod demo;
pub mod env_file;
pub mod failure;
pub mod figures;
pub mod logs;
pub mod mails;
pub mod outbound_adapters;
pub mod periodic;
pub mod tool_prober;
