//! How does a call leave this house: which hosts, how long, who goes first, what is written down.
//! Surprise: nothing is ever sent twice from here, not even a read; repeating is the caller's decision.
#![doc = include_str!("../README.md")]

mod address;
mod breaker;
mod budget;
mod client;
mod config;
mod deadline;
mod governor;
#[cfg(test)]
mod noise;
mod quota;
mod redact;
mod report;
mod request;
mod slots;
mod watch;

pub use address::{BadId, address, check_id};
pub use breaker::{Counted, Tolerance};
pub use client::{Failure, Outbound};
pub use config::{BadConfig, Config};
pub use deadline::Deadline;
pub use governor::Governor;
pub use quota::{Pause, Quota};
pub use redact::redact;
pub use report::{About, Call, Calls, NoCalls, Outcome, Priority};
pub use request::{Answer, Body, Request};
pub use slots::{Boxed, Full, Grant, Heard, Ledger, LedgerDown, Limits, LocalLedger, NoLimit, Place, Slot, Slots};
pub use watch::Resting;
