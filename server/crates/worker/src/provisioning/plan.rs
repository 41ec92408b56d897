//! The provisioning plan: every step in order. Change a retry, a deadline or the order here. The engine looks for the
//! result of a step that may have happened before it repeats the step (`step.rs`). A job's own retry limit (three
//! unless the agency sets another) always applies: a row may ask for fewer tries, never for more.

use std::time::Duration;

use domain::provisioning::Step;

use crate::time_scale::{minutes, secs};

/// How one step is retried, how long it may take and how it is undone.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The step.
    pub step: Step,
    /// How often the step is tried, and the waits in between.
    pub tries: Tries,
    /// Maximum duration of one attempt, waits included.
    pub deadline: Duration,
    /// What follows when the step does not succeed.
    pub otherwise: Otherwise,
    /// What cancelling undoes.
    pub undo: Undo,
}

/// How often a step is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tries {
    /// At most this many attempts, with back-off that starts at the given base and doubles each time.
    UpTo(i32, Duration),
    /// Polls at this interval until the deadline.
    Every(Duration),
}

/// What follows when a step does not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// The job fails; a person may resume it.
    Fail,
    /// A person is asked.
    Ask,
}

/// What cancelling undoes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undo {
    /// Nothing; the step creates nothing.
    Nothing,
    /// The location is renamed as parked and listed for a person, because HighLevel lets no app delete a location.
    Park,
    /// The location's credential is deleted.
    DropCredential,
    /// Whatever we created is deleted, by the ids that we confirmed.
    DeleteOurs,
    /// The people are removed from this location only.
    Detach,
    /// The business is moved to the trash.
    Trash,
    /// An adopted location gets its former name back.
    Rename,
}

/// Every step, in order.
pub const PLAN: &[Row] = &[
    //  step                    tries and waits          one try at most  when it will not work  undo on cancel
    row(Step::CheckPlan, tries(4, secs(15)), secs(60), Otherwise::Fail, Undo::Nothing),
    row(Step::ValidateClient, tries(1, secs(1)), secs(5), Otherwise::Ask, Undo::Nothing),
    row(Step::ValidateSnapshot, tries(4, secs(15)), secs(60), Otherwise::Fail, Undo::Nothing),
    row(Step::CreateLocation, tries(4, secs(60)), minutes(60), Otherwise::Fail, Undo::Park),
    row(Step::WaitSnapshot, Tries::Every(secs(15)), minutes(60), Otherwise::Ask, Undo::Nothing),
    row(Step::MintToken, Tries::Every(secs(15)), minutes(10), Otherwise::Ask, Undo::DropCredential),
    row(Step::FillValues, tries(4, secs(2)), minutes(30), Otherwise::Fail, Undo::DeleteOurs),
    row(Step::CreateUsers, tries(4, secs(2)), minutes(30), Otherwise::Fail, Undo::Detach),
    row(Step::CreateBusiness, tries(4, secs(1)), minutes(2), Otherwise::Fail, Undo::Trash),
    row(Step::Verify, tries(4, secs(5)), minutes(10), Otherwise::Ask, Undo::Nothing),
    row(Step::Finish, tries(4, secs(2)), minutes(30), Otherwise::Fail, Undo::Rename),
];

/// A write must be sent and answered within this time, counted from its record; otherwise it is not sent at all.
pub const CALL: Duration = secs(45);

/// How long HighLevel may fail or be unreachable in one step before the job stops, unless the step itself may take
/// longer.
pub const OUTAGE: Duration = minutes(15);

/// After this time no part of a write can still be in progress unseen: longer than a call may take and than search
/// may lag.
pub const SETTLE: Duration = secs(120);

/// Minimum time between two searches that both found nothing.
pub const LOOK_GAP: Duration = secs(60);

/// Delay between an unclear answer and the first search.
pub const FIRST_LOOK: Duration = secs(5);

const fn row(step: Step, tries: Tries, deadline: Duration, otherwise: Otherwise, undo: Undo) -> Row {
    Row { step, tries, deadline, otherwise, undo }
}

const fn tries(most: i32, base: Duration) -> Tries {
    Tries::UpTo(most, base)
}

/// The row of a step.
#[must_use]
pub fn of(step: Step) -> &'static Row {
    &PLAN[step as usize]
}

impl Tries {
    /// Maximum number of retries after the first attempt. A poll has no limit of its own.
    #[must_use]
    pub const fn retries(self) -> i32 {
        match self {
            Self::UpTo(most, _) => most - 1,
            Self::Every(_) => i32::MAX,
        }
    }

    /// Base of the back-off, or the interval of a poll.
    #[must_use]
    pub const fn base(self) -> Duration {
        match self {
            Self::UpTo(_, base) | Self::Every(base) => base,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_is_complete_and_in_order() {
        assert_eq!(PLAN.len(), Step::ALL.len());
        for (row, step) in PLAN.iter().zip(Step::ALL) {
            assert_eq!(row.step, step);
            assert_eq!(of(step).step, step);
        }
    }
}
