//! Pages of a business, for its owner and team, a module for each feature.

mod connections;
mod home;
mod messages;

pub use connections::BusinessIntegrations;
pub use home::BusinessHome;
