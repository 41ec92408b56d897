//! How does background work behave whatever happens around it? All laws of the worker are one program: it is linked once, and
//! while a long law runs on one core, short ones of other files run on the next.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod answers;
mod assistant;
mod calls_in_flight;
mod cancel;
mod canned;
mod channels;
mod clients;
mod clock;
mod conflicting_records;
mod crashes;
mod endings;
mod fencing;
mod files;
mod harness;
mod imports;
mod integrations;
mod knowledge;
mod laws;
mod outage;
mod people;
mod periodic;
mod permissions;
mod questions;
mod races;
mod rolling_deploy;
mod sending;
mod todos;
mod webhooks;
mod without_name_marker;
