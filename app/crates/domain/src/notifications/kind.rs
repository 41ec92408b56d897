//! Which kinds of events people and other programs are told about: their keys, words and severity.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Channel;
use crate::permission::Right;

/// What happened. Notifications, mails and outgoing webhooks all speak of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub enum Kind {
    /// A provisioning job failed and does not go on by itself.
    #[serde(rename = "job.failed")]
    JobFailed,
    /// A provisioning job waits for a person's answer.
    #[serde(rename = "job.needs_input")]
    JobNeedsInput,
    /// A provisioning job is done.
    #[serde(rename = "job.finished")]
    JobFinished,
    /// Many things that were ordered at once are done, such as an import.
    #[serde(rename = "batch.finished")]
    BatchFinished,
    /// A connection no longer works; somebody has to connect it again.
    #[serde(rename = "connection.lost")]
    ConnectionLost,
    /// A connection that was lost works again.
    #[serde(rename = "connection.restored")]
    ConnectionRestored,
    /// A connection works for a few more days; somebody has to connect it again before then.
    #[serde(rename = "connection.ending")]
    ConnectionEnding,
    /// A to-do was given to a person.
    #[serde(rename = "todo.assigned")]
    TodoAssigned,
    /// A person accepted an invitation.
    #[serde(rename = "invitation.accepted")]
    InvitationAccepted,
    /// A client exists that did not exist before.
    #[serde(rename = "client.created")]
    ClientCreated,
    /// A webhook endpoint was switched off because it failed for days.
    #[serde(rename = "webhook.disabled")]
    WebhookDisabled,
    /// The assistant handed a conversation with a customer over to people.
    #[serde(rename = "conversation.handed_over")]
    ConversationHandedOver,
    /// A client sent most of the messages that it may send in this month, or all of them.
    #[serde(rename = "usage.limit")]
    UsageLimit,
    /// The files of a client take most of the room that it has, or all of it.
    #[serde(rename = "files.limit")]
    FilesLimit,
    /// A program wants to change something of a client, and asks a person first.
    #[serde(rename = "tool.approval")]
    ToolApproval,
}

/// How much a kind wants of the person who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub enum Severity {
    /// Nothing goes on until a person acts.
    NeedsYou,
    /// Something that was started has ended well.
    Finished,
    /// Good to know.
    Info,
}

impl Severity {
    /// Its stored and wire name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NeedsYou => "needs_you",
            Self::Finished => "finished",
            Self::Info => "info",
        }
    }
}

impl Kind {
    /// Every kind, in the order of settings pages.
    pub const ALL: [Self; 15] = [
        Self::JobFailed,
        Self::JobNeedsInput,
        Self::JobFinished,
        Self::BatchFinished,
        Self::ConnectionLost,
        Self::ConnectionRestored,
        Self::ConnectionEnding,
        Self::TodoAssigned,
        Self::InvitationAccepted,
        Self::ClientCreated,
        Self::WebhookDisabled,
        Self::ConversationHandedOver,
        Self::UsageLimit,
        Self::FilesLimit,
        Self::ToolApproval,
    ];

    /// The key of every kind, in the same order.
    pub const KEYS: [&'static str; Self::ALL.len()] = {
        let (mut keys, mut at) = ([""; Self::ALL.len()], 0);
        while at < keys.len() {
            keys[at] = Self::ALL[at].key();
            at += 1;
        }
        keys
    };

