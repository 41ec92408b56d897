//! The pages for an agency's businesses ("clients" to its staff): the list, and the page of one business.

mod activity;
mod acts;
mod approvals;
mod cards;
mod client;
mod edit;
mod import;
mod invite_links;
mod list;
mod people;

pub use client::Client;
pub use edit::EditClient;
pub use import::ImportClients;
pub use list::Clients;
