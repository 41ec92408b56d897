//! Who makes room for whom? A process that nobody used for ten minutes ends, and when as many run as may, the one that was idle
//! for longest goes, first of a business that holds more than its share.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, TryAcquireError};
use tokio::time::{Instant, timeout_at};

use super::Inner;
use crate::child::Child;
use crate::error::CallError;
use crate::launch;

impl Inner {
    /// A place for one more process. If there is none, an idle process goes; if none is idle, this waits for a while.
    pub(super) async fn find_room(&self) -> Result<OwnedSemaphorePermit, CallError> {
        let deadline = Instant::now() + self.limits.room;
        let mut evicted = false;
        loop {
            // Listens first: what is freed from here on is not missed.
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            match Arc::clone(&self.room).try_acquire_owned() {
                Ok(place) => return Ok(place),
                Err(TryAcquireError::Closed) => return Err(CallError::Busy),
                Err(TryAcquireError::NoPermits) => {}
            }
            evicted = evicted || self.evict();
            if timeout_at(deadline, freed).await.is_err() {
                return Err(CallError::Busy);
            }
        }
    }

    /// Ends the idle process that is to go first. False if none is idle.
    fn evict(&self) -> bool {
        let now = Instant::now();
        let mut slots = self.slots();
        let mut held: HashMap<_, usize> = HashMap::new();
        for key in slots.iter().filter(|(_, slot)| slot.child.is_some()).map(|(key, _)| key) {
            *held.entry(key.business).or_default() += 1;
        }
        let share = self.limits.processes / held.len().max(1);
        let idle = slots.iter().filter_map(|(key, slot)| {
            let idle = slot.child.as_ref()?.idle(now)?;
            Some((held.get(&key.business).is_some_and(|count| *count > share), idle, *key))
        });
        let Some(key) = idle.max().map(|(_, _, key)| key) else { return false };
        let Some(child) = slots.get_mut(&key).and_then(|slot| slot.child.take()) else { return false };
        child.retire();
        metrics::counter!("tool_process_evictions_total").increment(1);
        true
    }

    /// Ends what was idle for too long, and forgets servers of which nothing has to be known.
    pub(super) fn sweep(&self) {
        let now = Instant::now();
        let mut slots = self.slots();
        for slot in slots.values_mut() {
            let idle = slot.child.as_ref().and_then(|child| child.idle(now));
            if idle.is_some_and(|idle| idle >= self.limits.idle)
                && let Some(child) = slot.child.take()
            {
                child.retire();
                metrics::counter!("tool_process_reaps_total").increment(1);
            }
            let forgiven = slot.crashed_at.is_some_and(|at| now.saturating_duration_since(at) >= self.limits.idle);
            if forgiven {
                slot.recovered();
            }
        }
        // Whoever holds or waits for the gate of a server has a clone of it.
        slots.retain(|_, slot| slot.child.is_some() || slot.crashed_at.is_some() || Arc::strong_count(&slot.gate) > 1);
        drop(slots);
        self.weigh();
    }
    /// Ends processes whose folders hold more than they may.
    pub(super) async fn end_hoarders(&self) {
        let folder = |child: &Arc<Child>| Some((Arc::clone(child), child.folder.clone()?));
        let all: Vec<(Arc<Child>, PathBuf)> = self.living().values().filter_map(folder).collect();
        if all.is_empty() {
            return;
        }
        let most = self.limits.folder_bytes;
        // Folders may hold very many files.
        let looked = tokio::task::spawn_blocking(move || {
            let larger = all.into_iter().filter(|(_, folder)| launch::is_larger(folder, most));
            larger.map(|(child, _)| child).collect::<Vec<_>>()
        });
        let hoarders = looked.await.unwrap_or_default();
        for child in hoarders {
            let (tenant_id, server) = (child.about.key.business, child.about.key.server);
            tracing::warn!(event = "tool_process.folder_full", %tenant_id, %server, most, "a tool process wrote more files than it may");
            child.give_up();
        }
    }
}
