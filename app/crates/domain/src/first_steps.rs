//! Which first steps an agency has done and which somebody dismissed. Whether a step is done is derived from the
//! data; nobody marks it by hand.

use serde::{Deserialize, Serialize};

/// A first step, listed in the order in which agencies take them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstStep {
    /// HighLevel was connected at least once; whether the integration works now does not matter.
    Connect,
    /// At least one snapshot is known, or HighLevel said that there is none.
    Snapshots,
    /// A business or a job exists.
    Client,
    /// A job has ended.
    Watch,
    /// Another person is a member or has been invited.
    Colleague,
}

impl FirstStep {
    /// Every step.
    pub const ALL: [Self; 5] = [Self::Connect, Self::Snapshots, Self::Client, Self::Watch, Self::Colleague];

    /// The key used in forms and settings.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Snapshots => "snapshots",
            Self::Client => "client",
            Self::Watch => "watch",
            Self::Colleague => "colleague",
        }
    }

    /// The topics of the events that may settle this step, separated by blanks.
    #[must_use]
    pub const fn topics(self) -> &'static str {
        match self {
            Self::Connect => "integration.changed:*",
            Self::Snapshots => "snapshots.changed:* snapshots.synced:*",
            Self::Client => "business.changed:* provisioning.job:*",
            Self::Watch => "provisioning.job:*",
            Self::Colleague => "invite.changed:*",
        }
    }

    /// The step with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.key() == key)
    }
}

/// The progress of an agency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstSteps {
    /// Steps that are done.
    pub done: Vec<FirstStep>,
    /// Steps that somebody dismissed as not needed.
    pub dismissed: Vec<FirstStep>,
}

impl FirstSteps {
    /// Whether a step is done or dismissed.
    #[must_use]
    pub fn settled(&self, step: FirstStep) -> bool {
        self.done.contains(&step) || self.dismissed.contains(&step)
    }

    /// Number of steps that are done or dismissed.
    #[must_use]
    pub fn count(&self) -> usize {
        FirstStep::ALL.into_iter().filter(|step| self.settled(*step)).count()
    }

    /// The topics of the events that may settle a step that is left, separated by blanks.
    #[must_use]
    pub fn topics(&self) -> String {
        let left = FirstStep::ALL.into_iter().filter(|step| !self.settled(*step));
        let mut topics: Vec<&str> = left.flat_map(|step| step.topics().split(' ')).collect();
        topics.sort_unstable();
        topics.dedup();
        topics.join(" ")
    }

    /// Whether any step is neither done nor dismissed.
    #[must_use]
    pub fn left(&self) -> bool {
        self.count() < FirstStep::ALL.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn done_and_dismissed_count_once() {
        let steps = FirstSteps {
            done: vec![FirstStep::Connect, FirstStep::Snapshots],
            dismissed: vec![FirstStep::Snapshots, FirstStep::Colleague],
        };
        assert_eq!((steps.count(), steps.left()), (3, true));
        assert!(FirstStep::ALL.into_iter().all(|step| FirstStep::parse(step.key()) == Some(step)));
        assert_eq!(FirstStep::parse("nothing"), None);
    }

    #[test]
    fn only_what_may_settle_a_step_that_is_left_is_followed() {
        let mut steps = FirstSteps::default();
        assert!(steps.topics().contains("provisioning.job:*"));
        steps.done = vec![FirstStep::Connect, FirstStep::Client, FirstStep::Watch];
        assert_eq!(steps.topics(), "invite.changed:* snapshots.changed:* snapshots.synced:*");
        steps.dismissed = vec![FirstStep::Snapshots, FirstStep::Colleague];
        assert_eq!(steps.topics(), "");
    }
}
