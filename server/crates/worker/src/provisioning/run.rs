//! One claimed job in this worker: its HighLevel credentials, its transactions and the only function that writes
//! outside. A write is recorded as IN_DOUBT before its first byte leaves ([`Run::send`]). It runs in its own task, so a
//! worker that loses its claim during the call still stores the id that HighLevel returns.

use domain::identity::Reach;
use domain::provisioning::{LogLevel, Step, StepStatus};
use domain::{AgencyId, BusinessId, EffectId, StepId};
use ghl::Verdict;
use ghl::users::User;
use outbound::{CallContext, Priority};
use secrecy::SecretString;
use serde_json::Value;
use std::time::Duration;
use store::provisioning::{self as rows, Begun, NewEffect, Running, Source};
use store::{Scope, TenantTx};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::ghl_access::GhlAccess;
use super::plan::{CALL, FIRST_LOOK, SETTLE};
use super::planned_write::{PlannedWrite, Sent};
use super::step::Stop;
use crate::integrations::tokens::{self, NoToken};
use crate::kill_points::KillPoint;
use crate::{Worker, retry};

/// Maximum pause between attempts to store an answer. Pauses double up to this: half a minute in all, within the
/// lease.
const OBSERVE_FOR: Duration = Duration::from_secs(15);

/// A claimed job and everything needed to run it.
pub struct Run {
    /// The worker that runs the job.
    pub worker: Worker,
    /// The job as it was claimed, updated as steps end.
    pub job: Running,
    /// The current step.
    pub step: Step,
    /// The current attempt at the step.
    pub begun: Option<Begun>,
    /// True if the job is being undone.
    pub undoing: bool,
    /// The order's people whom HighLevel knew at the check a moment ago, so that the step need not ask again.
    pub people: Option<Vec<User>>,
    /// Cancelled when the process was asked to stop.
    stopping: CancellationToken,
    company: Option<GhlAccess>,
    /// The location's token was used since the last renewal, so it may be the one that was refused.
    used_location_token: bool,
    /// The next location token is minted anew even if one is stored.
    remint: bool,
    /// A location token was minted anew because of a missing permission; this happens only once.
    minted_anew: bool,
}

/// The process was suspended between recording and sending the write, for longer than other workers wait. The
/// outcome is certain, because nothing was sent.
fn never_sent(planned: &PlannedWrite) -> ghl::Error {
    ghl::Error {
        kind: ghl::Kind::Down,
        operation: planned.kind,
        doing: "sending a write",
        status: None,
        request_id: None,
        message: "this worker stood still for too long, so nothing was sent".into(),
    }
}

/// Stores the id from an answer. It exists nowhere else, so this retries for as long as no other worker may decide
/// about the job. Storing it twice gives one row.
async fn observe(worker: &Worker, agency: AgencyId, effect: EffectId, id: &str) -> store::Result<()> {
    let mut pause = Duration::from_millis(100);
    loop {
        let written = async {
            let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
            let mut tx = TenantTx::begin(&worker.db, scope).await?;
            rows::observe(&mut tx, effect, Source::Answer, id, worker.me).await?;
            tx.commit().await
        };
        match written.await {
            Err(store::Error::Db(error)) if pause < OBSERVE_FOR => {
                tracing::warn!(%effect, %error, "an answer cannot be written down yet; trying again");
                tokio::time::sleep(worker.time_scale.of(pause)).await;
                pause *= 2;
            }
            done => return done,
        }
    }
}

impl Run {
    /// Creates a run for a job that was just claimed.
    #[must_use]
    pub fn new(worker: Worker, job: Running, stopping: CancellationToken) -> Self {
        Self {
            worker,
            job,
            stopping,
            step: Step::CheckPlan,
            begun: None,
            undoing: false,
            people: None,
            company: None,
            used_location_token: false,
            remint: false,
            minted_anew: false,
        }
    }

