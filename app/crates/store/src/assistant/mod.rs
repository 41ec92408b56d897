//! The assistant: how a business set it up, what it knows, which conversation it looks at, and what it answered.

pub mod answers;
mod channels;
pub mod knowledge;
pub mod list;
pub(crate) mod old;
mod search;
pub mod settings;
mod turn;

pub use channels::{channel_hours, set_channel_hours};
pub use turn::{Facts, Turn, TurnMessage, conversation, lock};
