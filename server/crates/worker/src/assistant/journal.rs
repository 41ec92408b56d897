//! Which steps did an answer take, and when did each end? The trace that people read afterwards.

use std::time::Instant;

use domain::assistant::Trace;

/// The trace of one run while it is written.
pub(super) struct Journal {
    begun: Instant,
    trace: Trace,
}

impl Journal {
    /// Begins now.
    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), trace: Trace::default() }
    }

    /// Adds a step that ended now, and what it found.
    pub(super) fn step(&mut self, name: &str, detail: impl Into<String>) {
        let at = self.elapsed_ms();
        self.trace.step(name, at, detail);
    }

    /// Milliseconds since the beginning.
    pub(super) fn elapsed_ms(&self) -> u32 {
        u32::try_from(self.begun.elapsed().as_millis()).unwrap_or(u32::MAX)
    }

    /// The steps so far.
    pub(super) const fn trace(&self) -> &Trace {
        &self.trace
    }
}
