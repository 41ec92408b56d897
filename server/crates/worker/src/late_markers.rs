//! Searches HighLevel for a day for locations whose creation was given up as not having happened. It recognises them by
//! their markers. It records what it finds as evidence and shows it on the job and the agency's page; it changes
//! nothing in HighLevel.

use chrono::{TimeDelta, Utc};
use domain::JobId;
use ghl::locations::{self, Search};
use outbound::CallContext;
use store::provisioning as rows;
use store::queue::{self, Claimed, Work};

use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::{NoToken, agency_tx, ask_company};
use crate::provisioning::location_markers;
use crate::time_scale::hours;

/// How long markers are searched for after their writes were given up.
const DAY: TimeDelta = TimeDelta::hours(24);

/// Searches once and enqueues the next search an hour later, until the day is over.
pub async fn sweep(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(job)) = (item.agency, item.subject.map(JobId)) else { return Ok(()) };
    let mut tx = agency_tx(worker, agency).await?;
    let given_up = rows::given_up(&mut tx, job, Utc::now() - DAY).await?;
    drop(tx);
    if given_up.markers.is_empty() {
        return Ok(());
    }
    let about = CallContext { agency: Some(agency.0), job: Some(job.0), ..CallContext::default() };
    let mut extra = Vec::new();
    for page in 0..5 {
        let found = ask_company(worker, agency, &about, "", move |asking| {
            Box::pin(async move {
                let query = Search { skip: page * 100, limit: 100, newest_first: true, ..Search::of(asking.company) };
                locations::search(asking.ghl, asking.call, &query).await
            })
        });
        let found = match found.await {
            Ok(found) => found,
            Err(NoToken::HighLevel(error)) => return Err(error.into()),
            Err(NoToken::Database(error)) => return Err(error.into()),
            // Without a working integration nothing can be searched; there may be one an hour later.
            Err(_) => return again(worker, item).await,
        };
        let last = found.len() < 100;
        extra.extend(found.into_iter().filter_map(|location| {
            let (effect, _) =
                given_up.markers.iter().find(|(_, marker)| location_markers::carries(&location, marker))?;
            (Some(&location.id) != given_up.location.as_ref()).then_some((*effect, location.id))
        }));
        if last {
            break;
        }
    }
    let mut tx = agency_tx(worker, agency).await?;
    for (effect, location) in extra {
        rows::record_late_location(&mut tx, job, effect, &location, worker.me).await?;
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
        worker.time_scale.of(hours(1)),
    )
    .await?;
    Ok(tx.commit().await?)
}
