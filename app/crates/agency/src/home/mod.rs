//! The start page of an agency, with its first steps.

mod first_steps;
mod page;

pub use page::Home;
