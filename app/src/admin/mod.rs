//! The platform's own pages: what runs, who is on it.

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
