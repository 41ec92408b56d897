//! Pages and server functions of the platform, a module for each feature.

mod agencies;
pub mod audit;
mod businesses;
pub mod find;
pub mod incoming;
mod overview;
mod people;
mod start;
mod system;
pub mod tool_processes;
pub mod tool_servers;

pub use agencies::{Agencies, AgencyPage};
pub use audit::PlatformAudit;
pub use businesses::{BusinessPage, Businesses};
pub use find::FindInPlatform;
pub use overview::Overview;
pub use people::{People, PersonPage};
pub use start::Start;
pub use system::System;
