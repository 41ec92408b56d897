//! The steps of a job: their order, what each does, and which may be skipped.

use serde::{Deserialize, Serialize};

/// The consequence, shown to people, of keeping what a step created while its job is being undone.
pub const KEEP_ON_UNDO_CONSEQUENCE: &str =
    "What this step created stays in HighLevel and is put on your list. The rest is rolled back, and the job ends.";

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
            Self::CheckPlan => "Check connection",
            Self::ValidateClient => "Check client details",
            Self::ValidateSnapshot => "Check snapshot",
            Self::CreateLocation => "Create sub-account",
            Self::WaitSnapshot => "Wait for snapshot",
            Self::MintToken => "Get access to the sub-account",
            Self::FillValues => "Add custom values & tags",
            Self::CreateUsers => "Create users",
            Self::CreateBusiness => "Add client & invite owner",
            Self::Verify => "Check the result",
            Self::Finish => "Finish",
        }
    }

    /// What the step does, in one sentence.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::CheckPlan => {
                "Checks that HighLevel is connected with the permissions we need. We can't see your HighLevel plan in advance; if it doesn't allow this, we'll ask you at “Create sub-account”."
            }
            Self::ValidateClient => "Checks the client's details once more before anything is created.",
            Self::ValidateSnapshot => "Checks that the snapshot is still in your HighLevel account.",
            Self::CreateLocation => "Creates the sub-account. Never twice, even if something goes wrong.",
            Self::WaitSnapshot => "Waits until HighLevel has loaded the snapshot into the sub-account.",
            Self::MintToken => "Gets the access we need to set up the new sub-account.",
            Self::FillValues => "Adds your custom values and tags to the sub-account.",
            Self::CreateUsers => "Creates the client's users in HighLevel, or adds those who already have a login.",
            Self::CreateBusiness => "Adds the client here and invites its owner.",
            Self::Verify => "Reads everything back from HighLevel and compares it with what you ordered.",
            Self::Finish => "Gives the sub-account its final name and lists what's left for you to do.",
        }
    }

    /// The consequence of skipping the step; `None` if it may not be skipped.
    #[must_use]
    pub const fn skip_consequence(self) -> Option<&'static str> {
        match self {
            Self::ValidateSnapshot => Some("The sub-account is created without a snapshot."),
            Self::WaitSnapshot => Some("The job continues while HighLevel may still be loading the snapshot."),
            Self::FillValues => Some("You'll need to add missing custom values and tags in HighLevel yourself."),
            Self::CreateUsers => Some("You'll need to add missing users in HighLevel yourself."),
            Self::Verify => Some("Nobody checks that HighLevel has everything you ordered."),
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
