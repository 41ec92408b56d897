//! Sends every outbound call: allowed hosts, deadlines, order and call log. This crate never sends anything twice, not
//! even a read; the caller decides whether to repeat.
#![doc = include_str!("../README.md")]

mod address;
mod breaker;
mod budget;
mod circuit_breakers;
mod client;
mod deadline;
mod failure;
mod governor;
mod multipart;
mod profile;
mod provider;
mod public_hosts;
mod public_page;
mod quota;
mod redact;
mod report;
mod request;
mod slots;
#[cfg(test)]
mod test_random;
mod tls;

pub use address::{BadId, address, check_id};
pub use breaker::{FailureCount, Tolerance};
pub use circuit_breakers::OpenCircuit;
pub use client::Outbound;
pub use deadline::Deadline;
pub use failure::Failure;
pub use multipart::Part;
pub use profile::{BadConfig, Config, Deadlines, Profile, RateWindow, is_below};
pub use public_hosts::{MOST_LOOK_UPS, PublicAnswer, PublicPost, Unreached};
pub use public_page::{PageBytes, PageRequest};
pub use quota::{Pause, Quota};
pub use redact::redact;
pub use report::{Call, CallContext, CallRecorder, NoCalls, Outcome, Priority};
pub use request::{Answer, Body, RateKey, Request};
pub use slots::{Boxed, Grant, Ledger, LedgerDown, Limits, LocalLedger, SlotId};
