//! Conversations with customers: on which channels, with whom, what was said, and what is to be sent.
//!
//! Rows are locked in one order, so that no two transactions wait for each other: integration, contact, conversation, place in
//! the queue (`message_sends`), message, counters of the business. [`locks`] takes those in the middle.

pub mod at_their_time;
pub mod attachments;
pub(crate) mod changes;
pub mod channels;
pub mod consent;
pub mod contact_list;
pub mod contact_page;
pub mod contacts;
pub mod conversations;
pub mod decided;
mod details;
pub mod disk;
pub mod doctor;
mod early;
mod echoes;
mod edits;
pub mod enclosed;
pub(crate) mod ending;
pub mod erasing;
pub mod files;
mod first;
pub mod holding;
mod identities;
mod incoming;
pub mod list;
pub mod locks;
pub mod lost;
mod merge;
pub mod merging;
pub mod messages;
pub mod outgoing;
pub mod own_files;
pub mod reactions;
mod refusal;
pub mod room;
pub mod scheduled;
pub mod sends;
pub mod settling;
pub mod signs;
pub mod silent;
pub mod snippets;
mod stale;
pub mod statuses;
pub mod templates;
#[cfg(feature = "testing")]
pub mod testing;
pub mod thread;
pub(crate) mod trimmed;
pub(crate) mod unanswered;
mod undelivered;
pub mod watermarks;

pub use list::LIST;
