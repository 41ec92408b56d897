//! The inbox of a business: its conversations with customers, one of them opened, and the contact beside it.

mod actions;
mod assistant_draft;
mod attachments;
mod choices;
mod composer;
mod contact;
mod contact_actions;
mod contacts;
mod controls;
mod day;
mod draft_actions;
mod erasure;
mod file_field;
mod find;
mod header;
mod line;
mod list;
mod message;
mod message_actions;
mod opt_in;
mod page;
mod read;
mod schedule;
mod sending;
mod snippet_actions;
mod snippet_picker;
mod snippets;
mod template_picker;
mod texts;
mod thread;
mod window_bar;

pub use contacts::{ContactPage, Contacts, MergeContact};
pub use find::FindInBusiness;
pub use page::{Conversation, Inbox};
pub use schedule::ScheduledMessages;
pub use snippets::Snippets;
