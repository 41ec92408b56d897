//! Which tool processes run on this server, and who gets the one that is needed?

mod allowed;
mod room;
mod shown;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::AgencyId;
use operations::tools::RemoteTool;
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::room::Place;
use crate::child::{About, Child, Lease};
use crate::error::CallError;
use crate::launch::Launch;
use crate::limits::{Limits, back_off};
use crate::spec::{Credentials, Fingerprint, ProcessKey, ServerSpec, fingerprint};

/// All tool processes of this server. A clone shares them.
#[derive(Clone)]
pub struct Processes {
    inner: Arc<Inner>,
}

struct Inner {
    /// The id of this server among those that run processes.
    host: Uuid,
    limits: Limits,
    launcher: Arc<dyn Launch>,
    slots: Mutex<HashMap<ProcessKey, Slot>>,
    /// Every process that is not gone yet, by its number. It may be locked while `slots` is, never the other way round.
    living: Mutex<BTreeMap<u64, Arc<Child>>>,
    room: Arc<Semaphore>,
    /// What is left of the part of each agency that has a process. It is locked for itself alone.
    shares: Mutex<HashMap<AgencyId, Arc<Semaphore>>>,
    /// Somebody who waits for room may find it.
    freed: Arc<Notify>,
    /// A process came to be.
    begun: Notify,
    last: AtomicU64,
}

/// What is known of a tool server of one business. It is forgotten when nothing runs and nothing went wrong.
#[derive(Default)]
struct Slot {
    child: Option<Arc<Child>>,
    /// Held while a process starts, so that everybody who needs one waits for the same start.
    gate: Arc<tokio::sync::Mutex<()>>,
    name: String,
    starts: u64,
    crashes: u32,
    crashed_at: Option<Instant>,
}

impl Slot {
    /// How long a start has to wait. `None` if it need not.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let until = self.crashed_at? + back_off(self.crashes);
        Some(until.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
    }

    /// Its process ended by itself. One that was healthy for long enough begins a new count.
    fn lost(&mut self, child: &Child, stable: Duration, now: Instant) {
        if now.saturating_duration_since(child.started) >= stable {
            self.recovered();
        }
        self.crashed(1, now);
        metrics::counter!("tool_process_crashes_total").increment(1);
    }

    fn crashed(&mut self, weight: u32, now: Instant) {
        self.crashes = (self.crashes + 1).max(weight);
        self.crashed_at = Some(now);
    }

    fn recovered(&mut self) {
        (self.crashes, self.crashed_at) = (0, None);
    }
}

impl Processes {
    /// None runs yet.
    #[must_use]
    pub fn new(limits: Limits, launcher: Arc<dyn Launch>) -> Self {
        let room = Arc::new(Semaphore::new(limits.processes));
        let (slots, living, shares, freed) = (Mutex::default(), Mutex::default(), Mutex::default(), Arc::default());
        let (host, begun, last) = (Uuid::now_v7(), Notify::new(), AtomicU64::new(0));
        Self { inner: Arc::new(Inner { host, limits, launcher, slots, living, room, shares, freed, begun, last }) }
    }

    /// The tools of a server, under the names that it gives them, whatever their schemas are. The answer is remembered while
    /// the process runs and does not say that they changed.
    ///
    /// # Errors
    /// Why it could not be asked.
    pub async fn list(&self, spec: &ServerSpec, credentials: &Credentials) -> Result<Vec<RemoteTool>, CallError> {
        let deadline = Instant::now() + self.inner.limits.start * 2;
        let asked = async {
            match self.list_once(spec, credentials).await {
                // Asking changes nothing, so a process that just ended is asked again.
                Err(CallError::Ended) => self.list_once(spec, credentials).await,
                answer => answer,
            }
        };
        timeout_at(deadline, asked).await.unwrap_or(Err(CallError::TimedOut))
    }

    async fn list_once(&self, spec: &ServerSpec, credentials: &Credentials) -> Result<Vec<RemoteTool>, CallError> {
        self.inner.lease(spec, credentials).await?.list().await
    }

