//! Which servers run for which clients, and how does one end that may not run any more?

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Processes;
use crate::child::Child;
use crate::spec::ProcessKey;

impl Processes {
    /// The servers that have a process here, each with its client.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<ProcessKey> {
        self.inner.living().values().map(|child| child.about.key).collect()
    }

    /// Ends every process of a server for its client at once, idle and busy ones; calls that wait hear that it ended. Returns
    /// how many there were.
    pub fn stop_server(&self, key: ProcessKey) -> usize {
        let mut slots = self.inner.slots();
        if let Some(slot) = slots.get_mut(&key) {
            // Taken out first, so that its end counts as no crash.
            slot.child = None;
        }
        let living = self.inner.living();
        let own: Vec<&Arc<Child>> = living.values().filter(|child| child.about.key == key).collect();
        own.iter().for_each(|child| child.stop());
        own.len()
    }
}
