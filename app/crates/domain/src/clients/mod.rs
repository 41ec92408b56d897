//! What an agency does with its clients: edit one, pause, resume, archive, bring back, remove and restore. Which of it a
//! client's status allows, and what it means for the client.

mod details;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use self::details::{ClientDetails, NOTES};
use crate::BusinessId;

/// Whether a business works (`sub_accounts.status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It works, on trial.
    Trial,
    /// It works.
    Active,
    /// It rests and can go on at once.
    Paused,
    /// The agency does not work for it any more.
    Archived,
    /// It lies in the trash.
    Deleted,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Trial, Self::Active, Self::Paused, Self::Archived, Self::Deleted];

    /// The stored name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Archived => "archived",
            Self::Deleted => "deleted",
        }
    }

    /// The status with this name.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }
}

/// Something that is done to a client as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Let it rest.
    Pause,
    /// Let a paused one go on.
    Resume,
    /// Stop working for it, and end what it had.
    Archive,
    /// Work for an archived one again.
    Reactivate,
    /// Move it to the trash.
    Remove,
    /// Take it out of the trash.
    Restore,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 6] =
        [Self::Pause, Self::Resume, Self::Archive, Self::Reactivate, Self::Remove, Self::Restore];

    /// Whether a client with this status allows it.
    #[must_use]
    pub const fn is_allowed(self, status: Status) -> bool {
        match self {
            Self::Pause => matches!(status, Status::Trial | Status::Active),
            Self::Resume => matches!(status, Status::Paused),
            Self::Archive => matches!(status, Status::Trial | Status::Active | Status::Paused),
            Self::Reactivate => matches!(status, Status::Archived),
            Self::Remove => !matches!(status, Status::Deleted),
            Self::Restore => matches!(status, Status::Deleted),
        }
    }

    /// Whether it has to wait until no job of the client runs.
    #[must_use]
    pub const fn waits_for_jobs(self) -> bool {
        matches!(self, Self::Archive | Self::Remove)
    }

    /// What it means, one sentence each. A person reads them before it is done.
    #[must_use]
    pub const fn consequences(self) -> &'static [&'static str] {
        match self {
            Self::Pause => &[
                "The client's people can't open their page until you resume.",
                "Calls to its numbers go to your default client, and its API tokens are refused.",
                "Nothing changes in HighLevel, and nothing is deleted.",
            ],
            Self::Archive => &[
                "The client's people lose access at once; open invitations are canceled and its API tokens revoked for good.",
                "In the background, its phone routes are switched off and our access to its sub-account is deleted.",
                "The sub-account in HighLevel stays as it is, and you can bring the client back at any time.",
            ],
            Self::Remove => &[
                "The client's people lose access at once, calls to its numbers go to your default client, and its API tokens are revoked for good.",
                "It stays in the trash for 30 days and can be restored. After that everything we know of it is deleted.",
                "The sub-account in HighLevel stays as it is.",
            ],
            Self::Resume | Self::Reactivate | Self::Restore => &[],
        }
    }

    /// Why a client with this status does not allow it, as a sentence.
    #[must_use]
    pub const fn refusal(self, status: Status) -> &'static str {
        match (self, status) {
            (Self::Restore, _) => "This client isn't in the trash.",
            (_, Status::Deleted) => "This client is in the trash. Restore it first.",
            (Self::Archive, Status::Archived) => "This client is archived already.",
            (Self::Reactivate, _) => "This client isn't archived.",
            (_, Status::Archived) => "This client is archived. Bring it back first.",
            (Self::Pause, _) => "This client is paused already.",
            _ => "This client isn't paused.",
        }
    }
}

/// What was ended for an archived client (`sub_accounts.offboarding`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Offboarding {
    /// Phone routes that were switched off.
    pub routes: u64,
    /// Keys to its sub-account that were deleted.
    pub keys: u64,
    /// Why something could not be ended; `None` if nothing went wrong.
    pub error: Option<String>,
}

/// How far HighLevel knows of a change to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HighLevelUpdateState"))]
pub enum UpdateState {
    /// It is still to be told.
    Waiting,
    /// It was told.
    Done,
    /// It could not be told.
    Failed,
}

impl UpdateState {
    /// The state with this stored name; one of a newer version counts as waiting.
    #[must_use]
    pub fn parse(key: &str) -> Self {
        match key {
            "done" => Self::Done,
            "failed" => Self::Failed,
            _ => Self::Waiting,
        }
    }
}

/// The last change of a client that HighLevel had to be told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HighLevelUpdate"))]
pub struct LocationUpdate {
    /// How far it is.
    pub state: UpdateState,
    /// The names of the members that were changed.
    pub fields: Vec<String>,
    /// Why it waits or failed, or what HighLevel did not take.
    pub note: Option<String>,
    /// When the change was made here.
    pub asked_at: DateTime<Utc>,
    /// When it was told or failed.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A client as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "BusinessView"))]
pub struct ClientView {
    /// Its id.
    pub id: BusinessId,
    /// Its name in URLs, unique inside its agency.
    pub slug: String,
    /// `trial`, `active`, `paused`, `archived` or `deleted`.
    pub status: String,
    /// HighLevel's id of the location; `None` until it exists.
    pub ghl_location_id: Option<String>,
    /// Its data.
    pub details: ClientDetails,
    /// The last change that HighLevel had to be told of; `None` if there was none.
    pub highlevel_update: Option<LocationUpdate>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was archived; `None` if it is not.
    pub archived_at: Option<DateTime<Utc>>,
    /// When what an archived one had was ended; `None` until then.
    pub offboarded_at: Option<DateTime<Utc>>,
    /// When it was moved to the trash; `None` if it is not there.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Whether the owner of a business uses the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OwnerState"))]
pub enum OwnerState {
    /// Somebody accepted an invitation.
    Joined,
    /// An invitation is open.
    Invited,
    /// Nobody was invited.
    Nobody,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_can_be_left_and_no_act_ends_where_it_began() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.key()), Some(status));
            assert!(Act::ALL.iter().any(|act| act.is_allowed(status)), "{status:?}");
        }
        let allowed = |status| Act::ALL.into_iter().filter(|act| act.is_allowed(status)).collect::<Vec<_>>();
        assert_eq!(allowed(Status::Active), [Act::Pause, Act::Archive, Act::Remove]);
        assert_eq!(allowed(Status::Trial), [Act::Pause, Act::Archive, Act::Remove]);
        assert_eq!(allowed(Status::Paused), [Act::Resume, Act::Archive, Act::Remove]);
        assert_eq!(allowed(Status::Archived), [Act::Reactivate, Act::Remove]);
        assert_eq!(allowed(Status::Deleted), [Act::Restore]);
    }

    #[test]
    fn what_takes_something_away_says_so_before() {
        for act in Act::ALL {
            let takes = matches!(act, Act::Pause | Act::Archive | Act::Remove);
            assert_eq!(!act.consequences().is_empty(), takes, "{act:?}");
        }
    }
}
