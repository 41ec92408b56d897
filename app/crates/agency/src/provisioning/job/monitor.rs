//! What does the job monitor show of a job? It is read in one way, for the page and for each answer to the open page.

use std::hash::{DefaultHasher, Hasher as _};

use domain::JobId;
use domain::page::Page;
use domain::provisioning::{JobLease, JobView, LogLevel, LogLine, Step};
use islands::job::{JobState, JobUpdate, LINES, LogEntry, LogUpdate, Selected, StepState};
use kit::Address;
use kit::time::now;
use serde::Serialize;
use store::provisioning::LogQuery;
use store::tenant::TenantTx;
use uuid::Uuid;
use web::error::{Error, Result};

use super::diagnose::is_stuck;
use super::undoing;

/// Number of the newest lines among which the last line of an open page is looked for.
const NEWEST: u16 = 100;

/// The tabs that show something else than the log.
const OTHER_TABS: [&str; 4] = ["diagnose", "input", "output", "calls"];

/// What changed of a job since the state that an open page shows. The address is the page's; `since` and `line` in it are
/// the version and the last log line that the page has.
///
/// # Errors
/// `NotFound` if there is no such job, `Conflict` if its order cannot be read.
pub async fn update(tx: &mut TenantTx, id: JobId, at: &Address) -> Result<JobUpdate> {
    let job = match store::provisioning::get(tx, id).await {
        Err(store::Error::Unreadable(_)) => {
            return Err(Error::Conflict("The stored order of this job can't be read. Reload its page.".to_owned()));
        }
        found => found?,
    };
    let hold = store::provisioning::hold(tx, id).await?;
    let flight = store::provisioning::call_in_flight(tx, id).await?;
    let state = JobState { flight, ..state(&job, hold, at) };
    let version = version(&state);
    let log = if shows_log(at) { log_update(tx, id, state.selected.step, at).await? } else { None };
    Ok(JobUpdate { at: now(), state: (at.get("since") != version).then_some(state), version, log })
}

/// The state that the monitor shows, without a call in flight.
#[must_use]
pub fn state(job: &JobView, hold: JobLease, at: &Address) -> JobState {
    JobState {
        row: job.row.clone(),
        typical: job.typical,
        asks: job.question.is_some(),
        steps: job.steps.iter().map(StepState::from).collect(),
        selected: Selected::of(job, selected(job, at)),
        forms: forms(job, hold),
        flight: None,
    }
}

/// The version of a state: equal states have equal versions.
#[must_use]
pub fn version(state: &JobState) -> String {
    fingerprint(state)
}

/// The step that the address names, else the job's current step, else the last one that ran.
#[must_use]
pub fn selected(job: &JobView, at: &Address) -> Step {
    let last = || job.steps.iter().rev().find(|step| step.status.is_some()).map(|step| step.step);
    Step::parse(at.get("step")).or(job.row.current_step).or_else(last).unwrap_or(Step::CheckPlan)
}

/// True if the address shows the log of the selected step.
#[must_use]
pub fn shows_log(at: &Address) -> bool {
    at.get("with").is_empty() && !OTHER_TABS.contains(&at.get("tab"))
}

/// The lines that the address asks for, oldest first, and true if older ones are left out.
///
/// # Errors
/// When the database refuses.
pub async fn log(tx: &mut TenantTx, id: JobId, step: Step, at: &Address) -> Result<(Vec<LogLine>, bool)> {
    newest(tx, id, &log_query(step, at, LINES)).await
}

async fn newest(tx: &mut TenantTx, id: JobId, query: &LogQuery) -> Result<(Vec<LogLine>, bool)> {
    let Page { mut rows, next, .. } = store::provisioning::log(tx, id, query).await?;
    rows.reverse();
    Ok((rows, next.is_some()))
}

fn log_query(step: Step, at: &Address, limit: u16) -> LogQuery {
    LogQuery {
        step: (at.get("all") != "1").then_some(step),
        level: Some(at.get("level")).filter(|level| !level.is_empty()).map(LogLevel::parse),
        q: at.get("q").to_owned(),
        cursor: None,
        limit,
    }
}

/// What is new in the log: the lines after the page's last one, or all lines if that one is not among the newest.
async fn log_update(tx: &mut TenantTx, id: JobId, step: Step, at: &Address) -> Result<Option<LogUpdate>> {
    if let Ok(last) = at.get("line").parse::<Uuid>() {
        let (rows, _) = newest(tx, id, &log_query(step, at, NEWEST)).await?;
        if let Some(update) = LogUpdate::after(last, rows) {
            return Ok(Some(update).filter(|update| !update.lines.is_empty()));
        }
    }
    let (lines, more) = log(tx, id, step, at).await?;
    let lines = lines.into_iter().map(LogEntry::from).collect();
    Ok(Some(LogUpdate { whole: true, more, lines }))
}

/// Changes with everything of a job that its forms show: the card of its state and the buttons.
fn forms(job: &JobView, hold: JobLease) -> String {
    let row = &job.row;
    let stuck: Vec<Step> = job.steps.iter().filter(|step| is_stuck(step)).map(|step| step.step).collect();
    let said = job.steps.iter().filter_map(|step| step.attempts.last()?.error_detail.as_deref()).collect::<Vec<_>>();
    let made = (row.business, &row.location_id, undoing::lines(job), &job.summary, &job.extra);
    let asked = (&job.operations, &job.question, &job.failure, stuck, said);
    let waits = (row.status, row.cancelling, &row.waiting, &row.error, row.retry_count, hold.ahead);
    fingerprint(&(made, asked, waits))
}

fn fingerprint(facts: &impl Serialize) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(&serde_json::to_vec(facts).unwrap_or_default());
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use domain::provisioning::JobStatus;

    use super::super::tests::job;
    use super::*;

    fn of(job: &JobView) -> JobState {
        state(job, JobLease::default(), &Address::default())
    }

    #[test]
    fn an_equal_state_has_the_same_version_and_any_change_another() {
        let running = job(JobStatus::InProgress, false);
        assert_eq!(version(&of(&running)), version(&of(&running)));
        let mut later = running.clone();
        later.steps[5].finished_at = Some(now());
        assert_ne!(version(&of(&running)), version(&of(&later)));
        let other = state(&running, JobLease::default(), &Address::new("/x", "step=FINISH"));
        assert_ne!(version(&of(&running)), version(&other), "another step is shown");
    }

    #[test]
    fn the_forms_change_with_what_they_show_and_not_with_every_log_line() {
        let running = job(JobStatus::InProgress, false);
        let mut later = running.clone();
        later.row.updated_at = now();
        assert_eq!(of(&running).forms, of(&later).forms);
        assert_ne!(of(&running).forms, of(&job(JobStatus::Failed, false)).forms);
        let mut located = running.clone();
        located.row.location_id = Some("L1".to_owned());
        assert_ne!(of(&running).forms, of(&located).forms, "the list of what is undone grew");
        let ahead = state(&running, JobLease { ahead: 3, ..JobLease::default() }, &Address::default());
        assert_ne!(of(&running).forms, ahead.forms);
    }

    #[test]
    fn the_state_travels_as_json_and_arrives_equal() {
        let sent = JobUpdate {
            at: now(),
            version: "1".to_owned(),
            state: Some(of(&job(JobStatus::Failed, false))),
            log: None,
        };
        let json = serde_json::to_string(&sent).unwrap();
        assert_eq!(serde_json::from_str::<JobUpdate>(&json).unwrap(), sent);
    }
}
