//! The simulator: one lock around the clock, world, journal and log.
//!
//! Transactions are short and never wait while they hold the lock, so they run strictly one after another. That
//! makes refresh tokens single use and rate-limit windows exact.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::{
    Config, assets,
    clock::Clock,
    demo, demo_script,
    hooks::Hooks,
    journal::{Entry, Outcome},
    knobs::Knobs,
    limits::{Limits, WINDOW_MS},
    llm::Llm,
    log::{Line, Log},
    meta,
    world::{Change, Transaction, World},
};

/// A running simulator; clones share one world.
#[derive(Clone)]
pub struct Simulator {
    /// The settings that it was started with.
    pub config: Arc<Config>,
    state: Arc<Mutex<SimulatorState>>,
}

/// Everything behind the lock.
pub(crate) struct SimulatorState {
    pub clock: Clock,
    pub world: World,
    pub limits: Limits,
    /// Receivers of the product's webhooks. They are forgotten when the simulator ends.
    pub hooks: Hooks,
    /// Requests of Meta that are on their way to apps, and the accounts they are of.
    pub sending: HashSet<String>,
    /// The chat model's orders and journal.
    pub llm: Llm,
    journal: Vec<String>,
    next: u64,
    log: Log,
}

impl Simulator {
    /// Opens the world stored in the data folder, or creates the demo world.
    pub fn open(config: Config) -> anyhow::Result<Self> {
        ensure!(config.addr.ip().is_loopback(), "the simulator listens on loopback only, not on {}", config.addr);
        let mut world = World::default();
        let mut clock = Clock::new(config.frozen, config.time_scale);
        let mut limits = Limits::default();
        let mut journal = Vec::new();
        let mut next = 1;
        let window = clock.delay(WINDOW_MS);
        let log = Log::open(&config.data_dir.join("simulator"), |line| {
            for change in line.set {
                world.apply(change)?;
            }
            next = line.next.unwrap_or(next);
            if let Some(call) = line.call {
                next = call.n + 1;
                remember(&mut limits, &call, window);
                journal.push(serde_json::to_string(&call)?);
            }
            Ok(())
        })?;
        clock.set_advanced(world.knobs().advanced_ms);
        let (hooks, sending, llm) = (Hooks::default(), HashSet::new(), Llm::default());
        let mut state = SimulatorState { clock, world, limits, hooks, sending, llm, journal, next, log };
        if state.world.companies.is_empty() {
            state.reset(&config, true).context("writing the demo world")?;
        }
        if state.world.meta_apps.is_empty() {
            state.add_meta(&config).context("adding the demo world of Meta")?;
        }
        if !state.world.locations.contains_key(demo_script::LOCATION) {
            state.add_script().context("adding the sub-account of the script")?;
        }
        if config.webhook_url.is_some() && state.world.knobs().webhook_url.is_empty() {
            state.add_webhook_url(&config).context("adding the address of the product's webhooks")?;
        }
        Ok(Self { config: Arc::new(config), state: Arc::new(Mutex::new(state)) })
    }

    /// Address of the simulator, without a slash at the end.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.config.addr)
    }

    /// Takes the lock and applies everything that is due by now.
    pub(crate) fn lock(&self) -> MutexGuard<'_, SimulatorState> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = state.settle() {
            tracing::error!(%error, "the simulator cannot write its log");
        }
        state
    }

    /// Runs a transaction that is not an API call, for example for a button or the consent screen.
    pub(crate) fn run_transaction<T, E>(
        &self,
        transaction: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, TransactionError<E>> {
        let mut state = self.lock();
        let state = &mut *state;
        let mut tx = Transaction::new(&state.world, &state.clock);
        let outcome = transaction(&mut tx).map_err(TransactionError::Refused)?;
        let done = tx.done();
        state.commit(None, done.changes).map_err(TransactionError::Disk)?;
        crate::webhooks::send_all(self, done.events);
        Ok(outcome)
    }
}

/// Why a transaction failed.
pub(crate) enum TransactionError<E> {
    /// The transaction itself was refused.
    Refused(E),
    /// The log could not be written.
    Disk(std::io::Error),
}

impl SimulatorState {
    /// Writes a transaction to the log and then applies it.
    pub fn commit(&mut self, call: Option<Entry>, set: Vec<Change>) -> std::io::Result<()> {
        if call.is_none() && set.is_empty() {
            return Ok(());
        }
        let line = Line { call, set, next: None };
        self.log.add(&line)?;
        self.apply(line.set);
        if let Some(call) = &line.call {
            self.next = call.n + 1;
            self.journal.push(serde_json::to_string(call)?);
        }
        Ok(())
    }

