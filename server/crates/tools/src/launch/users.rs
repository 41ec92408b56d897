//! As which user does a tool process run? A server that may change it gives each running process a user id of its own, so
//! that none reads another one's environment or signals it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Ids that no account has: of those that systemd keeps for services without an account.
const IDS: Range<u32> = 61_200..65_500;

/// The ids in use by processes of this server.
static USED: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// A user id, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct User {
    pub id: u32,
}

/// Takes an id that is free. Each server of a host begins at another one.
pub(super) fn take() -> Option<User> {
    let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
    let first = IDS.start + std::process::id() % (IDS.end - IDS.start);
    let id = (first..IDS.end).chain(IDS.start..first).find(|id| !used.contains(id))?;
    used.insert(id);
    Some(User { id })
}

impl Drop for User {
    fn drop(&mut self) {
        USED.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_processes_have_one_user_and_an_id_comes_back() {
        let (first, second) = (take().unwrap(), take().unwrap());
        assert!(first.id != second.id && IDS.contains(&first.id) && IDS.contains(&second.id));
        let freed = first.id;
        drop(first);
        assert_eq!(take().unwrap().id, freed);
    }
}
