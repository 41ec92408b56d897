//! Which outside accounts does a business have, do they work, and how is one connected? HighLevel is its agency's to
//! manage; WhatsApp, Instagram and Messenger are its own.

mod card;
mod choose;
mod doctor;
mod doctor_texts;
mod page;
mod renewal;
mod renewal_texts;
mod server_functions;
mod signup;
mod signup_texts;
mod texts;
mod web_chat;
mod web_chat_texts;

pub use choose::ChooseChannel;
pub use page::BusinessIntegrations;
pub use renewal::RenewPage;
