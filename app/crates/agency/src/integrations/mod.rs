//! Integrations with outside accounts: what is integrated, whether it works, and what to do next.

mod page;
mod parts;
mod server_functions;

pub use page::IntegrationsPage;
