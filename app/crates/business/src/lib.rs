//! Pages of a business, for its owner and team, a module for each feature.

mod assistant;
mod connections;
mod home;
mod inbox;
mod messages;

pub use assistant::{Assistant, AssistantAnswer, AssistantAnswers, AssistantKnowledge, AssistantSource};
pub use connections::{BusinessIntegrations, ChooseChannel};
pub use home::BusinessHome;
pub use inbox::{Conversation, Inbox};
