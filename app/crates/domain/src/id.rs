//! One type per kind of id, used in tables, in URLs and in the API.
//! Ids are UUID v7, created by the server (`store::new_id`); any UUID is accepted as input.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
        pub struct $name(pub Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A person who signs in (`users.id`).
    UserId;
    /// An agency: a company that manages businesses (`agencies.id`).
    AgencyId;
    /// A business, the unit of tenant isolation (`sub_accounts.id`).
    BusinessId;
    /// A provisioning job (`provisioning_jobs.id`).
    JobId;
    /// A view of a list that somebody saved (`saved_views.id`).
    SavedViewId;
    /// A preset of new clients (`client_presets.id`).
    PresetId;
    /// A draft of a new client (`client_drafts.id`).
    DraftId;
    /// One step of a job (`provisioning_steps.id`).
    StepId;
    /// One write to an outside platform (`effects.id`).
    EffectId;
    /// An integration: a connected outside account (`integrations.id`).
    IntegrationId;
    /// One version of a secret (`credentials.id`).
    CredentialId;
    /// A HighLevel snapshot as we read it (`snapshots.id`).
    SnapshotId;
    /// A bearer token (`api_tokens.id`).
    ApiTokenId;
    /// A body that a messaging platform sent (`inbound_events.id`).
    InboundEventId;
    /// The accounts of a consent, of which a person chooses one (`channel_choices.id`).
    ChannelChoiceId;
    /// Somebody a business talks to (`contacts.id`).
    ContactId;
    /// An inbox: a number, page or account on which a business talks (`channels.id`).
    ChannelId;
    /// A thread with a contact (`conversations.id`).
    ConversationId;
    /// One message of a conversation (`messages.id`).
    MessageId;
    /// A file of a message (`message_attachments.id`).
    AttachmentId;
    /// A message that goes to a customer at a later time (`scheduled_messages.id`).
    ScheduledId;
    /// A text that people put into their answers (`snippets.id`).
    SnippetId;
    /// What the assistant made of one message (`ai_answers.id`).
    AnswerId;
    /// Questions that the assistant answers for nobody (`ai_rehearsals.id`).
    RehearsalId;
    /// One of these questions (`ai_rehearsal_cases.id`).
    RehearsalCaseId;
    /// Something that the assistant answers from (`knowledge.id`).
    KnowledgeId;
    /// A custom role of an agency (`roles.id`).
    RoleId;
    /// A phone route: a number and the client that it belongs to (`phone_routing.id`).
    PhoneRouteId;
    /// Something that is left to a person (`todos.id`).
    TodoId;
    /// What a person is told (`notifications.id`).
    NotificationId;
    /// A marketplace install as reported by the provider (`app_installs.id`).
    InstallId;
    /// An address of somebody else that gets events (`webhook_endpoints.id`).
    WebhookId;
    /// One event for one of these addresses (`webhook_deliveries.id`).
    WebhookDeliveryId;
    /// A call of a tool in the log (`tool_calls.id`).
    ToolCallId;
    /// A call of a tool that a person is asked about (`tool_approvals.id`).
    ToolApprovalId;
    /// A third-party tool server of an agency or a business (`tool_servers.id`).
    ToolServerId;
    /// A command line that agencies may run as a tool server (`tool_commands.id`).
    ToolCommandId;
}
