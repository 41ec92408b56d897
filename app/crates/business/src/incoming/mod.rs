//! What did messaging platforms send to a business, and what became of it? A list to read, newest first.

mod page;
mod texts;

pub use page::BusinessIncoming;
