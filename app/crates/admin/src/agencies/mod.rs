//! Agencies as the platform sees them.

mod page;
mod server_functions;

pub use page::Agencies;
