//! The monitor of one job: header, progress, steps, the selected step and its log.

mod head;
mod in_flight;
mod log;
mod monitor;
mod selected;
mod state;
mod steps;
mod times;

#[cfg(test)]
mod tests;

pub use head::{JobHead, JobProgress, title};
pub use in_flight::InFlight;
pub use log::{LINES, StepLog, log_line};
pub use monitor::{JobMonitor, JobMonitorFrom};
pub use selected::SelectedStep;
pub use state::{JobPlace, JobStart, JobState, JobUpdate, LogEntry, LogUpdate, Selected, StepState, TryState};
pub use steps::JobSteps;
pub use times::{is_stuck, left, millis, step_usually, usually};
