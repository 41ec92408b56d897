//! People as the platform sees them.

mod acts;
mod detail;
mod page;
mod platform;
mod server_functions;

pub use detail::PersonPage;
pub use page::People;
