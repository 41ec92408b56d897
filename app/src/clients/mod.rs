//! The pages for an agency's businesses ("clients" to its staff): the list, and the page of one business.

mod client;
mod list;
mod people;

pub use client::Client;
pub use list::Clients;

use crate::ui::Tone;

/// Tone and word of a business's status.
#[must_use]
pub fn status(key: &str) -> (Tone, &'static str) {
    match key {
        "active" => (Tone::Ok, "Active"),
        "trial" => (Tone::Running, "Trial"),
        "paused" => (Tone::Warn, "Paused"),
        _ => (Tone::Cancelled, "In the trash"),
    }
}
