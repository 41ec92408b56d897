//! The platform's own pages: agencies, businesses, people and the state of the system.

mod agencies;
mod businesses;
mod overview;
mod people;
mod platform_people;
mod server_functions;
mod start;
mod system;

pub use agencies::Agencies;
pub use businesses::Businesses;
pub use overview::Overview;
pub use people::People;
pub use start::Start;
pub use system::System;
