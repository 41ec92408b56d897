//! Maps each of the eleven steps to its file.

mod check_plan;
mod create_business;
pub(super) mod create_location;
mod create_users;
mod fill_values;
mod finish;
mod mint_token;
mod validate_client;
mod validate_snapshot;
mod verify;
mod wait_snapshot;

use domain::provisioning::Step;

pub(crate) use self::create_location::PARKED;

use super::run::Run;
use super::step::{Made, StepWork, Stop, Undone};

macro_rules! each {
    ($step:expr, $run:expr, $operation:ident) => {
        match $step {
            Step::CheckPlan => check_plan::Work::$operation($run).await,
            Step::ValidateClient => validate_client::Work::$operation($run).await,
            Step::ValidateSnapshot => validate_snapshot::Work::$operation($run).await,
            Step::CreateLocation => create_location::Work::$operation($run).await,
            Step::WaitSnapshot => wait_snapshot::Work::$operation($run).await,
            Step::MintToken => mint_token::Work::$operation($run).await,
            Step::FillValues => fill_values::Work::$operation($run).await,
            Step::CreateUsers => create_users::Work::$operation($run).await,
            Step::CreateBusiness => create_business::Work::$operation($run).await,
            Step::Verify => verify::Work::$operation($run).await,
            Step::Finish => finish::Work::$operation($run).await,
        }
    };
}

/// Checks whether a step is done already.
pub async fn find(step: Step, run: &mut Run) -> Result<Option<Made>, Stop> {
    each!(step, run, find)
}

/// Carries out a step.
pub async fn make(step: Step, run: &mut Run) -> Result<Made, Stop> {
    each!(step, run, make)
}

/// Undoes a step.
pub async fn undo(step: Step, run: &mut Run) -> Result<Undone, Stop> {
    each!(step, run, undo)
}
