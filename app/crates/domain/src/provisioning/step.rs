//! The steps of a job: their order, what each does, and which may be skipped.

use serde::{Deserialize, Serialize};

/// The consequence, shown to people, of keeping what a step created while its job is being undone.
pub const KEEP_ON_UNDO_CONSEQUENCE: &str =
    "What this step made stays in HighLevel and is put on your list; the rest is undone and the job ends.";

/// One of the eleven steps of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StepName"))]
pub enum Step {
    /// Checks the agency's integration and its scopes.
    CheckPlan,
    /// Checks the data of the business.
    ValidateClient,
    /// Checks the chosen snapshot.
    ValidateSnapshot,
    /// Creates the location in HighLevel.
    CreateLocation,
    /// Waits until the snapshot's assets have been loaded into the location.
    WaitSnapshot,
    /// Gets a token for the new location.
    MintToken,
    /// Sets custom values and creates tags.
    FillValues,
    /// Creates the business's users in HighLevel.
    CreateUsers,
    /// Creates the business in our database and invites its owner.
    CreateBusiness,
    /// Reads everything back from HighLevel and compares it.
    Verify,
    /// Gives the location its final name and lists what is left for a person.
    Finish,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 11] = [
        Self::CheckPlan,
        Self::ValidateClient,
        Self::ValidateSnapshot,
        Self::CreateLocation,
        Self::WaitSnapshot,
        Self::MintToken,
        Self::FillValues,
        Self::CreateUsers,
        Self::CreateBusiness,
        Self::Verify,
        Self::Finish,
    ];

    /// Position in the order, starting at 1.
    #[must_use]
    pub const fn position(self) -> i16 {
        self as i16 + 1
    }

    /// The value in the database, in logs and in the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::CheckPlan => "CHECK_PLAN",
            Self::ValidateClient => "VALIDATE_CLIENT",
            Self::ValidateSnapshot => "VALIDATE_SNAPSHOT",
            Self::CreateLocation => "CREATE_LOCATION",
            Self::WaitSnapshot => "WAIT_SNAPSHOT",
            Self::MintToken => "MINT_TOKEN",
            Self::FillValues => "FILL_VALUES",
            Self::CreateUsers => "CREATE_USERS",
            Self::CreateBusiness => "CREATE_BUSINESS",
            Self::Verify => "VERIFY",
            Self::Finish => "FINISH",
        }
    }

    /// The step with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.key() == key)
    }

    /// The label in the list of steps.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::CheckPlan => "Check plan & credentials",
            Self::ValidateClient => "Validate client data",
            Self::ValidateSnapshot => "Validate snapshot",
            Self::CreateLocation => "Create location",
            Self::WaitSnapshot => "Wait for snapshot",
            Self::MintToken => "Mint location token",
            Self::FillValues => "Fill values & tags",
            Self::CreateUsers => "Create users",
            Self::CreateBusiness => "Create business & invite owner",
            Self::Verify => "Verify (read back)",
            Self::Finish => "Finish",
        }
    }

    /// What the step does, in one sentence.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::CheckPlan => {
                "Checks that your HighLevel connection works and grants what is needed. Whether your plan allows new locations only HighLevel's answer to Create location tells."
            }
            Self::ValidateClient => "Checks the client's data once more before anything is created.",
            Self::ValidateSnapshot => "Checks that HighLevel still offers the snapshot.",
            Self::CreateLocation => "Creates the location in HighLevel, exactly once.",
            Self::WaitSnapshot => "Waits until HighLevel has loaded the snapshot into the location.",
            Self::MintToken => "Gets a token that opens the new location.",
            Self::FillValues => "Fills in custom values and creates tags in the location.",
            Self::CreateUsers => "Creates the client's people in HighLevel, or adds those it knows.",
            Self::CreateBusiness => "Creates the business here and invites its owner.",
            Self::Verify => "Reads everything back from HighLevel and compares.",
            Self::Finish => "Gives the location its final name and lists what still needs a person.",
        }
    }

    /// The consequence of skipping the step; `None` if it may not be skipped.
    #[must_use]
    pub const fn skip_consequence(self) -> Option<&'static str> {
        match self {
            Self::ValidateSnapshot => Some("The location is created without a snapshot."),
            Self::WaitSnapshot => Some("The job goes on while HighLevel may still be loading the snapshot."),
            Self::FillValues => {
                Some("Custom values and tags that are not set yet have to be set in HighLevel by hand.")
            }
            Self::CreateUsers => Some("People who are not there yet have to be added in HighLevel by hand."),
            Self::Verify => Some("Nobody has checked that HighLevel holds what was asked for."),
            _ => None,
        }
    }

    /// Whether the step handles the snapshot and is skipped if there is none.
    #[must_use]
    pub const fn needs_snapshot(self) -> bool {
        matches!(self, Self::ValidateSnapshot | Self::WaitSnapshot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_follow_the_order_and_words_match() {
        for (index, step) in Step::ALL.into_iter().enumerate() {
            assert_eq!(usize::try_from(step.position()).unwrap(), index + 1);
            assert_eq!(Step::parse(step.key()), Some(step));
            assert_eq!(serde_json::to_value(step).unwrap(), step.key());
        }
    }
}
