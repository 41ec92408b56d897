//! Pages and server functions of an agency, a module for each feature. No feature uses another one: what two share lies in
//! `kit` (markup), `web` (requests) or `domain` (rules).

pub mod access_request;
pub mod audit;
pub mod calls;
pub mod clients;
pub mod find;
pub mod home;
pub mod inbox;
pub mod incoming;
pub mod integrations;
pub mod notifications;
pub mod phone_routes;
pub mod provisioning;
pub mod roles;
pub mod saved_views;
pub mod settings;
pub mod snapshots;
pub mod team;
pub mod todos;
pub mod tokens;
pub mod tool_servers;
pub mod usage;
pub mod webhooks;
