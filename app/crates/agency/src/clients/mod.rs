//! The pages for an agency's businesses ("clients" to its staff): the list, and the page of one business.

mod client;
mod list;
mod people;

pub use client::Client;
pub use list::Clients;
