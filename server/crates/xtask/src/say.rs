//! Prints progress for the person at the terminal. Every line starts with the minutes and seconds since the
//! command began. Long work reports how far it is.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

static BEGAN: OnceLock<Instant> = OnceLock::new();

/// Starts the clock.
pub fn begin() {
    BEGAN.get_or_init(Instant::now);
}

/// Time since the command began, in the form `03:12`.
pub fn elapsed() -> String {
    clock(BEGAN.get_or_init(Instant::now).elapsed())
}

/// Minutes and seconds.
pub fn clock(time: Duration) -> String {
    format!("{:02}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// Prints one line of progress.
pub fn step(text: impl AsRef<str>) {
    println!("[{}] {}", elapsed(), text.as_ref());
}

/// Prints a note that a person should read, while the work continues.
pub fn warn(text: impl AsRef<str>) {
    eprintln!("[{}] note: {}", elapsed(), text.as_ref());
}
