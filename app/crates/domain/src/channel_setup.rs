//! How far is the connecting of a channel? Its steps in order, and what each says while it
//! runs.

use serde::{Deserialize, Serialize};

use crate::integration::Kind;

/// A step that is still to be done, stored as `integrations.setup_step`. A channel without one is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Every permission was granted.
    Permissions,
    /// The number is registered for the API.
    Register,
    /// The platform sends us the account's events.
    Subscribe,
    /// An event arrived.
    Test,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 4] = [Self::Permissions, Self::Register, Self::Subscribe, Self::Test];

    /// The value in the database.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Permissions => "permissions",
            Self::Register => "register",
            Self::Subscribe => "subscribe",
            Self::Test => "test",
        }
    }

    /// The step with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.key() == key)
    }

    /// What happens in it, as the beginning of a sentence.
    #[must_use]
    pub const fn doing(self) -> &'static str {
        match self {
            Self::Permissions => "Checking the permissions",
            Self::Register => "Registering the number",
            Self::Subscribe => "Subscribing to its messages",
            Self::Test => "Waiting for the first message",
        }
    }

    /// The step after it. `None` after the last one.
    #[must_use]
    pub const fn next(self, kind: Kind) -> Option<Self> {
        match self {
            // Only WhatsApp has numbers to register.
            Self::Permissions if matches!(kind, Kind::Whatsapp) => Some(Self::Register),
            Self::Permissions | Self::Register => Some(Self::Subscribe),
            Self::Subscribe => Some(Self::Test),
            Self::Test => None,
        }
    }
}

/// A line of the checklist that a person watches while connecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The person consented.
    Consent,
    /// The consent became a token.
    Token,
    /// An account was found, or chosen.
    Account,
    /// One of the steps.
    Step(Step),
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// Done.
    Done,
    /// Under way.
    Now,
    /// Failed; a person is needed.
    Failed,
    /// To come.
    Later,
}

/// The checklist of an account that was found and stands at this step. `None` means that all is done.
#[must_use]
pub fn checklist(kind: Kind, at: Option<Step>, failed: bool) -> Vec<(Line, LineState)> {
    let mut lines =
        vec![(Line::Consent, LineState::Done), (Line::Token, LineState::Done), (Line::Account, LineState::Done)];
    let steps = Step::ALL.into_iter().filter(|step| *step != Step::Register || kind == Kind::Whatsapp);
    lines.extend(steps.map(|step| {
        let state = match at {
            Some(now) if step == now && failed => LineState::Failed,
            Some(now) if step == now => LineState::Now,
            Some(now) if step > now => LineState::Later,
            _ => LineState::Done,
        };
        (Line::Step(step), state)
    }));
    lines
}

/// An account that a consent brought, as the chooser shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The platform's id, under which it sends events.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The number or user name that people see.
    pub address: String,
    /// The WhatsApp Business account of a number.
    pub waba: Option<String>,
    /// The page that a page-linked Instagram account is reached through.
    pub page: Option<String>,
    /// Why it cannot be used, as a sentence; `None` if it can.
    pub unusable: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_goes_through_its_steps_to_the_end() {
        for (kind, steps) in [(Kind::Whatsapp, 4), (Kind::Instagram, 3), (Kind::Facebook, 3)] {
            let mut at = Some(Step::Permissions);
            let mut seen = 0;
            while let Some(step) = at {
                assert_eq!(Step::parse(step.key()), Some(step));
                let lines = checklist(kind, at, true);
                assert_eq!(lines.iter().filter(|(_, state)| *state == LineState::Failed).count(), 1);
                assert!(lines.contains(&(Line::Step(step), LineState::Failed)));
                at = step.next(kind);
                seen += 1;
            }
            assert_eq!(seen, steps);
            assert!(checklist(kind, None, false).iter().all(|(_, state)| *state == LineState::Done));
        }
    }
}
