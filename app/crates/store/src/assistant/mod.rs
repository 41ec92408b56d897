//! The assistant: how a business set it up, what it knows, which conversation it looks at, and what it answered.

pub mod answers;
mod channels;
mod ending;
pub mod knowledge;
pub mod list;
mod search;
pub mod settings;
mod turn;
pub mod waiting;

pub use crate::messaging::ending::opt_out;
pub use channels::{channel_hours, set_channel_hours};
pub use ending::{drop_of_channel, drop_older, leave_refused, quotes};
pub use turn::{Facts, Turn, TurnMessage, conversation, lock};
