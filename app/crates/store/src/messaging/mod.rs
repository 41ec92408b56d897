//! Conversations with customers: on which channels, with whom, what was said, and what is to be sent.

pub mod attachments;
pub mod channels;
pub mod contacts;
pub mod conversations;
pub mod disk;
pub mod doctor;
mod early;
mod echoes;
mod edits;
pub(crate) mod ending;
pub mod files;
pub mod holding;
mod identities;
mod incoming;
pub mod list;
pub mod lost;
mod merge;
pub mod messages;
pub mod outgoing;
pub mod own_files;
pub mod reactions;
pub mod sends;
pub mod settling;
pub mod signs;
pub mod snippets;
pub mod statuses;
pub mod templates;
#[cfg(feature = "testing")]
pub mod testing;
pub mod thread;
pub(crate) mod trimmed;
pub(crate) mod unanswered;

pub use list::LIST;
