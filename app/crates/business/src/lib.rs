//! Pages of a business, for its owner and team, a module for each feature.

mod home;
mod integrations;

pub use home::BusinessHome;
pub use integrations::BusinessIntegrations;
