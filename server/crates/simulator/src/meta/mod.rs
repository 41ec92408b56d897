//! A fake Meta: apps, consents and accounts, and the messages of WhatsApp, Instagram and Messenger.
//!
//! The wire follows what Meta publishes of its Graph API, including what it answers when it refuses.

mod access_records;
mod accounts;
mod acts;
mod bubbles;
mod callbacks;
mod codes;
pub mod consents;
mod content;
mod customer_page;
mod customers;
mod debug_token;
pub mod deliver;
pub mod demo;
pub mod demo_messages;
mod dialog;
mod dialog_page;
mod entrance;
pub mod events;
mod exchange;
mod fields;
mod graph;
pub mod inbound;
pub mod knobs;
mod limits;
mod media;
mod message_calls;
pub mod message_records;
pub mod message_routes;
mod multipart;
mod numbers;
mod people;
mod profiles;
mod records;
mod refusal;
mod registration;
mod reply;
mod samples;
mod send_messenger;
mod send_shape;
mod send_whatsapp;
mod signup_dialog;
mod statuses;
pub mod steer;
pub mod steer_routes;
mod subscriptions;
mod template_match;
mod templates;
mod tokens;
mod waba;
mod windows;
pub mod wire;

pub use access_records::{MetaCode, MetaConsent, MetaToken, Subscription};
pub use events::MetaEvent;
pub use knobs::MetaKnobs;
pub use message_records::{Customer, Delivery, Media, Message, Template};
pub use records::{Business, InstagramAccount, MetaApp, Page, Person, PhoneNumber, Waba};
#[cfg(test)]
pub use wire::proof;
