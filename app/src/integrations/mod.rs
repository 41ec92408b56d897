//! Connected outside accounts: what is connected, is it really working, what to do next.

mod connections;
mod deeds;
mod parts;

pub use connections::Connections;
pub use parts::tone;
