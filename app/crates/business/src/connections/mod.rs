//! Which outside accounts does a business have, do they work, and how is one connected? HighLevel is its agency's to
//! manage; WhatsApp, Instagram and Messenger are its own.

mod card;
mod choose;
mod page;
mod server_functions;
mod texts;

pub use choose::ChooseChannel;
pub use page::BusinessIntegrations;
