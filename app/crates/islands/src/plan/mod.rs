//! The plan beside the form for a new client: what would happen if it were sent.

mod live;
mod panel;
mod state;

#[cfg(test)]
mod tests;

pub use live::LivePlan;
pub use panel::{FORM, PlanPanel};
pub use state::{Plan, PlanState, PlannedStep};