    /// Its stored and wire name, as `thing.verb`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::JobFailed => "job.failed",
            Self::JobNeedsInput => "job.needs_input",
            Self::JobFinished => "job.finished",
            Self::BatchFinished => "batch.finished",
            Self::ConnectionLost => "connection.lost",
            Self::ConnectionRestored => "connection.restored",
            Self::ConnectionEnding => "connection.ending",
            Self::TodoAssigned => "todo.assigned",
            Self::InvitationAccepted => "invitation.accepted",
            Self::ClientCreated => "client.created",
            Self::WebhookDisabled => "webhook.disabled",
            Self::ConversationHandedOver => "conversation.handed_over",
            Self::UsageLimit => "usage.limit",
            Self::FilesLimit => "files.limit",
            Self::ToolApproval => "tool.approval",
        }
    }

    /// The kind with this key. `None` if only another version knows it.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The kind in words, as settings pages list it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::JobFailed => "A job failed",
            Self::JobNeedsInput => "A job needs your input",
            Self::JobFinished => "A job finished",
            Self::BatchFinished => "An import finished",
            Self::ConnectionLost => "A connection was lost",
            Self::ConnectionRestored => "A connection works again",
            Self::ConnectionEnding => "A connection expires soon",
            Self::TodoAssigned => "A to-do was assigned to you",
            Self::InvitationAccepted => "An invitation was accepted",
            Self::ClientCreated => "A client was added",
            Self::WebhookDisabled => "A webhook was turned off",
            Self::ConversationHandedOver => "A customer is waiting for a person",
            Self::UsageLimit => "A client is near a usage limit",
            Self::FilesLimit => "A client is near its storage limit",
            Self::ToolApproval => "An AI agent needs approval",
        }
    }

    /// How much it wants of the person who reads it.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::JobFailed
            | Self::JobNeedsInput
            | Self::ConnectionLost
            | Self::ConnectionEnding
            | Self::TodoAssigned
            | Self::WebhookDisabled
            | Self::ConversationHandedOver
            | Self::UsageLimit
            | Self::FilesLimit
            | Self::ToolApproval => Severity::NeedsYou,
            Self::JobFinished | Self::BatchFinished | Self::ConnectionRestored => Severity::Finished,
            Self::InvitationAccepted | Self::ClientCreated => Severity::Info,
        }
    }
}

/// Who is told of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody who may do something about it.
    Managers,
    /// Whoever started it. Others who may do something about it are told if they want to hear of everybody's, and if
    /// nobody who started it is there any more.
    Starter,
    /// Only the person whom it is given to.
    Addressee,
}

impl Audience {
    /// Its name in statements.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Managers => "managers",
            Self::Starter => "starter",
            Self::Addressee => "addressee",
        }
    }
}

impl Kind {
    /// Who is told of it.
    #[must_use]
    pub const fn audience(self) -> Audience {
        match self {
            Self::ConnectionLost
            | Self::ConnectionRestored
            | Self::ConnectionEnding
            | Self::ClientCreated
            | Self::WebhookDisabled
            | Self::ConversationHandedOver
            | Self::UsageLimit
            | Self::FilesLimit
            | Self::ToolApproval => Audience::Managers,
            Self::JobFailed
            | Self::JobNeedsInput
            | Self::JobFinished
            | Self::BatchFinished
            | Self::InvitationAccepted => Audience::Starter,
            Self::TodoAssigned => Audience::Addressee,
        }
    }

    /// The right by which a person may do something about it.
    #[must_use]
    pub const fn right(self) -> Right {
        match self {
            Self::ConnectionLost | Self::ConnectionRestored | Self::ConnectionEnding => Right::ConnectionsManage,
            Self::InvitationAccepted => Right::TeamManage,
            Self::JobFailed
            | Self::JobNeedsInput
            | Self::JobFinished
            | Self::BatchFinished
            | Self::TodoAssigned
            | Self::ClientCreated
            | Self::WebhookDisabled
            | Self::ConversationHandedOver
            | Self::UsageLimit
            | Self::FilesLimit
            | Self::ToolApproval => Right::AgencyManage,
        }
    }

    /// How people are told who chose nothing.
    #[must_use]
    pub const fn usual(self) -> Channel {
        match self {
            Self::JobFailed
            | Self::JobNeedsInput
            | Self::ConnectionLost
            | Self::ConnectionEnding
            | Self::TodoAssigned
            | Self::WebhookDisabled
            | Self::UsageLimit
            | Self::FilesLimit
            | Self::ToolApproval => Channel::Mail,
            Self::JobFinished
            | Self::BatchFinished
            | Self::ConnectionRestored
            | Self::InvitationAccepted
            | Self::ConversationHandedOver => Channel::App,
            Self::ClientCreated => Channel::Off,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// No kind has this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownKind;

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown kind of event")
    }
}

impl std::error::Error for UnknownKind {}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(key: &str) -> Result<Self, Self::Err> {
        Self::parse(key).ok_or(UnknownKind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_under_its_key() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.key()), Some(kind));
            assert_eq!(kind.key().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).ok(), Some(serde_json::Value::from(kind.key())));
            assert!(kind.key().split_once('.').is_some_and(|(thing, verb)| !thing.is_empty() && !verb.is_empty()));
        }
        assert_eq!(Kind::parse("of.newer_version"), None);
    }

    #[test]
    fn severities_have_stable_names() {
        for severity in [Severity::NeedsYou, Severity::Finished, Severity::Info] {
            assert_eq!(serde_json::to_value(severity).ok(), Some(serde_json::Value::from(severity.key())));
        }
    }
}
