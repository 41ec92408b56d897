//! Operations on the assistant of a business: save, publish and restore its settings, say what it may do on a channel, and
//! add, change and remove what it knows, and try it before it answers customers.

mod channel;
mod knowledge;
mod rehearsal;
mod settings;
mod sources;

pub use channel::set_channel;
pub use knowledge::{Typed, add, change, remove};
pub use rehearsal::{Question, cancel_rehearsal, mark_rehearsed, start_rehearsal, try_out};
pub use settings::{publish, restore, save};
pub use sources::{add_files, add_page, read_again};
