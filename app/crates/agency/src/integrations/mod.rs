//! Integrations with outside accounts: what is integrated, whether it works, and what to do next.

mod actions;
mod installs;
mod locations;
mod page;
mod server_functions;
mod state;

pub use page::IntegrationsPage;
pub use state::connection_state;
