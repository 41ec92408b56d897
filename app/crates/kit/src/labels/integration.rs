//! Maps the state of an integration to a tone, and says what a connection lets go on.

use domain::integration::State;

use crate::Tone;

/// The tone of an integration's state.
#[must_use]
pub const fn tone(state: State) -> Tone {
    match state {
        State::NotConnected | State::Quiet => Tone::Waiting,
        State::Connecting => Tone::Running,
        State::Working => Tone::Ok,
        State::RenewSoon | State::Suspended => Tone::Warn,
        State::Expired | State::Error => Tone::Failed,
        State::Paused | State::Disconnected => Tone::Cancelled,
    }
}

/// How many jobs that waited for an integration resume, as the end of a sentence about it. Empty for zero jobs.
#[must_use]
pub fn resumed_jobs_text(jobs: usize) -> String {
    match jobs {
        0 => String::new(),
        1 => " The job that was waiting for it has resumed.".to_owned(),
        more => format!(" The {more} jobs that were waiting for it have resumed."),
    }
}
