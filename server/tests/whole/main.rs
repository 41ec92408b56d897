//! The whole server in one process: who may come in where, what every answer carries, what bad input gets.
#![cfg(feature = "testing")]
#![expect(clippy::unwrap_used, reason = "in a test a broken set-up is a failure")]

mod answer_links;
mod areas;
mod authorisation;
mod bad_bodies;
mod bad_input;
mod canaries;
mod canary;
mod demo_world;
mod described;
mod fetched;
mod figures;
mod forms;
mod fuzz;
mod guessing;
mod helpers;
mod installs;
mod inventory;
mod leaving;
mod letters;
mod markup;
mod pages;
mod planted;
mod proxied;
mod quota;
mod refusals;
mod restart;
mod second_factor;
mod slow;
mod step_up;
mod strangers;
mod streams;
mod twice;
