//! What does a person see of the tool processes, and how do they stop or restart one?

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use operations::platform::tool_processes::{ProcessState, ProcessView, ToolProcesses};
use tokio::time::Instant;
use uuid::Uuid;

use super::{Inner, Processes};
use crate::child::Child;
use crate::spec::ProcessKey;

impl Processes {
    /// Every process, and every server that is starting or left alone after it ended too often. Ordered by id.
    #[must_use]
    pub fn shown(&self) -> Vec<ProcessView> {
        let (now, today) = (Instant::now(), Utc::now());
        let ago = |at: Instant| ago(today, now, at);
        let slots = self.inner.slots();
        let mut shown: Vec<ProcessView> = Vec::new();
        for (key, slot) in slots.iter().filter(|(_, slot)| slot.child.is_none()) {
            let state = match slot.wait(now) {
                Some(_) => ProcessState::BackingOff,
                None if slot.gate.try_lock().is_err() => ProcessState::Starting,
                None => continue,
            };
            shown.push(ProcessView {
                id: id(*key),
                business: key.business,
                server: slot.name.clone(),
                state,
                pid: None,
                started_at: None,
                used_at: slot.crashed_at.map(ago),
                in_use: 0,
                calls: 0,
                restarts: slot.starts,
                memory: None,
            });
        }
        for child in self.inner.living().values() {
            let key = child.about.key;
            let slot = slots.get(&key);
            let current = slot.and_then(|slot| slot.child.as_ref()).is_some_and(|one| Arc::ptr_eq(one, child));
            let usage = child.usage();
            shown.push(ProcessView {
                id: if current { id(key) } else { numbered(child) },
                business: key.business,
                server: child.about.name.clone(),
                state: if current { ProcessState::Running } else { ProcessState::Stopping },
                pid: child.pid,
                started_at: Some(ago(child.started)),
                used_at: Some(ago(usage.last)),
                in_use: u32::try_from(usage.leases).unwrap_or(u32::MAX),
                calls: usage.calls,
                restarts: slot.map_or(0, |slot| slot.starts.saturating_sub(1)),
                memory: child.pid.and_then(memory),
            });
        }
        shown.sort_by(|a, b| a.id.cmp(&b.id));
        shown
    }

    /// Ends a process at once; calls that wait hear that it ended. The next call starts another. False if there is none of
    /// this name.
    pub fn stop(&self, id: &str) -> bool {
        self.find(id, Child::stop)
    }

    /// Lets a process end with its last call; from now on calls start another. A server that is left alone may start again.
    /// False if there is none of this name.
    pub fn restart(&self, id: &str) -> bool {
        self.find(id, Child::retire)
    }

    /// Whether a process of this name was stopped and is on its way out.
    #[must_use]
    pub fn is_ending(&self, name: &str) -> bool {
        let living = self.inner.living();
        living.values().any(|child| child.is_stopping() && numbered(child) == name)
    }

    fn find(&self, name: &str, act: impl Fn(&Child)) -> bool {
        let mut slots = self.inner.slots();
        if let Some((_, slot)) = slots.iter_mut().find(|(key, _)| id(**key) == name) {
            slot.recovered();
            if let Some(child) = slot.child.take() {
                act(child.as_ref());
            }
            return true;
        }
        drop(slots);
        let living = self.inner.living();
        let old = living.values().find(|child| numbered(child) == name);
        if let Some(child) = old {
            act(child.as_ref());
        }
        old.is_some()
    }
}

impl ToolProcesses for Processes {
    fn host(&self) -> Uuid {
        self.inner.host
    }

    fn shown(&self) -> BoxFuture<'_, Vec<ProcessView>> {
        Box::pin(async { Self::shown(self) })
    }

    fn is_ending(&self, id: &str) -> bool {
        Self::is_ending(self, id)
    }

    fn stop<'a>(&'a self, id: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move { Self::stop(self, id) })
    }

    fn restart<'a>(&'a self, id: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move { Self::restart(self, id) })
    }
}

impl Inner {
    /// Tells how much memory all processes hold.
    pub(super) fn weigh(&self) {
        let pids: Vec<u32> = self.living().values().filter_map(|child| child.pid).collect();
        let bytes: u64 = pids.into_iter().filter_map(memory).sum();
        metrics::gauge!("tool_processes_resident_memory_bytes").set(bytes as f64);
    }
}

fn id(key: ProcessKey) -> String {
    format!("{}.{}", key.business, key.server)
}

/// The name of a process that takes no calls any more: another one may have that of its client and server.
fn numbered(child: &Child) -> String {
    format!("{}.{}", id(child.about.key), child.about.number)
}

/// The time of the calendar at an instant of the past.
fn ago(today: DateTime<Utc>, now: Instant, at: Instant) -> DateTime<Utc> {
    TimeDelta::from_std(now.saturating_duration_since(at)).map_or(today, |passed| today - passed)
}

/// The memory of a process in bytes. `None` where the system does not say.
fn memory(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
