//! Agencies as the platform sees them.

mod detail;
mod page;
mod server_functions;

pub use detail::AgencyPage;
pub use page::Agencies;
