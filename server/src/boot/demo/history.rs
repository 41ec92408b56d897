//! Seeds the history of the demo world: some weeks of jobs, each of which created a business, one that was cancelled, and
//! one that just failed.

use chrono::{DateTime, Duration, Utc};
use domain::business::Business;
use domain::identity::Reach;
use domain::provisioning::{Client, NewJob, Step, Summary, TodoItem};
use domain::todos::TodoKind;
use domain::{AgencyId, JobId, UserId};
use simulator::demo::{DENTAL, EARLIER, FITNESS, REALTY};
use store::provisioning::history::{PastEnd, PastJob, add as add_past, made_at};
use store::tenant::{Scope, TenantTx};

use super::orders::snapshot;
use crate::boot::compose::Core;

/// The business whose job was cancelled, and the position of that job among the others.
const CANCELLED: (&str, usize) = ("Palm Bay Properties", 9);
/// The business whose job failed.
pub const FAILED: &str = "Cobalt Orthodontics";
/// Why it failed.
pub const WHY: &str = "HighLevel couldn't be reached for 15 minutes while listing the snapshots.";

/// Least and most seconds that a past job took, as jobs with a snapshot take in the simulator.
pub const TOOK: (i64, i64) = (25, 34);

/// Adds the past jobs that are not there yet, spread over five weeks and started in turn by `people`. Returns the job that
/// failed, if it was not there yet.
///
/// # Errors
/// When the database fails.
pub async fn add(
    core: &Core,
    agency: AgencyId,
    businesses: &[Business],
    people: [UserId; 2],
) -> anyhow::Result<Option<JobId>> {
    let mut jobs: Vec<(&str, Option<&Business>)> =
        businesses.iter().map(|business| (business.name.as_str(), Some(business))).collect();
    jobs.insert(CANCELLED.1.min(jobs.len()), (CANCELLED.0, None));
    let now = web::clock::now();
    for (number, (name, made)) in (0_i64..).zip(jobs) {
        let user = people[usize::from(number % 2 == 1)];
        let took = Duration::seconds(TOOK.0 + (number * 37) % (TOOK.1 - TOOK.0 + 1));
        let end = made.cloned().map_or(PastEnd::Cancelled, |made| PastEnd::Created(Box::new(made)));
        past(core, agency, user, name, end, (began(now, number), took)).await?;
    }
    let took = Duration::minutes(15);
    let end = PastEnd::Failed(Step::ValidateSnapshot, WHY);
    past(core, agency, people[0], FAILED, end, (now - took, took)).await
}

/// Adds a past job, unless it is there already.
async fn past(
    core: &Core,
    agency: AgencyId,
    user: UserId,
    name: &str,
    end: PastEnd,
    (began, took): (DateTime<Utc>, Duration),
) -> anyhow::Result<Option<JobId>> {
    let key = format!("demo: {name}");
    if super::has_job(core, agency, &key).await? {
        return Ok(None);
    }
    let made = match &end {
        PastEnd::Created(made) => Some((**made).clone()),
        PastEnd::Cancelled | PastEnd::Failed(..) => None,
    };
    let scope = match &made {
        Some(made) => {
            Scope::AgencyBusiness { user: Some(user), agency, business: made.id, reach: Reach::All, listed: Vec::new() }
        }
        None => super::scope_of(agency, user),
    };
    let mut tx = TenantTx::begin(&core.db, scope).await?;
    let snapshot_id = snapshot(&mut tx, fitting(name)).await?;
    let order = NewJob { client: client(name, made.as_ref()), snapshot_id, ..NewJob::default() };
    if let Some(made) = &made {
        made_at(&mut tx, made.id, began + took).await?;
    }
    let job = add_past(&mut tx, &PastJob { order, end, began, took, key }).await?;
    let left = Summary { todo: left(name), ..Summary::default() };
    store::todos::leave(&mut tx, job, &left, made.is_some()).await?;
    tx.commit().await?;
    Ok(Some(job))
}

/// The name of the snapshot that fits a business.
fn fitting(name: &str) -> &'static str {
    match name {
        "Luna Yoga" => FITNESS,
        "Summit Realty" | "Palm Bay Properties" => REALTY,
        _ => EARLIER.iter().find(|place| place.name == name).map_or(DENTAL, |place| place.snapshot),
    }
}

/// What the jobs of three businesses left to a person.
fn left(name: &str) -> Vec<TodoItem> {
    let item = match name {
        "Luna Yoga" => TodoItem::new(
            TodoKind::PublishWorkflows,
            "Publish the snapshot's workflows",
            "HighLevel loads them as drafts.",
        ),
        "Bright Dental" => TodoItem::new(
            TodoKind::SetPasswords,
            "Set your password in HighLevel",
            "HighLevel sent you and Tess a link by email. You need it to sign in there.",
        ),
        "Summit Realty" => TodoItem::new(
            TodoKind::SetPasswords,
            "Ask the client's people to set a password",
            "HighLevel emails them a link to set one.",
        ),
        _ => return Vec::new(),
    };
    vec![item]
}

/// When the job with this number began: every two or three days from five weeks ago on, up to seven hours before
/// the current time of day.
fn began(now: DateTime<Utc>, number: i64) -> DateTime<Utc> {
    now - Duration::days(36 - number * 5 / 2) - Duration::minutes((number * 97) % 420)
}

/// Returns the client part of an order of the demo world, with the data of the business that it created, if it did.
pub fn client(name: &str, made: Option<&Business>) -> Client {
    let details = made.map(|made| made.details.clone()).unwrap_or_default();
    Client {
        name: name.to_owned(),
        email: details.email.unwrap_or_else(|| email(name)),
        phone: details.phone.unwrap_or_default(),
        city: details.city.unwrap_or_default(),
        state: details.state.unwrap_or_default(),
        country: "US".to_owned(),
        timezone: details.timezone.unwrap_or_else(|| "America/New_York".to_owned()),
        ..Client::default()
    }
}

/// Returns the email address of a business. The simulator builds it in the same way.
pub fn email(name: &str) -> String {
    let host: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("office@{host}.test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_past_job_used_the_snapshot_of_its_trade() {
        let of = |trade: &str| match trade {
            "Dental" | "Orthodontics" | "Smiles" => Some(DENTAL),
            "Fitness" | "Yoga" | "Pilates" | "Strength" => Some(FITNESS),
            "Realty" | "Homes" | "Properties" => Some(REALTY),
            _ => None,
        };
        let named = ["Bright Dental", "Luna Yoga", "Summit Realty", CANCELLED.0, FAILED];
        for name in named.into_iter().chain(EARLIER.iter().map(|place| place.name)) {
            assert_eq!(name.split(' ').find_map(of), Some(fitting(name)), "{name}");
        }
    }
}
