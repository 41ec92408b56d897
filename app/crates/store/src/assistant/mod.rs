//! The assistant: how a business set it up, what it knows, which conversation it looks at, and what it answered.

pub mod answers;
mod channels;
mod claims;
mod ending;
pub mod knowledge;
pub mod list;
pub mod rehearsal;
mod search;
pub mod settings;
pub mod sources;
mod turn;
pub mod usage;
pub mod waiting;

pub use crate::messaging::ending::opt_out;
pub use channels::{channel_hours, set_channel_hours};
pub use claims::take;
pub use ending::{drop_of_channel, drop_older, leave_refused, quotes};
pub use turn::{Facts, Turn, TurnMessage, conversation, lock};
