//! Messages that go to customers at a later time: the fields below an answer, what waits in a conversation, and the page of
//! all that wait.

mod actions;
mod fields;
mod list;
mod page;
mod texts;
mod time;

pub(super) use fields::{SendLater, TemplateLater};
pub(super) use list::ScheduledList;
pub use page::ScheduledMessages;
pub(super) use time::when;

/// The operation that schedules an answer, for the form that came back.
pub(super) const SCHEDULE: &str = "schedule_message";