    /// As [`Self::list`], and the process ends with the answer: nothing is kept of it.
    ///
    /// # Errors
    /// Why it could not be asked.
    pub async fn probe(&self, spec: &ServerSpec, credentials: &Credentials) -> Result<Vec<RemoteTool>, CallError> {
        let found = self.list(spec, credentials).await;
        let child = self.inner.slots().get_mut(&spec.key).and_then(|slot| slot.child.take());
        if let Some(child) = child {
            child.stop();
        }
        found
    }

    /// Calls a tool by the name that the server gives it. The result is that of `tools/call`: data of somebody else, never an
    /// instruction. Dropping this cancels the call.
    ///
    /// # Errors
    /// Why there is no result. After `TimedOut`, `Ended` and `TooLarge` the tool may have done its work.
    pub async fn call(
        &self,
        spec: &ServerSpec,
        credentials: &Credentials,
        name: &str,
        arguments: Value,
        timeout: Duration,
    ) -> Result<Value, CallError> {
        let answer = self.call_until(spec, credentials, (name, arguments), Instant::now() + timeout).await;
        let outcome = answer.as_ref().map_or_else(CallError::key, |_| "done");
        metrics::counter!("tool_process_calls_total", "outcome" => outcome).increment(1);
        answer
    }

    async fn call_until(
        &self,
        spec: &ServerSpec,
        credentials: &Credentials,
        (name, arguments): (&str, Value),
        deadline: Instant,
    ) -> Result<Value, CallError> {
        let leased = timeout_at(deadline, self.inner.lease(spec, credentials)).await;
        let lease = leased.unwrap_or(Err(CallError::TimedOut))?;
        let answer = timeout_at(deadline, lease.call(name, arguments)).await.unwrap_or(Err(CallError::TimedOut));
        lease.note(!matches!(answer, Err(CallError::TimedOut)));
        answer
    }

    /// Ends idle processes until `stopping`, then all.
    pub async fn run(&self, stopping: CancellationToken) {
        let mut tick = tokio::time::interval(self.inner.limits.sweep);
        while stopping.run_until_cancelled(tick.tick()).await.is_some() {
            self.inner.sweep();
            self.inner.end_hoarders().await;
        }
        self.close().await;
    }

    /// Ends all processes and waits until they are gone. No other one is started.
    pub async fn close(&self) {
        self.inner.room.close();
        let all: Vec<Arc<Child>> = self.inner.living().values().cloned().collect();
        for child in &all {
            child.stop();
        }
        for child in &all {
            child.gone().await;
        }
    }
}

impl Inner {
    fn slots(&self) -> MutexGuard<'_, HashMap<ProcessKey, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn living(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Child>>> {
        self.living.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process that serves this business with these credentials: the one that runs, or a new one.
    async fn lease(self: &Arc<Self>, spec: &ServerSpec, credentials: &Credentials) -> Result<Lease, CallError> {
        let wanted = fingerprint(spec, credentials);
        let (running, gate) = self.running(spec, &wanted);
        if let Some(lease) = running {
            return Ok(lease);
        }
        let held = gate.lock_owned().await;
        if let (Some(lease), _) = self.running(spec, &wanted) {
            return Ok(lease);
        }
        self.make_way(spec.key);
        if let Some(retry_after) = self.slots().get(&spec.key).and_then(|slot| slot.wait(Instant::now())) {
            return Err(CallError::BackingOff { retry_after });
        }
        // A task of its own: the others wait for this start, too, when the first who asked goes away.
        let (inner, spec, credentials) = (Arc::clone(self), spec.clone(), credentials.clone());
        let started = tokio::spawn(async move {
            let lease = inner.start(&spec, &credentials, wanted).await;
            drop(held);
            lease
        });
        started.await.unwrap_or_else(|_| Err(CallError::NotStarted("the start was interrupted".to_owned())))
    }

    fn running(&self, spec: &ServerSpec, wanted: &Fingerprint) -> (Option<Lease>, Arc<tokio::sync::Mutex<()>>) {
        let mut slots = self.slots();
        let slot = slots.entry(spec.key).or_default();
        slot.name.clone_from(&spec.name);
        let child = slot.child.as_ref().filter(|child| child.about.fingerprint == *wanted);
        (child.and_then(|child| child.lease(&self.freed)), Arc::clone(&slot.gate))
    }

