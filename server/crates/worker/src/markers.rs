//! Did a location appear after all, long after we were sure that it had not? Looks for the marks of given-up writes for a day;
//! what it finds is told to a person, never touched.

use chrono::{TimeDelta, Utc};
use domain::JobId;
use domain::provisioning::TodoItem;
use ghl::locations::{self, Search};
use outbound::About;
use store::provisioning as rows;
use store::queue::{self, Claimed, Work};

use crate::Worker;
use crate::chores::Failed;
use crate::integrations::tokens::{self, agency_tx};
use crate::pace::hours;

/// How long marks are looked for after they were given up.
const DAY: TimeDelta = TimeDelta::hours(24);

/// Looks once, and again an hour later until the day is over.
pub async fn sweep(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(job)) = (item.agency, item.subject.map(JobId)) else { return Ok(()) };
    let mut tx = agency_tx(worker, agency).await?;
    let given_up = rows::given_up(&mut tx, job, Utc::now() - DAY).await?;
    drop(tx);
    if given_up.markers.is_empty() {
        return Ok(());
    }
    let Ok(company) = tokens::company(worker, agency).await else { return again(worker, item).await };
    let about = About { agency: Some(agency.0), job: Some(job.0), ..About::default() };
    let call = ghl::Call { token: &company.token, resource: &company.company, about: &about };
    let mut extra = Vec::new();
    for page in 0..5 {
        let query = Search { skip: page * 100, limit: 100, newest_first: true, ..Search::of(&company.company) };
        let found =
            locations::search(&worker.ghl, call, &query).await.map_err(|error| Failed::new(error.to_string()))?;
        let last = found.len() < 100;
        extra.extend(found.into_iter().filter(|location| {
            Some(&location.id) != given_up.location.as_ref()
                && given_up.markers.iter().any(|marker| location.name.contains(&format!("·{marker}")))
        }));
        if last {
            break;
        }
    }
    let mut tx = agency_tx(worker, agency).await?;
    for location in extra {
        let what = format!("Remove the extra location {} in HighLevel", location.id);
        let why = format!("“{}” appeared long after HighLevel had been asked to create it.", location.name);
        rows::finding(&mut tx, job, &TodoItem { what, why }).await?;
    }
    tx.commit().await?;
    again(worker, item).await
}

async fn again(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(job)) = (item.agency, item.subject) else { return Ok(()) };
    let mut tx = agency_tx(worker, agency).await?;
    queue::add_in(
        &mut tx,
        &Work::new(domain::work::Kind::SweepMarkers).subject(job).once(format!("markers:{job}")),
        worker.pace.of(hours(1)),
    )
    .await?;
    Ok(tx.commit().await?)
}
