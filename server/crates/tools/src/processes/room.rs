//! Who makes room for whom? A process that nobody used for ten minutes ends, and when as many run as may, the one that was idle
//! for longest goes, first of an agency, then of a business that holds more than its share. The clients of one agency never
//! hold all, so that one whose tools are all busy leaves room for another.

use std::collections::HashMap;
use std::hash::Hash;
use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};

use domain::AgencyId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio::time::{Instant, timeout_at};

use super::Inner;
use crate::child::Child;
use crate::error::CallError;
use crate::launch;

/// A place of one process, and its part of what its agency may hold. Both are free again once it is dropped.
pub(super) struct Place {
    _room: OwnedSemaphorePermit,
    _share: OwnedSemaphorePermit,
}

/// Why there is no place.
enum NoPlace {
    /// No process is started any more.
    Closed,
    /// As many run as may.
    Full,
    /// The agency holds as many as it may.
    AgencyFull,
}

impl Inner {
    /// A place for one more process of this agency. If there is none, an idle process goes; if none is idle, this waits for a
    /// while.
    pub(super) async fn find_room(&self, agency: AgencyId) -> Result<Place, CallError> {
        let deadline = Instant::now() + self.limits.room;
        let mut evicted = false;
        loop {
            // Listens first: what is freed from here on is not missed.
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let of = match self.take_place(agency) {
                Ok(place) => return Ok(place),
                Err(NoPlace::Closed) => return Err(CallError::Busy),
                Err(NoPlace::Full) => None,
                Err(NoPlace::AgencyFull) => Some(agency),
            };
            evicted = evicted || self.evict(of);
            if timeout_at(deadline, freed).await.is_err() {
                return Err(CallError::Busy);
            }
        }
    }

    fn take_place(&self, agency: AgencyId) -> Result<Place, NoPlace> {
        let share = Arc::clone(
            self.shares().entry(agency).or_insert_with(|| Arc::new(Semaphore::new(self.limits.of_an_agency()))),
        );
        let share = share.try_acquire_owned().map_err(|_| NoPlace::AgencyFull)?;
        match Arc::clone(&self.room).try_acquire_owned() {
            Ok(room) => Ok(Place { _room: room, _share: share }),
            Err(TryAcquireError::Closed) => Err(NoPlace::Closed),
            Err(TryAcquireError::NoPermits) => Err(NoPlace::Full),
        }
    }

    fn shares(&self) -> MutexGuard<'_, HashMap<AgencyId, Arc<Semaphore>>> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the idle process that is to go first, of this agency or of all. False if none is idle.
    fn evict(&self, of: Option<AgencyId>) -> bool {
        let now = Instant::now();
        let mut slots = self.slots();
        let held: Vec<_> = slots.values().filter_map(|slot| slot.child.as_ref()).map(|child| &child.about).collect();
        let large_agencies = above_their_share(held.iter().map(|about| about.agency), self.limits.processes);
        let large_businesses = above_their_share(held.iter().map(|about| about.key.business), self.limits.processes);
        let idle = slots.iter().filter_map(|(key, slot)| {
            let child = slot.child.as_ref()?;
            let agency = child.about.agency;
            let idle = child.idle(now).filter(|_| of.is_none_or(|of| of == agency))?;
            Some((large_agencies.contains(&agency), large_businesses.contains(&key.business), idle, *key))
        });
        let Some(key) = idle.max().map(|(_, _, _, key)| key) else { return false };
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
        // Each process of an agency, and whoever is about to start one, has a clone of what is left of its part.
        self.shares().retain(|_, share| Arc::strong_count(share) > 1);
        self.count();
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

/// Whoever holds more than an equal part of all places.
fn above_their_share<Holder: Copy + Eq + Hash>(held: impl Iterator<Item = Holder>, places: usize) -> Vec<Holder> {
    let mut counts: HashMap<Holder, usize> = HashMap::new();
    for holder in held {
        *counts.entry(holder).or_default() += 1;
    }
    let share = places / counts.len().max(1);
    counts.into_iter().filter(|(_, count)| *count > share).map(|(holder, _)| holder).collect()
}
