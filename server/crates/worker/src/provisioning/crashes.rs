//! Stops a step in which one process after another ends. First the step's attempts are spread out, so that jobs
//! that only happened to run in the same process can continue. Then a person is asked. The count starts again when
//! a process got anything done in between, and a process that was asked to stop does not count.

use std::time::Duration;

use domain::provisioning::Step;
use store::provisioning::Cause;

use super::run::Run;
use super::step::{self, Stop};
use crate::retry;
use crate::time_scale::secs;

/// After this many processes in a row ended in one step, its next attempt is delayed.
const DELAY_AFTER_CRASHES: i32 = 3;
/// After this many a person is asked, a quarter of an hour after the first. On a busy machine whose workers are
/// killed all the time, three in a row happen by chance in one step of a hundred; this many do not.
const MOST: i32 = 12;
/// The next attempt is delayed by up to twice this, and the limit doubles with each further one.
const BASE: Duration = secs(5);

/// Decides what follows for a job that was just claimed from a process that vanished: nothing, a wait, or a
/// question. Sets the run's current step to the one in which the process vanished.
pub fn judge(run: &mut Run) -> Result<(), Stop> {
    let Some(step) = run.job.lost_step else { return Ok(()) };
    let lost = run.row(step).map_or(0, |row| row.lost_in_a_row);
    if lost < DELAY_AFTER_CRASHES {
        return Ok(());
    }
    (run.step, run.undoing) = (step, run.job.cancelling);
    tracing::error!(
        event = "provisioning.step_ends_its_process",
        job = %run.job.fence.job,
        step = step.key(),
        times = lost,
        "one process after the other ended in a step"
    );
    if lost < MOST {
        let past = u32::try_from(lost - DELAY_AFTER_CRASHES + 1).unwrap_or(1);
        return Err(Stop::Hold {
            reason: format!("The process at work ended in the middle of this step {lost} times in a row."),
            delay: retry::full_jitter(BASE, past),
        });
    }
    let what = format!("{} Slipway stopped trying: {lost} times in a row.", said(step));
    let effect = "Everything done so far is kept, and other jobs continue. The server's log may say more.";
    Err(Stop::Ask(Box::new(step::decide(step, &what, effect))))
}

/// Returns true if the current step ended so many processes that it must not be started again when a person asked
/// to skip it or to leave it as it is.
#[must_use]
pub fn is_given_up(run: &Run) -> bool {
    run.row(run.step).is_some_and(|row| row.lost_in_a_row >= DELAY_AFTER_CRASHES)
}

/// The reason why a step is skipped, or left as it is, without a check in HighLevel.
#[must_use]
pub fn stop(step: Step) -> Stop {
    Stop::GiveUp(Cause { class: "lost", detail: said(step) })
}

fn said(step: Step) -> String {
    format!("Each process that worked on “{}” ended in the middle of it.", step.label())
}
