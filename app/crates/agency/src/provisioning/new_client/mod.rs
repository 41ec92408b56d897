//! The form of a new client, and the plan of what will happen.

mod extras;
mod page;
pub mod plan;
mod presets;
pub mod sample;

pub use page::NewClientPage;
