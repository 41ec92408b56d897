//! People as the platform sees them.

mod page;
mod platform;
mod server_functions;

pub use page::People;
