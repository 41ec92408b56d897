//! Table of all background jobs: what each does, how long one may take and how often it is retried. Change these values
//! here. How many run at once is said by the rows of the queues (`store::queue::limits`). The steps of a provisioning job
//! have their own table in `provisioning/plan.rs`.

use std::time::Duration;

use domain::work::Kind;
use outbound::Boxed;
use store::queue::Claimed;

use crate::Worker;
pub use crate::failed::Failed;
use crate::integrations::{health, imports, locations, renewals, resume, snapshots, uninstall};
use crate::time_scale::{hours, minutes, secs};
use crate::{
    assistant, channels, clients, late_markers, mailing, messages, sweep, todo_checks, tool_servers, webhooks,
};

/// One kind of background work.
pub struct BackgroundJob {
    /// The kind.
    pub kind: Kind,
    /// Maximum duration of one run.
    pub deadline: Duration,
    /// Maximum number of attempts. After the last one the item moves to the dead queue, where a person sees it.
    pub tries: i32,
    /// Base of the back-off between attempts.
    pub base: Duration,
    /// Interval after a successful run, for recurring work.
    pub again: Option<Duration>,
    /// The function that does the work.
    pub run: for<'a> fn(&'a Worker, &'a Claimed) -> Boxed<'a, Result<(), Failed>>,
}

/// All kinds except provisioning jobs, which schedule their own retries.
pub const BACKGROUND_JOBS: &[BackgroundJob] = &[
    background_job(Kind::RefreshCredential, minutes(5), 8, secs(5), None, |worker, item| {
        Box::pin(renewals::renew(worker, item))
    }),
    background_job(Kind::CheckIntegration, minutes(2), 5, secs(10), None, |worker, item| {
        Box::pin(health::check(worker, item))
    }),
    background_job(Kind::SyncSnapshots, minutes(2), 5, secs(10), None, |worker, item| {
        Box::pin(snapshots::sync(worker, item))
    }),
    background_job(Kind::SyncLocations, minutes(5), 5, secs(10), None, |worker, item| {
        Box::pin(locations::sync(worker, item))
    }),
    background_job(Kind::ImportLocations, minutes(15), 30, secs(10), None, |worker, item| {
        Box::pin(imports::import(worker, item))
    }),
    background_job(Kind::UninstallApp, minutes(2), 18, secs(10), None, |worker, item| {
        Box::pin(uninstall::uninstall(worker, item))
    }),
    background_job(Kind::ResumeJobs, minutes(15), 8, secs(5), None, |worker, item| {
        Box::pin(resume::resume(worker, item))
    }),
    background_job(Kind::UpdateLocation, minutes(4), 18, secs(10), None, |worker, item| {
        Box::pin(clients::update_location(worker, item))
    }),
    background_job(Kind::OffboardBusiness, minutes(2), 8, secs(5), None, |worker, item| {
        Box::pin(clients::offboard(worker, item))
    }),
    background_job(Kind::SweepMarkers, minutes(2), 50, minutes(2), None, |worker, item| {
        Box::pin(late_markers::sweep(worker, item))
    }),
    background_job(Kind::CheckTodos, minutes(2), 5, secs(30), None, |worker, item| {
        Box::pin(todo_checks::check(worker, item))
    }),
    // A mail server may be unavailable for hours.
    background_job(Kind::SendMail, minutes(2), 200, secs(10), None, |worker, item| {
        Box::pin(mailing::send(worker, item))
    }),
    background_job(Kind::QueueWebhooks, minutes(2), 50, secs(5), None, |worker, item| {
        Box::pin(webhooks::queue(worker, item))
    }),
    // A delivery counts its own attempts; these are for faults of ours.
    background_job(Kind::SendWebhook, minutes(1), 200, secs(10), None, |worker, item| {
        Box::pin(webhooks::send(worker, item))
    }),
    background_job(Kind::SetUpChannel, minutes(3), 30, secs(5), None, |worker, item| {
        Box::pin(channels::set_up(worker, item))
    }),
    background_job(Kind::CheckChannel, minutes(2), channels::CHECK_TRIES, secs(30), None, |worker, item| {
        Box::pin(channels::check(worker, item))
    }),
    background_job(Kind::LeaveChannel, minutes(2), channels::LEAVE_TRIES, secs(10), None, |worker, item| {
        Box::pin(channels::leave(worker, item))
    }),
    // Each item of a body counts its own attempts; these are for outages.
    background_job(Kind::ReceiveMessages, minutes(5), 50, secs(2), None, |worker, item| {
        Box::pin(messages::receive(worker, item))
    }),
    // A message counts its own attempts; these are for faults of ours.
    background_job(Kind::SendMessages, minutes(4), 50, secs(2), None, |worker, item| {
        Box::pin(messages::send(worker, item))
    }),
    background_job(Kind::FetchMedia, minutes(3), 10, secs(5), None, |worker, item| {
        Box::pin(messages::fetch_media(worker, item))
    }),
    background_job(Kind::SyncTemplates, minutes(2), 6, secs(10), None, |worker, item| {
        Box::pin(messages::sync_templates(worker, item))
    }),
    // After the last try people answer instead.
    background_job(Kind::AnswerConversation, minutes(2), assistant::TRIES, secs(4), None, |worker, item| {
        Box::pin(assistant::answer(worker, item))
    }),
    // The last try records why a source could not be read.
    background_job(Kind::ReadKnowledge, minutes(3), assistant::SOURCE_TRIES, secs(20), None, |worker, item| {
        Box::pin(assistant::read_source(worker, item))
    }),
    // After the last try the question counts as not tried.
    background_job(Kind::RehearseCase, minutes(2), assistant::TRIES, secs(4), None, |worker, item| {
        Box::pin(assistant::rehearse(worker, item))
    }),
    // What a server answers, or that it does not, is stored; these tries are for faults of ours.
    background_job(Kind::ProbeToolServer, minutes(2), 5, secs(10), None, |worker, item| {
        Box::pin(tool_servers::probe(worker, item))
    }),
    // Periodic jobs have their own table, `periodic`. A process of the previous version requests them with this
    // kind.
    background_job(Kind::Sweep, hours(2), 3, secs(10), None, |worker, item| Box::pin(sweep::sweep(worker, item))),
];

