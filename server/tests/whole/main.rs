//! The whole server in one process: who may come in where, what every answer carries, what bad input gets.
#![cfg(feature = "testing")]
#![expect(clippy::unwrap_used, reason = "in a test a broken set-up is a failure")]

mod answer_links;
mod areas;
mod audited;
mod authorisation;
mod bad_bodies;
mod bad_input;
mod canaries;
mod canary;
mod demo_world;
mod described;
mod ended_sessions;
mod fetched;
mod figures;
mod forms;
mod fuzz;
mod goes_well;
mod guessing;
mod helpers;
mod installs;
mod inventory;
mod leaving;
mod letters;
mod lockout;
mod lone_connection;
mod mails;
mod markup;
mod pages;
mod planted;
mod planted_mails;
mod pooler;
mod proxied;
mod quota;
mod refusals;
mod refused;
mod restart;
mod second_factor;
mod slow;
mod step_up;
mod strangers;
mod streams;
mod sub_commands;
mod trashed;
mod twice;
mod vitals;
