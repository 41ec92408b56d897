//! What happened in the demo world before today: some weeks of jobs, most of them done, one that needs a person.

use chrono::{DateTime, Duration, Utc};
use domain::AgencyId;
use domain::page::ListQuery;
use domain::provisioning::{Client, JobStatus, NewJob};
use store::provisioning::history::{PastJob, add as add_past};
use store::tenant::TenantTx;

use super::agency_scope;
use crate::compose::Core;

/// Names of clients that were provisioned in the past weeks.
const NAMES: [&str; 14] = [
    "Cedar Family Dental",
    "Blue Heron Fitness",
    "Mason & Wolfe Realty",
    "Ivy Street Yoga",
    "Northgate Orthodontics",
    "Harper Homes",
    "Riverside Pilates",
    "Oak Park Smiles",
    "Summit Strength Club",
    "Palm Bay Properties",
    "Willow Creek Dental",
    "Bright Path Realty",
    "Lakeview Crossfit",
    "Pearl Dental Studio",
];

/// Adds past jobs, spread over five weeks.
///
/// # Errors
/// When the database refuses.
pub async fn add(core: &Core, agency: AgencyId) -> anyhow::Result<()> {
    let mut tx = TenantTx::begin(&core.db, agency_scope(agency)).await?;
    let snapshots = store::snapshots::list(&mut tx, &ListQuery::default()).await?.rows;
    let now = app::clock::now();
    for (number, name) in (0_i64..).zip(NAMES) {
        let chosen = usize::try_from(number).ok().and_then(|at| snapshots.get(at % snapshots.len().max(1)));
        let order =
            NewJob { client: client(name), snapshot_id: chosen.map(|snapshot| snapshot.id), ..NewJob::default() };
        let past = PastJob {
            order,
            status: if number == 9 { JobStatus::Cancelled } else { JobStatus::Completed },
            began: began(now, number),
            took: Duration::seconds(170 + (number * 37) % 130),
        };
        add_past(&mut tx, &past).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Five weeks back, every two or three days, at working hours.
fn began(now: DateTime<Utc>, number: i64) -> DateTime<Utc> {
    now - Duration::days(36 - number * 5 / 2) - Duration::minutes((number * 97) % 420)
}

fn client(name: &str) -> Client {
    let host: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    Client {
        name: name.to_owned(),
        email: format!("office@{host}.test"),
        country: "US".to_owned(),
        timezone: "America/New_York".to_owned(),
        ..Client::default()
    }
}
