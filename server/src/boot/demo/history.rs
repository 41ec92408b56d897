//! Seeds the history of the demo world: some weeks of jobs, each of which created a business, and one cancelled
//! job.

use chrono::{DateTime, Duration, Utc};
use domain::AgencyId;
use domain::business::Business;
use domain::identity::Reach;
use domain::page::ListQuery;
use domain::provisioning::{Client, NewJob, Summary, TodoItem};
use domain::todos::TodoKind;
use store::provisioning::history::{PastJob, add as add_past, made_at};
use store::tenant::{Scope, TenantTx};

use crate::boot::compose::Core;

/// The business whose job was cancelled, and the position of that job among the others.
const CANCELLED: (&str, usize) = ("Palm Bay Properties", 9);

/// Adds the past jobs that are not there yet, spread over five weeks.
///
/// # Errors
/// When the database fails.
pub async fn add(core: &Core, agency: AgencyId, businesses: &[Business]) -> anyhow::Result<()> {
    let mut jobs: Vec<(&str, Option<&Business>)> =
        businesses.iter().map(|business| (business.name.as_str(), Some(business))).collect();
    jobs.insert(CANCELLED.1.min(jobs.len()), (CANCELLED.0, None));
    let now = web::clock::now();
    for (number, (name, made)) in (0_i64..).zip(jobs) {
        let key = format!("demo: {name}");
        if super::has_job(core, agency, &key).await? {
            continue;
        }
        let user = None;
        let scope = match made {
            Some(made) => {
                Scope::AgencyBusiness { user, agency, business: made.id, reach: Reach::All, listed: Vec::new() }
            }
            None => super::agency_scope(agency),
        };
        let mut tx = TenantTx::begin(&core.db, scope).await?;
        let snapshots = store::snapshots::list(&mut tx, &ListQuery::default()).await?.rows;
        let chosen = usize::try_from(number).ok().and_then(|at| snapshots.get(at % snapshots.len().max(1)));
        let order =
            NewJob { client: client(name), snapshot_id: chosen.map(|snapshot| snapshot.id), ..NewJob::default() };
        let (began, took) = (began(now, number), Duration::seconds(170 + (number * 37) % 130));
        if let Some(made) = made {
            made_at(&mut tx, made.id, began + took).await?;
        }
        let left = left(name);
        let job = add_past(&mut tx, &PastJob { order, made: made.cloned(), began, took, key }).await?;
        store::todos::leave(&mut tx, job, &Summary { todo: left, ..Summary::default() }, made.is_some()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// What the jobs of two businesses left to a person.
fn left(name: &str) -> Vec<TodoItem> {
    let item = match name {
        "Luna Yoga" => TodoItem::new(
            TodoKind::PublishWorkflows,
            "Publish the snapshot's workflows",
            "HighLevel loads them as drafts.",
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

/// Returns the client part of an order of the demo world.
pub fn client(name: &str) -> Client {
    Client {
        name: name.to_owned(),
        email: email(name),
        country: "US".to_owned(),
        timezone: "America/New_York".to_owned(),
        ..Client::default()
    }
}

/// Returns the email address of a business. The simulator builds it in the same way.
pub fn email(name: &str) -> String {
    let host: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("office@{host}.test")
}
