//! The form of a new client, and the plan of what will happen.

mod extras;
mod page;
pub mod plan;
pub mod plan_panel;
mod sample;

pub use page::NewClientPage;
