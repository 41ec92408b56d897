//! The contacts of a business: all of them with a search, the page of one, and the page on which another one becomes part of it.

mod actions;
mod channels;
mod list;
mod merge;
mod page;
mod preview;
mod read;
mod texts;

pub use list::Contacts;
pub(super) use list::{channels, row_name};
pub use merge::MergeContact;
pub use page::ContactPage;
