//! Which first steps has an agency taken, and which did somebody put aside? Done is read from the facts, never ticked by hand.

use serde::{Deserialize, Serialize};

/// One of the steps, in the order in which they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstStep {
    /// HighLevel was connected; what became of it is another matter.
    Connect,
    /// Snapshots are known.
    Snapshots,
    /// A client or a job exists.
    Client,
    /// A job came to its end.
    Watch,
    /// Somebody else is here or invited.
    Colleague,
}

impl FirstStep {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Connect, Self::Snapshots, Self::Client, Self::Watch, Self::Colleague];

    /// Its word in forms and settings.
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

    /// The step of that word.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.key() == key)
    }
}

/// How far an agency is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstSteps {
    /// What is done.
    pub done: Vec<FirstStep>,
    /// What somebody said is not needed.
    pub dismissed: Vec<FirstStep>,
}

impl FirstSteps {
    /// Whether a step asks for nothing any more.
    #[must_use]
    pub fn settled(&self, step: FirstStep) -> bool {
        self.done.contains(&step) || self.dismissed.contains(&step)
    }

    /// How many of them ask for nothing any more.
    #[must_use]
    pub fn count(&self) -> usize {
        FirstStep::ALL.into_iter().filter(|step| self.settled(*step)).count()
    }

    /// Whether anything is left.
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
}