    fn apply(&mut self, set: Vec<Change>) {
        for change in set {
            if let Err(error) = self.world.apply(change) {
                tracing::error!(%error, "a change of the simulator does not fit its own tables");
            }
        }
        self.clock.set_advanced(self.world.knobs().advanced_ms);
    }

    /// Applies everything that is due by now.
    fn settle(&mut self) -> std::io::Result<()> {
        let mut tx = Transaction::new(&self.world, &self.clock);
        assets::apply_due_groups(&mut tx);
        meta::events::settle(&mut tx);
        let changes = tx.done().changes;
        self.commit(None, changes)
    }

    /// Resets to the demo world. Installs and credentials of demo companies and locations survive unless `all` is
    /// set.
    pub fn reset(&mut self, config: &Config, all: bool) -> std::io::Result<()> {
        let keep = if all { World::default() } else { kept_on_reset(&self.world) };
        let mut knobs = Knobs { webhook_url: config.webhook_url.clone().unwrap_or_default(), ..Knobs::default() };
        knobs.advanced_ms = self.clock.advanced_ms();
        let mut tx = Transaction::new(&keep, &self.clock);
        demo::make(&mut tx, config, knobs);
        meta::demo::make(&mut tx, config);
        let mut changes = keep.as_changes();
        changes.extend(tx.done().changes);
        let line = Line { call: None, set: changes, next: Some(self.next) };
        self.log.replace(&line)?;
        self.world = World::default();
        self.journal.clear();
        self.limits = Limits::default();
        self.apply(line.set);
        Ok(())
    }

    /// Adds the sub-account of the script to a world that was written before there was one.
    fn add_script(&mut self) -> std::io::Result<()> {
        let mut tx = Transaction::new(&self.world, &self.clock);
        demo_script::make(&mut tx);
        let changes = tx.done().changes;
        self.commit(None, changes)
    }

    /// Adds the demo world of Meta to a world that was written before there was one.
    fn add_meta(&mut self, config: &Config) -> std::io::Result<()> {
        let mut tx = Transaction::new(&self.world, &self.clock);
        meta::demo::make(&mut tx, config);
        let changes = tx.done().changes;
        self.commit(None, changes)
    }

    /// Sends webhooks to the product, in a world that was written before it took them.
    fn add_webhook_url(&mut self, config: &Config) -> std::io::Result<()> {
        let mut tx = Transaction::new(&self.world, &self.clock);
        let webhook_url = config.webhook_url.clone().unwrap_or_default();
        tx.put(&Knobs { webhook_url, ..self.world.knobs() });
        let changes = tx.done().changes;
        self.commit(None, changes)
    }

    /// Number of the next call.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The calls after number `since` as a JSON list, at most `limit` of them.
    pub fn journal(&self, since: u64, limit: usize) -> String {
        let first = self.next - self.journal.len() as u64;
        let skip = usize::try_from((since + 1).saturating_sub(first)).unwrap_or(usize::MAX);
        let calls: Vec<&str> = self.journal.iter().skip(skip).take(limit).map(String::as_str).collect();
        format!("[{}]", calls.join(","))
    }

    /// The last calls, newest first.
    pub fn tail(&self, count: usize) -> Vec<Value> {
        self.journal.iter().rev().take(count).filter_map(|call| serde_json::from_str(call).ok()).collect()
    }

    /// The current time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// What a reset keeps: installs and credentials of the demo world's companies and locations, and connections at Meta.
fn kept_on_reset(world: &World) -> World {
    let demo = |company: &str, location: Option<&str>| {
        demo::COMPANIES.contains(&company) && location.is_none_or(demo::has_location)
    };
    let mut keep = World::default();
    for i in world.installs.values().filter(|i| demo(&i.company_id, i.location_id.as_deref())) {
        keep.installs.insert(i.clone());
    }
    for t in world.tokens.values().filter(|t| demo(&t.grant.company_id, t.grant.location_id.as_deref())) {
        keep.tokens.insert(t.clone());
    }
    for r in world.refreshes.values().filter(|r| demo(&r.grant.company_id, r.grant.location_id.as_deref())) {
        keep.refreshes.insert(r.clone());
    }
    // Whatever the product holds of Meta goes on working too.
    keep.meta_apps.clone_from(&world.meta_apps);
    keep.phone_numbers.clone_from(&world.phone_numbers);
    keep.meta_consents.clone_from(&world.meta_consents);
    keep.meta_tokens.clone_from(&world.meta_tokens);
    keep.subscriptions.clone_from(&world.subscriptions);
    keep
}

fn remember(limits: &mut Limits, call: &Entry, window: TimeDelta) {
    if let (Some(app), Some(resource), Outcome::Executed | Outcome::Refused) = (&call.app, &call.resource, call.outcome)
    {
        limits.remember(app, resource, call.at, window);
    }
}