    /// Returns [`Stop::Leaving`] if the process was asked to stop, because then no new step may start.
    pub fn may_begin(&self) -> Result<(), Stop> {
        if self.stopping.is_cancelled() { Err(Stop::Leaving) } else { Ok(()) }
    }

    /// Begins a transaction in the job's agency.
    pub async fn tx(&self) -> Result<TenantTx, Stop> {
        let agency = self.job.fence.agency;
        let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
        Ok(TenantTx::begin(&self.worker.db, scope).await?)
    }

    /// Begins a transaction in the job's agency that may also write one of its businesses.
    pub async fn business_tx(&self, business: BusinessId) -> Result<TenantTx, Stop> {
        let agency = self.job.fence.agency;
        let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
        Ok(TenantTx::begin(&self.worker.db, scope).await?)
    }

    /// Commits a transaction.
    pub async fn commit(&self, tx: TenantTx) -> Result<(), Stop> {
        tx.commit().await?;
        self.kill_point(KillPoint::Written)
    }

    /// A point at which a test may kill the worker.
    pub fn kill_point(&self, point: KillPoint) -> Result<(), Stop> {
        self.worker.kill_hook.at(self.step, point)
    }

    /// Writes a line to the job's log.
    pub async fn line(&self, level: LogLevel, message: &str, details: Option<&Value>) -> Result<(), Stop> {
        let mut tx = self.tx().await?;
        rows::line(&mut tx, &self.job.fence, Some(self.step), level, message, details).await?;
        self.commit(tx).await
    }

    /// The row of a step, as it was when the job was claimed or last changed by this run.
    #[must_use]
    pub fn row(&self, step: Step) -> Option<&rows::RunningStep> {
        self.job.steps.iter().find(|row| row.step == step)
    }

    /// The output of a step, which later steps read.
    #[must_use]
    pub fn output(&self, step: Step) -> Value {
        self.row(step).map(|row| row.output.clone()).unwrap_or_default()
    }

    /// Updates the current step's output in memory.
    pub fn keep_output(&mut self, output: Value) {
        let step = self.step;
        if let Some(row) = self.job.steps.iter_mut().find(|row| row.step == step) {
            row.output = output;
        }
    }

    /// What a person answered or requested for the current step.
    #[must_use]
    pub fn input(&self) -> Value {
        self.row(self.step).map(|row| row.input.clone()).unwrap_or_default()
    }

    /// Updates a step's status and output in memory.
    pub fn mark(&mut self, step: Step, status: StepStatus, output: Option<Value>) {
        if let Some(row) = self.job.steps.iter_mut().find(|row| row.step == step) {
            row.status = Some(status);
            row.output = output.unwrap_or_else(|| row.output.take());
        }
    }

    /// How long HighLevel has been failing in the current step, in unscaled time.
    #[must_use]
    pub fn trouble(&self) -> Duration {
        let trouble = self.row(self.step).and_then(|row| row.trouble).unwrap_or_default();
        self.worker.time_scale.real(trouble)
    }

    /// Asks for a slot in the retry budget before a failed attempt is repeated. Returns [`Stop::Hold`] if many
    /// calls are being repeated already.
    pub fn may_repeat(&self) -> Result<(), Stop> {
        let failed = self.job.retries > 0 || self.row(self.step).is_some_and(|row| row.trouble.is_some());
        if !failed || self.row(self.step).is_some_and(|row| row.trying) {
            return Ok(());
        }
        let about = CallContext { agency: Some(self.job.fence.agency.0), ..CallContext::default() };
        self.worker.ghl.repeat(&about).map_err(|wait| Stop::Hold {
            reason: "Many calls to HighLevel were repeated in the last minute; this one waits its turn.".into(),
            delay: retry::after(wait),
        })
    }

