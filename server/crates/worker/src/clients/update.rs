//! Tells HighLevel of a change to a client. A write is a row before it is sent. While nobody knows whether it happened,
//! nothing else is sent: the location is read until it shows the change, or until the write can be under way no longer.

use std::sync::Arc;
use std::time::Duration;

use domain::{AgencyId, BusinessId, EffectId};
use ghl::locations::{self, Location, LocationChange};
use ghl::{Error, Verdict};
use outbound::CallContext;
use store::businesses::{self, Sendable};
use store::queue::Claimed;

use super::location_change::Wanted;
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::{NoToken, ask_company, tenant_tx};
use crate::provisioning::plan::CALL;
use crate::provisioning::step::is_gone;
use crate::time_scale::{minutes, secs};

/// How long after it was sent no part of a write can be under way any more.
const SETTLE: Duration = secs(120);

/// How long a change waits for a job of the client, and for a connection, before it looks again.
const WAIT: Duration = minutes(5);

/// How long a change waits for another run of the same change.
const BESIDE: Duration = secs(5);

const CHECKING: &str = "Checking whether HighLevel took the change.";
const DISCONNECTED: &str = "Waiting until HighLevel is connected again.";
const SUSPENDED: &str = "Waiting: HighLevel has paused this account.";
const GONE: &str = "HighLevel doesn't know this sub-account any more. Was it deleted there?";

/// One change that is told.
struct Telling<'a> {
    worker: &'a Worker,
    agency: AgencyId,
    business: BusinessId,
    sendable: Sendable,
    about: CallContext,
}

/// Tells HighLevel of the last change to a client, if it has not been told yet.
pub async fn update_location(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(business)) = (item.agency, item.subject.map(BusinessId)) else { return Ok(()) };
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    let sendable = businesses::sendable(&mut tx, business).await?;
    tx.commit().await?;
    let Some(sendable) = sendable else { return Ok(()) };
    let about = CallContext { agency: Some(agency.0), business: Some(business.0), ..CallContext::default() };
    Telling { worker, agency, business, sendable, about }.tell().await
}

