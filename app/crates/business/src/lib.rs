//! Pages of a business, for its owner and team, a module for each feature.

mod connections;
mod home;
mod inbox;
mod messages;

pub use connections::{BusinessIntegrations, ChooseChannel};
pub use home::BusinessHome;
pub use inbox::{Conversation, Inbox};