    /// Duration of the current attempt, in unscaled time.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.worker.time_scale.real(self.begun.map(|begun| begun.elapsed).unwrap_or_default())
    }

    /// The location's id, which is set in every step after its creation.
    pub fn location(&self) -> Result<String, Stop> {
        self.job.location.clone().ok_or_else(|| {
            Stop::GiveUp(rows::Cause { class: "order", detail: "The sub-account is not known yet.".into() })
        })
    }

    /// HighLevel access with the agency's company token.
    pub async fn company(&mut self) -> Result<GhlAccess, Stop> {
        if let Some(ghl_access) = &self.company {
            return Ok(ghl_access.clone());
        }
        let opened = tokens::company(&self.worker, self.job.fence.agency).await.map_err(|why| why.stop(self.step))?;
        let ghl_access =
            GhlAccess { secret: Some(opened.secret), ..self.ghl_access(opened.company, opened.token, opened.scopes) };
        self.company = Some(ghl_access.clone());
        Ok(ghl_access)
    }

    /// HighLevel access with the location's token.
    pub async fn location_access(&mut self) -> Result<GhlAccess, Stop> {
        self.used_location_token = true;
        let anew = std::mem::take(&mut self.remint);
        self.open_location(anew).await
    }

    /// Opens access with the location's token. Mints one with the company token if none is stored, if it expires
    /// soon, or if `anew` is set. If HighLevel refuses the company token for that, the company token is renewed.
    async fn open_location(&mut self, anew: bool) -> Result<GhlAccess, Stop> {
        let location = self.location()?;
        let company = self.company().await?;
        // Undoing must leave no token behind, so a token minted for it is used and not stored.
        let options = tokens::LocationTokenOptions { anew, keep: !self.undoing };
        let token = match tokens::location(&self.worker, &self.job, &company, &location, options).await {
            Err(NoToken::HighLevel(error)) if error.kind == ghl::Kind::Unauthorised => {
                self.renew_company().await?;
                let company = self.company().await?;
                tokens::location(&self.worker, &self.job, &company, &location, options).await
            }
            done => done,
        };
        Ok(self.ghl_access(location, token.map_err(|why| why.stop(self.step))?, Vec::new()))
    }

    /// Returns true if the step uses the location's token and this run has not yet minted one because of a missing
    /// permission; the next token is then minted anew. A token keeps the permissions that the company had when it
    /// was minted.
    pub fn mints_anew(&mut self) -> bool {
        let works_inside = matches!(self.step, Step::FillValues | Step::Verify);
        let first = works_inside && !self.minted_anew;
        self.remint |= first;
        self.minted_anew |= first;
        first
    }

    /// Renews the refused token. If the location's token was used, a new one is minted, which also shows whether
    /// the company token is still valid. Otherwise the company token is renewed, unless somebody renewed it since
    /// this job read it.
    pub async fn renew(&mut self) -> Result<(), Stop> {
        if std::mem::take(&mut self.used_location_token) {
            // A job that is being undone stores no token, so the next one must be minted too.
            self.remint = self.undoing;
            return self.open_location(true).await.map(drop);
        }
        self.renew_company().await
    }

    async fn renew_company(&mut self) -> Result<(), Stop> {
        let Some(refused) = self.company.take().and_then(|ghl_access| ghl_access.secret) else { return Ok(()) };
        tokens::renew(&self.worker, self.job.fence.agency, refused).await.map_err(|why| why.stop(self.step))
    }

    fn ghl_access(&self, resource: String, token: SecretString, scopes: Vec<String>) -> GhlAccess {
        let about = CallContext {
            agency: Some(self.job.fence.agency.0),
            business: self.job.business.map(|id| id.0),
            job: Some(self.job.fence.job.0),
            priority: Priority::Background,
            ..CallContext::default()
        };
        GhlAccess { ghl: self.worker.ghl.clone(), resource, scopes, secret: None, token, about }
    }

    /// Writes to HighLevel. The inner error is a refusal by HighLevel. A write with an uncertain outcome stays
    /// IN_DOUBT and is searched for.
    pub async fn send<T, F>(
        &mut self,
        planned: PlannedWrite,
        id: fn(&T) -> String,
        call: F,
    ) -> Result<Result<Sent, ghl::Error>, Stop>
    where
        T: Send + 'static,
        F: Future<Output = ghl::Result<T>> + Send + 'static,
    {
        self.kill_point(KillPoint::C1)?;
        // The deadline starts before the record is written. Other workers count from the record, so nothing is
        // sent after they have given the write up.
        let deadline = self.worker.deadline(CALL);
        let effect = self.open(&planned).await?;
        self.kill_point(KillPoint::C2)?;
        let outcome = if self.worker.is_over(&deadline) {
            Err(never_sent(&planned))
        } else {
            self.in_own_task(effect, planned.about.clone(), id, deadline.bounds(call)).await?
        };
        match outcome {
            Ok(sent) => Ok(Ok(sent)),
            Err(error) if error.verdict() == Verdict::Unknown => {
                let line = format!(
                    "HighLevel gave no clear answer ({}). Checking what it did before anything is repeated.",
                    error.message
                );
                self.line(LogLevel::Warn, &line, None).await?;
                Err(Stop::wait("HighLevel didn't answer in time. Checking what it did.", FIRST_LOOK))
            }
            Err(error) => {
                let mut tx = self.tx().await?;
                match error.status {
                    // An answer other than success does not prove that nothing happened.
                    Some(status) => {
                        rows::record_failed_response(&mut tx, &self.job.fence, effect, status, !planned.shows_late)
                            .await?;
                    }
                    None => rows::refuse(&mut tx, &self.job.fence, effect).await?,
                }
                self.commit(tx).await?;
                Ok(Err(error))
            }
        }
    }

    async fn open(&self, planned: &PlannedWrite) -> Result<EffectId, Stop> {
        let effect: EffectId = store::new_id();
        let new = NewEffect {
            id: effect,
            kind: planned.kind,
            marker: &planned.marker,
            marked_in: planned.marked_in,
            request_hash: planned.hash(),
            provider_ref: planned.about.as_deref(),
            step: self.row(self.step).map_or(StepId(uuid::Uuid::nil()), |row| row.id),
            settle: self.worker.time_scale.guard(SETTLE),
        };
        let mut tx = self.tx().await?;
        if !rows::record_write(&mut tx, &self.job.fence, &new, self.undoing).await? {
            return Err(Stop::Cancel);
        }
        self.commit(tx).await?;
        Ok(effect)
    }

    /// Makes the call in its own task and stores the id, even if the claim is lost meanwhile.
    async fn in_own_task<T, F>(
        &self,
        effect: EffectId,
        known: Option<String>,
        id: fn(&T) -> String,
        call: F,
    ) -> Result<ghl::Result<Sent>, Stop>
    where
        T: Send + 'static,
        F: Future<Output = ghl::Result<T>> + Send + 'static,
    {
        let agency = self.job.fence.agency;
        let (worker, step) = (self.worker.clone(), self.step);
        let work = async move {
            let answer = match call.await {
                Ok(answer) => answer,
                Err(error) => return Ok(Err(error)),
            };
            worker.kill_hook.at(step, KillPoint::C3)?;
            worker.kill_hook.at(step, KillPoint::C4)?;
            let id = known.unwrap_or_else(|| id(&answer));
            observe(&worker, agency, effect, &id).await?;
            worker.kill_hook.at(step, KillPoint::C5)?;
            Ok(Ok(Sent { effect, id }))
        };
        self.worker
            .tasks_to_finish
            .spawn(work.in_current_span())
            .await
            .unwrap_or_else(|panic| Err(Stop::again("panic", format!("The call ended unexpectedly: {panic}"))))
    }

    /// Confirms that a write happened.
    pub async fn confirm(&self, sent: &Sent) -> Result<(), Stop> {
        let mut tx = self.tx().await?;
        rows::confirm(&mut tx, &self.job.fence, sent.effect, &sent.id).await?;
        self.commit(tx).await?;
        self.kill_point(KillPoint::C6)
    }
}
