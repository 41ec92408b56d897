//! The start page of an agency, with its first steps.

mod figures;
mod first_steps;
mod page;

pub use figures::figures;
pub use page::Home;
