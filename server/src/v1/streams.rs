//! How many event streams does one token hold open? A few, so that no program takes the connections of all others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ApiTokenId;

/// Most streams of one token at once.
pub const MOST: usize = 20;

/// The open streams of this process, counted by token.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<HashMap<ApiTokenId, usize>>>);

/// An open stream; it counts until it is dropped.
pub struct Open {
    streams: Streams,
    token: ApiTokenId,
}

impl Streams {
    /// Counts one more stream of this token, unless it holds as many as it may.
    #[must_use]
    pub fn open(&self, token: ApiTokenId) -> Option<Open> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(token).or_default();
        if *count >= MOST {
            return None;
        }
        *count += 1;
        Some(Open { streams: self.clone(), token })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut held = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.token) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_ends_makes_room_and_nothing_is_kept_of_it() {
        let (streams, token) = (Streams::default(), ApiTokenId(uuid::Uuid::nil()));
        let mut open: Vec<Open> = std::iter::from_fn(|| streams.open(token)).collect();
        assert_eq!(open.len(), MOST);
        assert!(streams.open(ApiTokenId(uuid::Uuid::max())).is_some(), "each token has its own");
        open.pop();
        assert!(streams.open(token).is_some());
        open.clear();
        assert!(streams.0.lock().unwrap().is_empty());
    }
}
