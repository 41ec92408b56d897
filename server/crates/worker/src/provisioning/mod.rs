//! Runs provisioning jobs. `plan.rs` is the table of steps and `step.rs` defines a step. `engine.rs` runs the plan
//! forward, and backward on cancel; `settle.rs` decides what follows when a step stops. `run.rs` is a job claimed
//! by one worker and contains the only function that writes to HighLevel. `manual_todos.rs` lists what is left to
//! a person when a step is skipped or cannot be undone. `crashes.rs` handles a step in which one process after
//! another ends. `steps/` has one file for each step. All state between two runs is in database rows, so any
//! worker can continue where another one stopped.

mod crashes;
pub(crate) mod engine;
pub(crate) mod ghl_access;
pub(crate) mod heartbeat;
mod in_doubt;
pub(crate) mod location_markers;
mod location_status;
mod manual_todos;
pub mod plan;
mod planned_write;
pub(crate) mod run;
mod settle;
pub(crate) mod step;
pub(crate) mod steps;
