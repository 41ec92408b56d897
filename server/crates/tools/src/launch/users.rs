//! As which user does a tool process run? A server that may change it gives each running process a user id of its own, so
//! that none reads another one's environment or signals it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Ids that no account has: of those that systemd keeps for services without an account.
const IDS: Range<u32> = 61_200..65_500;
/// How far apart servers begin whose own ids are neighbours. It has no divisor in common with the number of ids.
const APART: u32 = 641;

/// The ids in use by processes of this server, and the one that was given last.
static USED: Mutex<(BTreeSet<u32>, Option<u32>)> = Mutex::new((BTreeSet::new(), None));

/// A user id, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct User {
    pub id: u32,
}

/// Takes an id that is free: the next one after the last, so that one that was just freed comes back as late as can be. Each
/// server of a host begins at another one.
pub(super) fn take() -> Option<User> {
    let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
    let many = IDS.end - IDS.start;
    let first = IDS.start + (std::process::id() % many) * APART % many;
    let next = used.1.map_or(first, |last| last + 1);
    let id = (next..IDS.end).chain(IDS.start..next).find(|id| !used.0.contains(id))?;
    used.0.insert(id);
    used.1 = Some(id);
    Some(User { id })
}

impl Drop for User {
    fn drop(&mut self) {
        USED.lock().unwrap_or_else(PoisonError::into_inner).0.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_processes_have_one_user_and_an_id_comes_back_after_all_others() {
        let (first, second) = (take().unwrap(), take().unwrap());
        assert!(first.id != second.id && IDS.contains(&first.id) && IDS.contains(&second.id));
        let freed = first.id;
        drop(first);
        let others = IDS.len() - 2;
        let given: BTreeSet<u32> = (0..others).map(|_| take().unwrap().id).collect();
        assert_eq!(given.len(), others);
        assert!(!given.contains(&freed) && !given.contains(&second.id));
        assert_eq!(take().unwrap().id, freed);
    }
}
