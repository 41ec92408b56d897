//! Sends every outbound call: allowed hosts, deadlines, order and call log. This crate never sends anything twice, not
//! even a read; the caller decides whether to repeat.
#![doc = include_str!("../README.md")]

mod address;
mod breaker;
mod budget;
mod circuit_breakers;
mod client;
mod config;
mod deadline;
mod governor;
mod quota;
mod redact;
mod report;
mod request;
mod slots;
#[cfg(test)]
mod test_random;

pub use address::{BadId, address, check_id};
pub use breaker::{FailureCount, Tolerance};
pub use circuit_breakers::OpenCircuit;
pub use client::{Failure, Outbound};
pub use config::{BadConfig, Config};
pub use deadline::Deadline;
pub use governor::Governor;
pub use quota::{Pause, Quota};
pub use redact::redact;
pub use report::{Call, CallContext, CallRecorder, NoCalls, Outcome, Priority};
pub use request::{Answer, Body, Request};
pub use slots::{
    Boxed, Full, Grant, Ledger, LedgerDown, LimitFeedback, Limits, LocalLedger, NoLimit, Slot, SlotId, Slots,
};
