//! The form of a new client, and the plan of what will happen.

mod drafts;
mod extras;
mod form;
mod page;
pub mod plan;
mod presets;
pub mod sample;

pub use page::NewClientPage;