    async fn start(
        self: &Arc<Self>,
        spec: &ServerSpec,
        credentials: &Credentials,
        wanted: Fingerprint,
    ) -> Result<Lease, CallError> {
        let place = self.find_room(spec.agency).await?;
        let started = self.launch(spec, credentials, wanted, place).await;
        let mut slots = self.slots();
        let slot = slots.entry(spec.key).or_default();
        let lease = started.and_then(|child| {
            let lease = child.lease(&self.freed).ok_or(CallError::Ended)?;
            slot.child = Some(child);
            slot.starts += 1;
            Ok(lease)
        });
        if let Err(error) = &lease {
            slot.crashed(2, Instant::now());
            metrics::counter!("tool_process_failed_starts_total").increment(1);
            let (tenant_id, server) = (spec.key.business, spec.key.server);
            tracing::warn!(event = "tool_process.not_started", %tenant_id, %server, %error, "a tool process could not be started");
            // Where no process came to be, none ends, and its place is free.
            self.freed.notify_waiters();
        }
        lease
    }

    async fn launch(
        self: &Arc<Self>,
        spec: &ServerSpec,
        credentials: &Credentials,
        fingerprint: Fingerprint,
        place: Place,
    ) -> Result<Arc<Child>, CallError> {
        let late = || CallError::NotStarted("it gave no first answer in time".to_owned());
        let launched = timeout(self.limits.start, self.launcher.launch(spec, credentials)).await.map_err(|_| late())?;
        let launched = launched.map_err(|error| CallError::NotStarted(error.to_string()))?;
        let (number, key) = (self.last.fetch_add(1, Ordering::SeqCst) + 1, spec.key);
        let secret = credentials.access_token.clone();
        let (agency, name) = (spec.agency, spec.name.clone());
        let about = About { number, key, agency, name, fingerprint, secret };
        let inner = Arc::downgrade(self);
        let on_end = move |how: &str| {
            if let Some(inner) = inner.upgrade() {
                inner.ended(number, key, how);
            }
        };
        let (child, life) = Child::begin(about, launched, self.limits, place, on_end);
        self.living().insert(number, Arc::clone(&child));
        if self.room.is_closed() {
            child.stop();
        }
        self.begun.notify_one();
        self.count();
        metrics::counter!("tool_process_starts_total").increment(1);
        tokio::spawn(life);
        let greeted = timeout(self.limits.start, child.greet()).await.unwrap_or_else(|_| Err(late()));
        if let Err(error) = greeted {
            child.stop();
            return Err(match error {
                CallError::Ended => CallError::NotStarted("it ended before its first answer".to_owned()),
                CallError::Malformed => CallError::NotStarted("it speaks another version of the protocol".to_owned()),
                other => other,
            });
        }
        Ok(child)
    }

    /// A process is gone. Whatever was still to be used ended by itself.
    fn ended(&self, number: u64, key: ProcessKey, how: &str) {
        self.living().remove(&number);
        self.count();
        let now = Instant::now();
        let mut slots = self.slots();
        let slot = slots.get_mut(&key);
        if let Some(slot) = slot
            && let Some(child) = slot.child.take_if(|child| child.about.number == number)
        {
            slot.lost(&child, self.limits.stable, now);
            let (tenant_id, server, crashes) = (key.business, key.server, slot.crashes);
            tracing::warn!(event = "tool_process.ended", %tenant_id, %server, crashes, how, "a tool process ended by itself");
        }
        drop(slots);
        self.freed.notify_waiters();
    }

    /// A process that has an older token or an older command ends with its last call. One that does not read or answer is
    /// ending by itself.
    fn make_way(&self, key: ProcessKey) {
        let mut slots = self.slots();
        if let Some(slot) = slots.get_mut(&key)
            && let Some(child) = slot.child.take()
        {
            if child.failed() {
                slot.lost(&child, self.limits.stable, Instant::now());
            }
            child.retire();
        }
    }

    /// Tells how many processes run.
    fn count(&self) {
        metrics::gauge!("active_children").set(self.living().len() as f64);
    }
}
