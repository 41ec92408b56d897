//! How far is the list of an agency's snapshots read from HighLevel? The stored facts, and the state that follows from
//! them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Why HighLevel's list could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncFailure {
    /// Only a person who reconnects HighLevel can help.
    Reconnect,
    /// The connection is paused here.
    Paused,
    /// HighLevel suspended the account. The pause ends without our help.
    Suspended,
    /// The connection lacks the scope for snapshots.
    Scope,
    /// HighLevel's limit of calls is used up.
    Limited,
    /// HighLevel refused for another reason.
    Refused,
    /// HighLevel cannot be reached, or had a problem.
    Unavailable,
}

impl SyncFailure {
    /// Every failure.
    pub const ALL: [Self; 7] =
        [Self::Reconnect, Self::Paused, Self::Suspended, Self::Scope, Self::Limited, Self::Refused, Self::Unavailable];

    /// Its stored name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reconnect => "reconnect",
            Self::Paused => "paused",
            Self::Suspended => "suspended",
            Self::Scope => "scope",
            Self::Limited => "limited",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
        }
    }

    /// Reads a stored name. One of a newer version is read as `Unavailable`.
    #[must_use]
    pub fn parse(key: &str) -> Self {
        Self::ALL.into_iter().find(|one| one.key() == key).unwrap_or(Self::Unavailable)
    }

    /// What happened and what to do, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Reconnect => "HighLevel has disconnected us. Reconnect to continue.",
            Self::Paused => "The HighLevel connection is paused. Turn it on again under Connections.",
            Self::Suspended => "HighLevel has suspended your account. We'll try again when it's active.",
            Self::Scope => {
                "The connection isn't allowed to read snapshots. Reconnect HighLevel and accept every permission."
            }
            Self::Limited => "HighLevel is rate-limiting us. We'll continue automatically.",
            Self::Refused => "HighLevel refused to list your snapshots.",
            Self::Unavailable => "HighLevel had a problem while we were reading your snapshots.",
        }
    }

    /// True if a person has to change something at the connection; trying again does not help.
    #[must_use]
    pub const fn needs_connection(self) -> bool {
        matches!(self, Self::Reconnect | Self::Paused | Self::Scope)
    }
}

/// What is stored about reading the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncFacts {
    /// When somebody last asked for it.
    pub asked_at: Option<DateTime<Utc>>,
    /// When it was last read.
    pub synced_at: Option<DateTime<Utc>>,
    /// How many snapshots HighLevel listed then.
    pub listed: i32,
    /// When the last try failed; `None` once a later one worked.
    pub failed_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub failure: Option<SyncFailure>,
    /// HighLevel's own words, on one line.
    pub detail: Option<String>,
}

/// The agency's connection, as far as reading the list depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// HighLevel is not connected.
    None,
    /// It must be connected again.
    Ended,
    /// It is connected.
    Connected,
}

/// How far the list is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncState {
    /// HighLevel is not connected, so there is no list.
    NotConnected,
    /// Nobody asked for the list yet.
    Never,
    /// The list is being read; since when.
    Syncing(DateTime<Utc>),
    /// The last try failed: why, when, and HighLevel's own words.
    Failed(SyncFailure, Option<DateTime<Utc>>, Option<String>),
    /// HighLevel has no snapshots; when it said so.
    NoneThere(DateTime<Utc>),
    /// The list was read; when.
    Synced(DateTime<Utc>),
}

impl SyncFacts {
    /// The state that follows from the facts and the connection.
    #[must_use]
    pub fn state(&self, link: Link) -> SyncState {
        match link {
            Link::None => return SyncState::NotConnected,
            Link::Ended => return SyncState::Failed(SyncFailure::Reconnect, self.failed_at, None),
            Link::Connected => {}
        }
        let ended = self.synced_at.max(self.failed_at);
        match (self.asked_at, self.failed_at, self.synced_at) {
            (Some(asked), ..) if Some(asked) > ended => SyncState::Syncing(asked),
            (_, Some(at), _) => {
                SyncState::Failed(self.failure.unwrap_or(SyncFailure::Unavailable), Some(at), self.detail.clone())
            }
            (_, None, Some(at)) if self.listed == 0 => SyncState::NoneThere(at),
            (_, None, Some(at)) => SyncState::Synced(at),
            (_, None, None) => SyncState::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(second, 0)
    }

    #[test]
    fn the_state_follows_from_what_happened_last() {
        let state = |facts: &SyncFacts| facts.state(Link::Connected);
        let mut facts = SyncFacts::default();
        assert_eq!(facts.state(Link::None), SyncState::NotConnected);
        assert_eq!(state(&facts), SyncState::Never);
        facts.asked_at = at(1);
        assert_eq!(state(&facts), SyncState::Syncing(at(1).unwrap()));
        (facts.failed_at, facts.failure) = (at(2), Some(SyncFailure::Refused));
        assert_eq!(state(&facts), SyncState::Failed(SyncFailure::Refused, at(2), None));
        facts.asked_at = at(3);
        assert_eq!(state(&facts), SyncState::Syncing(at(3).unwrap()), "it is tried again");
        (facts.synced_at, facts.failed_at, facts.failure) = (at(4), None, None);
        assert_eq!(state(&facts), SyncState::NoneThere(at(4).unwrap()));
        facts.listed = 5;
        assert_eq!(state(&facts), SyncState::Synced(at(4).unwrap()));
        facts.failed_at = at(5);
        assert_eq!(state(&facts), SyncState::Failed(SyncFailure::Unavailable, at(5), None));
    }

    #[test]
    fn a_list_is_not_read_through_a_connection_that_ended() {
        let facts = SyncFacts { synced_at: at(1), listed: 5, ..SyncFacts::default() };
        assert_eq!(facts.state(Link::Ended), SyncState::Failed(SyncFailure::Reconnect, None, None));
    }

    #[test]
    fn stored_names_are_read_again() {
        for failure in SyncFailure::ALL {
            assert_eq!(SyncFailure::parse(failure.key()), failure);
            assert!(failure.key().len() <= 32 && failure.words().ends_with('.'));
        }
        assert_eq!(SyncFailure::parse("of a newer version"), SyncFailure::Unavailable);
    }
}
