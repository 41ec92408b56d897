//! The card of an agency's connection: its state with the evidence behind it, its checklist, its last fourteen days and
//! its facts.

mod card;
mod checklist;
mod live;
mod state;

#[cfg(test)]
mod tests;

pub use card::{ConnectionFacts, ConnectionHead};
pub use checklist::{Check, checks};
pub use live::{LiveConnection, LiveConnectionFrom};
pub use state::{Connection, ConnectionState};