const fn background_job(
    kind: Kind,
    deadline: Duration,
    tries: i32,
    base: Duration,
    again: Option<Duration>,
    run: for<'a> fn(&'a Worker, &'a Claimed) -> Boxed<'a, Result<(), Failed>>,
) -> BackgroundJob {
    BackgroundJob { kind, deadline, tries, base, again, run }
}

/// Returns the row of a kind, or `None` for provisioning jobs.
#[must_use]
pub fn of(kind: Kind) -> Option<&'static BackgroundJob> {
    BACKGROUND_JOBS.iter().find(|background_job| background_job.kind == kind)
}

#[cfg(test)]
mod tests {
    use domain::work::Provider;

    use super::*;
    use crate::retry;

    #[test]
    fn every_kind_but_jobs_has_one_row() {
        for kind in Kind::ALL {
            let rows = BACKGROUND_JOBS.iter().filter(|background_job| background_job.kind == kind).count();
            assert_eq!(rows, usize::from(kind != Kind::RunJob), "{kind:?}");
        }
    }
    /// What reads is asked for again by a schedule or a person, and a file waits while its platform keeps it.
    #[test]
    fn no_write_is_given_up_in_an_outage_of_a_quarter_of_an_hour() {
        let reads = [
            Kind::RefreshCredential,
            Kind::CheckIntegration,
            Kind::SyncSnapshots,
            Kind::SyncLocations,
            Kind::CheckTodos,
            Kind::CheckChannel,
            Kind::SyncTemplates,
            Kind::FetchMedia,
        ];
        for background_job in BACKGROUND_JOBS.iter().filter(|background_job| !reads.contains(&background_job.kind)) {
            if matches!(background_job.kind.provider(), Some(Provider::HighLevel | Provider::Meta)) {
                let failures = 1..u32::try_from(background_job.tries).unwrap();
                let usual = failures.map(|failures| retry::bound(background_job.base, failures)).sum::<Duration>() / 2;
                assert!(usual >= minutes(15), "{:?}: {usual:?}", background_job.kind);
            }
        }
    }
}
