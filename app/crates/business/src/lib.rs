//! Pages of a business, for its owner and team, a module for each feature.

mod assistant;
mod connections;
mod home;
mod inbox;
mod incoming;
mod messages;
mod tools;

pub use assistant::{
    Assistant, AssistantAnswer, AssistantAnswers, AssistantKnowledge, AssistantRehearsal, AssistantRehearsals,
    AssistantSource, AssistantTryOut,
};
pub use connections::{BusinessIntegrations, ChooseChannel, RenewPage};
pub use home::BusinessHome;
pub use inbox::{
    ContactPage, Contacts, Conversation, FindInBusiness, Inbox, MergeContact, ScheduledMessages, Snippets,
};
pub use incoming::BusinessIncoming;
pub use tools::{AiAgent, AiApprovals, AiCall, AiLog, AiTools, AiTrust};
