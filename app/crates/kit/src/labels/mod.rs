//! Maps states to a tone and a word, once for every screen.

pub mod business;
pub mod integration;
pub mod messaging;
pub mod provisioning;
