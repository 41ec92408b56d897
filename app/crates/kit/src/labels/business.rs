//! Maps the status of a business to a tone and a word.

use crate::Tone;

/// Tone and word of a business's status.
#[must_use]
pub fn status(key: &str) -> (Tone, &'static str) {
    match key {
        "active" => (Tone::Ok, "Active"),
        "trial" => (Tone::Running, "Trial"),
        "paused" => (Tone::Warn, "Paused"),
        "archived" => (Tone::Cancelled, "Archived"),
        _ => (Tone::Cancelled, "In the trash"),
    }
}