impl Telling<'_> {
    async fn tell(self) -> Result<(), Failed> {
        if let Some(number) = self.sendable.job {
            if self.sendable.is_job_left {
                return self.failed(&format!("Job #{number} failed. Cancel or retry it, then send this again.")).await;
            }
            return self.wait(&format!("Waiting for job #{number} to end."), WAIT).await;
        }
        let shown = match self.read().await {
            Ok(shown) => shown,
            Err(why) => return self.not_reached(why).await,
        };
        let wanted = Wanted::of(&self.sendable, &shown);
        if let Some(left) = self.settle(&wanted, &shown).await? {
            return self.wait(CHECKING, left).await;
        }
        if wanted.is_shown(&shown) {
            return self.done(&wanted, None).await;
        }
        // The deadline starts before the record is written. Other workers count from the record, so nothing is sent
        // after they have given the write up.
        let deadline = self.worker.deadline(CALL);
        let Some(effect) = self.record(&wanted).await? else { return self.wait(CHECKING, BESIDE).await };
        if self.worker.is_over(&deadline) {
            self.decide(effect, false).await?;
            return Err(Failed::held("the write was not sent in time", secs(1)));
        }
        match deadline.bounds(self.send(&wanted.change)).await {
            Ok(_) => self.done(&wanted, Some(effect)).await,
            Err(NoToken::HighLevel(error)) => self.refused(&wanted, effect, error).await,
            Err(why) => {
                self.decide(effect, false).await?;
                self.not_reached(why).await
            }
        }
    }

    async fn read(&self) -> Result<Location, NoToken> {
        ask_company(self.worker, self.agency, &self.about, &self.sendable.location, |company_call| {
            Box::pin(locations::get(company_call.ghl, company_call.call, company_call.subject))
        })
        .await
    }

    async fn send(&self, change: &LocationChange) -> Result<Location, NoToken> {
        let change = Arc::new(change.clone());
        ask_company(self.worker, self.agency, &self.about, &self.sendable.location, move |company_call| {
            let change = LocationChange { company_id: company_call.company.to_owned(), ..(*change).clone() };
            Box::pin(async move {
                locations::update(company_call.ghl, company_call.call, company_call.subject, &change).await
            })
        })
        .await
    }

    /// Decides about the writes of which nobody knows whether they happened. Returns how long to wait if one of them can
    /// still be under way.
    async fn settle(&self, wanted: &Wanted, shown: &Location) -> Result<Option<Duration>, Failed> {
        let mut tx = tenant_tx(self.worker, self.agency, Some(self.business)).await?;
        let mut wait = None;
        for doubtful in businesses::doubtful_writes(&mut tx).await? {
            if doubtful.request_hash == wanted.hash() && wanted.is_shown(shown) {
                businesses::confirm_write(&mut tx, doubtful.effect).await?;
            } else if doubtful.settles_in.is_zero() {
                businesses::mark_absent(&mut tx, doubtful.effect).await?;
            } else {
                wait = wait.max(Some(doubtful.settles_in));
            }
        }
        tx.commit().await?;
        Ok(wait)
    }

    /// Records the write. `None` if it may not be sent now.
    async fn record(&self, wanted: &Wanted) -> Result<Option<EffectId>, Failed> {
        let (worker, Sendable { version, location, .. }) = (self.worker, &self.sendable);
        let mut tx = tenant_tx(worker, self.agency, Some(self.business)).await?;
        let settle = worker.time_scale.guard(SETTLE);
        let effect = businesses::record_write(&mut tx, *version, location, wanted.hash(), worker.me, settle).await?;
        tx.commit().await?;
        Ok(effect)
    }

    /// The write was answered with an error. No answer proves that nothing happened, so the location is read.
    async fn refused(&self, wanted: &Wanted, effect: EffectId, error: Error) -> Result<(), Failed> {
        match error.verdict() {
            Verdict::NotExecuted => {
                self.decide(effect, false).await?;
                return Err(error.into());
            }
            Verdict::Refused | Verdict::Unknown => {}
        }
        match self.read().await {
            Ok(shown) if wanted.is_shown(&shown) => self.done(wanted, Some(effect)).await,
            Ok(_) if error.verdict() == Verdict::Refused => {
                self.decide(effect, false).await?;
                self.failed(&format!("HighLevel rejected the change: {}.", error.message.trim_end_matches('.'))).await
            }
            // It stays in doubt, and the next run looks again before it sends anything.
            Ok(_) | Err(_) => Err(error.into()),
        }
    }

    async fn not_reached(&self, why: NoToken) -> Result<(), Failed> {
        match why {
            NoToken::NotConnected | NoToken::NeedsReauth | NoToken::Inactive(_) => self.wait(DISCONNECTED, WAIT).await,
            NoToken::Suspended => self.wait(SUSPENDED, WAIT).await,
            NoToken::HighLevel(error) if is_gone(&error) => self.failed(GONE).await,
            NoToken::HighLevel(error) if error.passes() || error.kind == ghl::Kind::Unauthorised => Err(error.into()),
            NoToken::HighLevel(error) => self.failed(&format!("{}.", error.to_string().trim_end_matches('.'))).await,
            NoToken::Database(error) => Err(error.into()),
        }
    }

    async fn decide(&self, effect: EffectId, happened: bool) -> Result<(), Failed> {
        let mut tx = tenant_tx(self.worker, self.agency, Some(self.business)).await?;
        match happened {
            true => businesses::confirm_write(&mut tx, effect).await?,
            false => businesses::refuse_write(&mut tx, effect).await?,
        }
        Ok(tx.commit().await?)
    }

    /// HighLevel knows of the change. A newer one has its own work, or is told by the next run of this one.
    async fn done(&self, wanted: &Wanted, effect: Option<EffectId>) -> Result<(), Failed> {
        if let Some(effect) = effect {
            self.decide(effect, true).await?;
        }
        let mut tx = tenant_tx(self.worker, self.agency, Some(self.business)).await?;
        match businesses::finish_update(&mut tx, self.business, self.sendable.version, wanted.note.as_deref()).await {
            Err(store::Error::Stale) => return Err(Failed::held("it was changed again meanwhile", secs(1))),
            done => done?,
        }
        Ok(tx.commit().await?)
    }

    async fn failed(&self, why: &str) -> Result<(), Failed> {
        let (agency, business) = (self.agency, self.business);
        tracing::warn!(event = "business.update_failed", %agency, %business, why, "HighLevel did not take a change");
        let mut tx = tenant_tx(self.worker, agency, Some(business)).await?;
        businesses::fail_update(&mut tx, business, Some(self.sendable.version), why).await?;
        Ok(tx.commit().await?)
    }

    async fn wait(&self, why: &str, wait: Duration) -> Result<(), Failed> {
        let mut tx = tenant_tx(self.worker, self.agency, Some(self.business)).await?;
        businesses::wait_with_update(&mut tx, self.business, self.sendable.version, why).await?;
        tx.commit().await?;
        Err(Failed::held(why, wait))
    }
}
