//! Businesses as the platform sees them.

mod detail;
mod page;
mod server_functions;

pub use detail::BusinessPage;
pub use page::Businesses;
