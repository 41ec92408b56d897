//! How does a person see what is going on?
//! Every line starts with the minutes and seconds since the command began; long work says how far it is.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

static BEGAN: OnceLock<Instant> = OnceLock::new();

/// Starts the clock.
pub fn begin() {
    BEGAN.get_or_init(Instant::now);
}

/// `03:12` since the command began.
pub fn elapsed() -> String {
    clock(BEGAN.get_or_init(Instant::now).elapsed())
}

/// Minutes and seconds.
pub fn clock(time: Duration) -> String {
    format!("{:02}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// One line of progress.
pub fn step(text: impl AsRef<str>) {
    println!("[{}] {}", elapsed(), text.as_ref());
}

/// Something a person should read although the work goes on.
pub fn warn(text: impl AsRef<str>) {
    eprintln!("[{}] note: {}", elapsed(), text.as_ref());
}
