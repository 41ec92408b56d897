//! The server: composition root, layers, routes that are not pages, and the sub-commands.

pub mod api;
pub mod boot;
pub mod cli;
pub mod http;
pub mod oauth;
