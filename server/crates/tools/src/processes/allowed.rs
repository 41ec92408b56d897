//! Which servers run for which clients, and how do those end that may not run any more?

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::BusinessId;

use super::Processes;
use crate::child::Child;
use crate::spec::ProcessKey;

impl Processes {
    /// The servers that have a process here, each with its client.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<ProcessKey> {
        self.inner.living().values().map(|child| child.about.key).collect()
    }

    /// The businesses that have processes here.
    #[must_use]
    pub fn businesses(&self) -> BTreeSet<BusinessId> {
        self.inner.living().values().map(|child| child.about.key.business).collect()
    }

    /// Waits until a process came to be since the last time: whoever ended those of its business or server a moment before did
    /// not find it. One task at a time may wait.
    pub async fn begun(&self) {
        self.inner.begun.notified().await;
    }

    /// Ends every process of a server for its client at once, idle and busy ones; calls that wait hear that it ended. Returns
    /// how many there were.
    pub fn stop_server(&self, key: ProcessKey) -> usize {
        self.stop_those(|one| one == key)
    }

    /// The same for every server of a business.
    pub fn stop_of(&self, business: BusinessId) -> usize {
        self.stop_those(|one| one.business == business)
    }

    fn stop_those(&self, are_meant: impl Fn(ProcessKey) -> bool) -> usize {
        let mut slots = self.inner.slots();
        for (_, slot) in slots.iter_mut().filter(|(key, _)| are_meant(**key)) {
            // Taken out first, so that its end counts as no crash.
            slot.child = None;
        }
        let living = self.inner.living();
        let own: Vec<&Arc<Child>> = living.values().filter(|child| are_meant(child.about.key)).collect();
        own.iter().for_each(|child| child.stop());
        own.len()
    }
}
