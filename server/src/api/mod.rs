//! The public API, version 1: bearer tokens, problem+json and keyset pagination.

pub mod agent_sign_in;
pub mod body;
pub mod businesses;
pub mod events;
pub mod examples;
pub mod holders;
pub mod imports;
pub mod jobs;
pub mod lists;
pub mod notifications;
pub mod openapi;
pub mod phone_routes;
pub mod problems;
pub mod query;
pub mod quota;
pub mod schemas;
pub mod tenant_credentials;
pub mod todos;
pub mod token;
pub mod tools;
pub mod webhooks;
