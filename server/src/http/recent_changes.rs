//! What changed since a page was rendered? A page carries the number of the last change that this process had heard of before
//! it read its data. The stream that the page opens then begins with what changed since, so the page need not be fetched
//! again, and nothing is lost between the two.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use store::listen::Note;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Number of changes that are kept. A page that is older than all of them is fetched again.
const KEPT: usize = 1_024;

/// The last changes that this process heard of, numbered in their order.
#[derive(Clone, Debug)]
pub struct RecentChanges(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Numbers of another process mean nothing here.
    process: String,
    kept: Mutex<Kept>,
    notes: broadcast::Sender<Note>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Number of the last change.
    last: u64,
    notes: VecDeque<Note>,
}

impl Default for RecentChanges {
    fn default() -> Self {
        let (notes, _) = broadcast::channel(KEPT);
        Self(Arc::new(Inner { process: Uuid::now_v7().simple().to_string(), kept: Mutex::default(), notes }))
    }
}

impl RecentChanges {
    /// Hears the notices until the process stops.
    pub async fn follow(self, mut notes: broadcast::Receiver<Note>, stopping: CancellationToken) {
        loop {
            let heard = tokio::select! { () = stopping.cancelled() => return, heard = notes.recv() => heard };
            match heard {
                Ok(note @ (Note::Happened { .. } | Note::Reconnected)) => self.add(note),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => self.add(Note::Reconnected),
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// The version of what a page shows whose data is read from now on.
    #[must_use]
    pub fn version(&self) -> String {
        format!("{}-{}", self.0.process, self.kept().last)
    }

    /// What changed since this version, and everything that changes from now on. `None` for the first if it is not known.
    #[must_use]
    pub fn since(&self, version: Option<&str>) -> (Option<Vec<Note>>, broadcast::Receiver<Note>) {
        let kept = self.kept();
        let asked =
            version.and_then(|version| version.strip_prefix(self.0.process.as_str())?.strip_prefix('-')?.parse().ok());
        let missed = asked.and_then(|asked: u64| {
            let count = usize::try_from(kept.last.checked_sub(asked)?).ok()?;
            let first = kept.notes.len().checked_sub(count)?;
            Some(kept.notes.iter().skip(first).cloned().collect())
        });
        // No change can come between the two: changes are added under the same lock.
        (missed, self.0.notes.subscribe())
    }

    fn add(&self, note: Note) {
        let mut kept = self.kept();
        kept.last += 1;
        if kept.notes.len() == KEPT {
            kept.notes.pop_front();
        }
        kept.notes.push_back(note.clone());
        // Without an open stream nobody receives it.
        let _ = self.0.notes.send(note);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(n: u128) -> Note {
        Note::Happened { topic: "testing".to_owned(), agency: None, business: None, subject: Some(Uuid::from_u128(n)) }
    }

    #[test]
    fn a_stream_begins_with_what_changed_since_its_page() {
        let changes = RecentChanges::default();
        changes.add(change(1));
        let page = changes.version();
        assert_eq!(changes.since(Some(&page)).0, Some(Vec::new()), "nothing changed");
        changes.add(change(2));
        changes.add(change(3));
        let (missed, mut open) = changes.since(Some(&page));
        assert_eq!(missed, Some(vec![change(2), change(3)]));
        changes.add(change(4));
        assert_eq!(open.try_recv().ok(), Some(change(4)), "each change comes once");
        assert!(open.try_recv().is_err());
    }

    #[test]
    fn an_unknown_version_makes_the_page_read_everything() {
        let changes = RecentChanges::default();
        let old = changes.version();
        for n in 0..=KEPT as u128 {
            changes.add(change(n));
        }
        let other = RecentChanges::default().version();
        let ahead = format!("{}9", changes.version());
        for version in [None, Some(""), Some("x-1"), Some(old.as_str()), Some(other.as_str()), Some(ahead.as_str())] {
            assert_eq!(changes.since(version).0, None, "{version:?}");
        }
    }
}
