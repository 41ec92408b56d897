//! A step in which process after process ends: who stops it? Its tries are set apart first, so that jobs that only happened to run in the
//! same process get on; then a person is asked. Not counted is whoever got anything done in between, and a process that was asked to end.

use std::time::Duration;

use domain::provisioning::Step;
use store::provisioning::Cause;

use super::run::Run;
use super::step::{self, Stop};
use crate::retry;
use crate::time_scale::secs;

/// So many processes may end in one step in a row before its next try is put off.
const APART: i32 = 3;
/// After so many a person is asked, a quarter of an hour after the first. On a busy machine whose workers are killed all the time three in
/// a row happen in one step of a hundred by chance; this many do not.
const MOST: i32 = 12;
/// The next try is put off by up to twice this, and by up to twice as much after each one more.
const BASE: Duration = secs(5);

/// What follows for a job that was just claimed from a process that vanished: nothing, a rest, or a question. The step at hand is then
/// the one it vanished in.
pub fn judge(run: &mut Run) -> Result<(), Stop> {
    let Some(step) = run.job.lost_in else { return Ok(()) };
    let lost = run.row(step).map_or(0, |row| row.lost_in_a_row);
    if lost < APART {
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
        let past = u32::try_from(lost - APART + 1).unwrap_or(1);
        return Err(Stop::Hold {
            reason: format!("The process at work ended in the middle of this step {lost} times in a row."),
            delay: retry::full_jitter(BASE, past),
        });
    }
    let what = format!("{} Slipway stopped trying: {lost} times in a row.", said(step));
    let effect = "What is done so far is kept, and other jobs go on. The server's log may say more.";
    Err(Stop::Ask(Box::new(step::decide(step, &what, effect))))
}

/// Whether the step at hand ended so many processes that whoever wants it left out or left as it is does not want it begun once more.
#[must_use]
pub fn is_given_up(run: &Run) -> bool {
    run.row(run.step).is_some_and(|row| row.lost_in_a_row >= APART)
}

/// Why a step is left out, or left as it is, without a look.
#[must_use]
pub fn stop(step: Step) -> Stop {
    Stop::GiveUp(Cause { class: "lost", detail: said(step) })
}

fn said(step: Step) -> String {
    format!("Each process that worked on “{}” ended in the middle of it.", step.label())
}
