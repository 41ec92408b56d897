//! The public API, version 1: bearer tokens, problem+json and keyset pagination.

pub mod body;
pub mod events;
pub mod jobs;
pub mod lists;
pub mod openapi;
pub mod phone_routes;
pub mod query;
pub mod quota;
pub mod schemas;
pub mod token;
