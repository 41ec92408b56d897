//! A notification as people read it: its sentence, where it leads, and on which pages it counts as seen.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Kind;
use crate::{BusinessId, NotificationId};

/// What a person is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// What happened.
    pub kind: Kind,
    /// What it is about: a job, a connection, a to-do, an invitation, a client, a conversation.
    pub subject: Option<Uuid>,
    /// The client that it is about.
    pub business: Option<BusinessId>,
    /// The name of what it is about.
    pub title: String,
    /// What else is known; may be empty.
    pub detail: String,
    /// When the person saw it. `None` if they did not.
    pub read_at: Option<DateTime<Utc>>,
    /// When it was sent by email. `None` if it was not.
    pub mailed_at: Option<DateTime<Utc>>,
    /// When it happened.
    pub created_at: DateTime<Utc>,
}

impl Notification {
    /// What happened, in one line.
    #[must_use]
    pub fn sentence(&self) -> String {
        sentence(self.kind, &self.title)
    }

    /// The address of the page that it leads to, below that of its agency (`/a/harbor`).
    #[must_use]
    pub fn link(&self, agency: &str) -> String {
        link(self.kind, self.subject, self.business, agency)
    }
}

/// What happened, in one line. `title` is the name of what it is about.
#[must_use]
pub fn sentence(kind: Kind, title: &str) -> String {
    match kind {
        Kind::JobFailed => format!("Setting up {title} failed"),
        Kind::JobNeedsInput => format!("{title} needs your input"),
        Kind::JobFinished => format!("{title} is set up"),
        Kind::BatchFinished => format!("Finished: {title}"),
        Kind::ConnectionLost => format!("{title} is disconnected"),
        Kind::ConnectionRestored => format!("{title} is connected again"),
        Kind::ConnectionEnding => format!("{title} has to be reconnected within days"),
        Kind::TodoAssigned => format!("To-do for you: {title}"),
        Kind::InvitationAccepted => format!("{title} accepted the invitation"),
        Kind::ClientCreated => format!("{title} was added as a client"),
        Kind::WebhookDisabled => format!("Webhook {title} was turned off"),
        Kind::ConversationHandedOver => format!("A customer of {title} is waiting for a person"),
        Kind::UsageLimit => format!("{title} has used most of its messages or tokens"),
        Kind::FilesLimit => format!("{title} has used most of its room for files"),
        Kind::ToolApproval => format!("An AI agent of {title} asks for approval"),
    }
}

/// The address of the page that a notification leads to, below that of its agency.
#[must_use]
pub fn link(kind: Kind, subject: Option<Uuid>, business: Option<BusinessId>, agency: &str) -> String {
    let page = match (kind, subject, business) {
        (Kind::JobFailed | Kind::JobNeedsInput | Kind::JobFinished, Some(job), _) => format!("/provisioning/{job}"),
        (Kind::JobFailed | Kind::JobNeedsInput | Kind::JobFinished, None, _) => "/provisioning".to_owned(),
        (Kind::ConnectionLost | Kind::ConnectionRestored | Kind::ConnectionEnding, ..) => "/connections".to_owned(),
        (Kind::TodoAssigned, ..) => "/to-dos".to_owned(),
        (Kind::InvitationAccepted | Kind::ClientCreated | Kind::FilesLimit | Kind::ToolApproval, _, Some(client)) => {
            format!("/clients/{client}")
        }
        (Kind::InvitationAccepted, ..) => "/team".to_owned(),
        (Kind::BatchFinished | Kind::ClientCreated | Kind::FilesLimit | Kind::ToolApproval, ..) => {
            "/clients".to_owned()
        }
        (Kind::WebhookDisabled, ..) => "/webhooks".to_owned(),
        (Kind::ConversationHandedOver, ..) => "/inbox".to_owned(),
        (Kind::UsageLimit, ..) => "/usage".to_owned(),
    };
    format!("{agency}{page}")
}

/// How much a person did not see yet in an agency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// Number of notifications.
    pub count: i64,
    /// Number of those that wait for a person.
    pub urgent: i64,
    /// Number of those about a job that waits for a person.
    pub jobs: i64,
}

/// What a page shows, so that whoever opens it has seen the notifications about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// The object that the page is about.
    pub subject: Option<Uuid>,
    /// The kinds that the page shows all of.
    pub kinds: Vec<Kind>,
}

impl Looked {
    /// What the page at this address shows. Only pages of an agency (`/a/harbor/…`) show anything.
    #[must_use]
    pub fn at(address: &str) -> Self {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let mut parts = path.trim_matches('/').split('/').skip(2);
        let (page, object, more) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let subject = object.filter(|_| more.is_none()).and_then(|object| object.parse().ok());
        let kinds: &[Kind] = match (page, object) {
            ("provisioning" | "clients", Some(_)) => return Self { subject, kinds: Vec::new() },
            ("connections", None) => &[Kind::ConnectionLost, Kind::ConnectionRestored, Kind::ConnectionEnding],
            ("to-dos", None) => &[Kind::TodoAssigned],
            ("team", None) => &[Kind::InvitationAccepted],
            ("clients", None) => &[Kind::BatchFinished, Kind::ClientCreated, Kind::FilesLimit, Kind::ToolApproval],
            ("webhooks", None) => &[Kind::WebhookDisabled],
            ("inbox", None) => &[Kind::ConversationHandedOver],
            ("usage", None) => &[Kind::UsageLimit],
            _ => &[],
        };
        Self { subject: None, kinds: kinds.to_vec() }
    }

    /// True if the page shows nothing that a notification is about.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.subject.is_none() && self.kinds.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_follows_a_notification_has_seen_it() {
        let (subject, client) = (Uuid::from_u128(7), BusinessId(Uuid::from_u128(8)));
        for kind in Kind::ALL {
            for business in [None, Some(client)] {
                let seen = Looked::at(&link(kind, Some(subject), business, "/a/harbor"));
                let is_shown =
                    seen.subject.is_some_and(|shown| shown == subject || business == Some(BusinessId(shown)));
                assert!(seen.kinds.contains(&kind) || is_shown, "{kind}");
            }
            assert!(sentence(kind, "Bay Dental").contains("Bay Dental"), "{kind}");
        }
    }

    #[test]
    fn other_pages_show_nothing() {
        for address in ["/", "/a/harbor", "/a/harbor/settings", "/a/harbor/provisioning", "/a/harbor/provisioning/new"]
        {
            assert!(Looked::at(address).is_nothing(), "{address}");
        }
        let job = Uuid::from_u128(7);
        assert_eq!(Looked::at(&format!("/a/harbor/provisioning/{job}?step=4#line-2")).subject, Some(job));
        assert!(Looked::at(&format!("/a/harbor/provisioning/{job}/log")).is_nothing());
    }
}
