//! One job on screen: what happens, how long is left, what failed and what can be done.

pub mod ask;
mod by_hand;
mod calls;
mod compare;
mod data;
mod diagnose;
mod done;
mod edit;
pub mod head;
mod log;
mod monitor;
mod page;
mod pane;
mod state;
mod undoing;
mod unreadable;
pub mod view;

#[cfg(test)]
mod question_tests;
#[cfg(test)]
mod tests;

pub use monitor::update as job_update;
pub use page::JobPage;
