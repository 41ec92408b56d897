//! Operations on the assistant of a business: save, publish and restore its settings, say what it may do on a channel, and
//! add, change and remove what it knows.

mod channel;
mod knowledge;
mod settings;

pub use channel::set_channel;
pub use knowledge::{Typed, add, change, remove};
pub use settings::{publish, restore, save};
