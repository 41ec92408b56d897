//! Which mail is to be sent, and about what? The payload of work of kind `SendMail`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::permission::Right;
use crate::{BusinessId, IntegrationId, NotificationId, UserId};

/// Payload of [`super::Kind::SendMail`]: which mail to send. It never contains the text or the secret link; the sender
/// creates those.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mail", rename_all = "snake_case")]
pub enum Mail {
    /// A business is ready, and the owner of its e-mail address is invited to own it. Agency and business are
    /// columns of the work row; the address is stored with the business.
    InviteOwner,
    /// An integration can no longer renew its tokens; somebody has to connect it again.
    NeedsReauth {
        /// The integration.
        integration: IntegrationId,
        /// Who is notified.
        user: UserId,
    },
    /// A person is invited to the agency or business of the work row. The address is stored with the invitation.
    Invitation {
        /// The invitation.
        invite: Uuid,
        /// True if the platform invites, which counts its mails apart from those of the agency.
        #[serde(default)]
        by_platform: bool,
    },
    /// A new member of the platform's staff sets the first password.
    FirstPassword {
        /// The one-time link.
        link: Uuid,
        /// The person.
        user: UserId,
    },
    /// A member of the work row's agency asks a person who can grant it for a right, or for one client.
    AccessRequest {
        /// Who asks.
        from: UserId,
        /// Who is asked.
        to: UserId,
        /// The right.
        right: Right,
        /// The client, if access to this one is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<BusinessId>,
    },
    /// A person who forgot the password sets a new one.
    Reset {
        /// The one-time link.
        link: Uuid,
        /// The person.
        user: UserId,
        /// How long the link works once it was sent.
        minutes: u32,
    },
    /// A person of the work row's agency is told what happened, unless they saw it meanwhile.
    Notification {
        /// The notification.
        notification: NotificationId,
    },
    /// An owner of the work row's business is told that calls of AI agents wait for a person.
    ApprovalWaits {
        /// The person.
        user: UserId,
    },
    /// A person of the work row's agency gets the summary of a day.
    Digest {
        /// The person.
        user: UserId,
    },
}
