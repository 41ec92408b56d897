//! The inbox of an agency: the conversations of all clients that the person reaches, in one list. A conversation is read
//! and answered in the client's own inbox.

mod page;

pub use page::AgencyInbox;
