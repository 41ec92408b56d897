//! What happens when a job is picked up. `plan.rs` is the table of steps; `step.rs` says what a step is; `engine.rs` runs the
//! table forward, and backward on cancel, and `settle.rs` says what follows when a step stops; `run.rs` is a job in the hands of one worker, with the only way to write outside;
//! `manual_todos.rs` says what is left to a person when a step is left out or cannot be undone; `crashes.rs` what becomes of a step in which
//! process after process ends;
//! `steps/` holds one file per step. Nothing is remembered between two runs but the rows of the database, which is why any
//! worker can go on where another stopped.

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
