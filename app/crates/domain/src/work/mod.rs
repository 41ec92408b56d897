//! Kinds of background work: the queue, provider, key and payload of each. A queue row contains only ids, never a
//! business's data; the worker reads the data under the tenant's row-level security policies.
//!
//! To add work (webhooks, model calls, media), and to have it claimed, limited, retried and logged like all other work:
//! 1. If no queue fits, a row in a migration (`queues`: key, limits, priority) and an entry of [`Queue`].
//! 2. If no provider fits, an entry of [`Provider`] and its `outbound::Profile`, for which
//!    `server/src/boot/outbound_adapters.rs` asks.
//! 3. An entry of [`Kind`] with its key, queue and provider, and a row in `worker/src/background_jobs.rs` with its
//!    function, deadline and tries.

mod mail;

pub use mail::Mail;
use serde::{Deserialize, Serialize};

/// A separate queue with its own limits, so that slow work never delays fast work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Provisioning jobs.
    Provisioning,
    /// Refreshes, health checks, syncs and sweeps.
    #[serde(rename = "chores")]
    Background,
    /// Mail to people.
    Mail,
    /// Events for the webhook endpoints of agencies.
    WebhooksOut,
    /// Imports of sub-accounts as clients.
    Imports,
    /// What messaging platforms sent us.
    MessagesIn,
    /// Messages to customers.
    MessagesOut,
    /// Files of messages, and what assistants read.
    Media,
    /// Answers of the assistant.
    Assistant,
    /// Answers of the assistant for nobody.
    Rehearsals,
    /// Questions to third-party tool servers.
    ToolServers,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 11] = [
        Self::Provisioning,
        Self::Background,
        Self::Mail,
        Self::WebhooksOut,
        Self::Imports,
        Self::MessagesIn,
        Self::MessagesOut,
        Self::Media,
        Self::Assistant,
        Self::Rehearsals,
        Self::ToolServers,
    ];

    /// The value in `work_ready.lane`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Background => "chores",
            Self::Mail => "mail",
            Self::WebhooksOut => "webhooks_out",
            Self::Imports => "imports",
            Self::MessagesIn => "messages_in",
            Self::MessagesOut => "messages_out",
            Self::Media => "media",
            Self::Assistant => "assistant",
            Self::Rehearsals => "rehearsals",
            Self::ToolServers => "tool_servers",
        }
    }

    /// The queue with this key. `None` if only another version knows it.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.key() == key)
    }
}

/// An outside service that work calls. What a call to it may do is said by its `outbound::Profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// HighLevel.
    HighLevel,
    /// Meta: WhatsApp, Instagram and Messenger.
    Meta,
    /// The language model that writes answers.
    Model,
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 3] = [Self::HighLevel, Self::Meta, Self::Model];

    /// The key of its profile, which is also the value in `api_calls.provider`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::HighLevel => "ghl",
            Self::Meta => "meta",
            Self::Model => "model",
        }
    }

    /// Its name, as people read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HighLevel => "HighLevel",
            Self::Meta => "Meta",
            Self::Model => "the language model",
        }
    }
}

/// The kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Continues a provisioning job; the subject is the job.
    RunJob,
    /// Searches for locations that appeared after their write had been given up; the subject is the job.
    SweepMarkers,
    /// Renews an integration's tokens before they expire; the subject is the integration.
    RefreshCredential,
    /// Checks whether an integration still works; the subject is the integration.
    CheckIntegration,
    /// Reads the agency's snapshots from HighLevel; the subject is the integration.
    SyncSnapshots,
    /// Reads the agency's sub-accounts from HighLevel; the subject is the integration.
    SyncLocations,
    /// Imports sub-accounts as clients; the subject is the integration.
    ImportLocations,
    /// Removes our app at the provider after a person disconnected it; the subject is the integration.
    UninstallApp,
    /// Continues the jobs that waited for an integration; the subject is the integration.
    ResumeJobs,
    /// Tells HighLevel of a change to a business; the subject is the business.
    UpdateLocation,
    /// Ends what an archived business still has; the subject is the business.
    OffboardBusiness,
    /// Asks HighLevel which of the agency's to-dos are done meanwhile; without a subject.
    CheckTodos,
    /// Sends one mail; the subject is what the mail is about.
    SendMail,
    /// Makes a delivery of an event for each webhook endpoint that wants it; the subject is what the event is about.
    QueueWebhooks,
    /// Sends one delivery to a webhook endpoint; the subject is the delivery.
    SendWebhook,
    /// Reads a body of a messaging platform and does what its items say; the subject is the inbound event.
    ReceiveMessages,
    /// Sends what waits for a channel, in order; the subject is the channel.
    SendMessages,
    /// Fetches a file of a message; the subject is the attachment.
    FetchMedia,
    /// Goes on with the setup of a channel that a person connects; the subject is the integration.
    SetUpChannel,
    /// Asks Meta whether a channel's token still works and what it may do; the subject is the integration.
    CheckChannel,
    /// Ends that Meta sends us what arrives at an account that was disconnected; the subject is the integration.
    LeaveChannel,
    /// Reads a number's message templates from Meta; the subject is the integration.
    SyncTemplates,
    /// Answers a conversation as the assistant; the subject is the conversation.
    AnswerConversation,
    /// Takes the text of a page or file that the assistant is to know; the subject is the source.
    ReadKnowledge,
    /// Asks the assistant a question of a rehearsal; the subject is the question.
    RehearseCase,
    /// Asks a third-party tool server which tools it has; the subject is the server.
    ProbeToolServer,
    /// Runs every periodic job once; a cron row without a subject. Only the previous version enqueued it.
    Sweep,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 27] = [
        Self::RunJob,
        Self::SweepMarkers,
        Self::RefreshCredential,
        Self::CheckIntegration,
        Self::SyncSnapshots,
        Self::SyncLocations,
        Self::ImportLocations,
        Self::UninstallApp,
        Self::ResumeJobs,
        Self::UpdateLocation,
        Self::OffboardBusiness,
        Self::CheckTodos,
        Self::SendMail,
        Self::QueueWebhooks,
        Self::SendWebhook,
        Self::ReceiveMessages,
        Self::SendMessages,
        Self::FetchMedia,
        Self::SetUpChannel,
        Self::CheckChannel,
        Self::LeaveChannel,
        Self::SyncTemplates,
        Self::AnswerConversation,
        Self::ReadKnowledge,
        Self::RehearseCase,
        Self::ProbeToolServer,
        Self::Sweep,
    ];

    /// The value in `work_ready.kind`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::RunJob => "provisioning.job",
            Self::SweepMarkers => "provisioning.sweep",
            Self::RefreshCredential => "credential.refresh",
            Self::CheckIntegration => "integration.check",
            Self::SyncSnapshots => "snapshots.sync",
            Self::SyncLocations => "locations.sync",
            Self::ImportLocations => "locations.import",
            Self::UninstallApp => "integration.uninstall",
            Self::ResumeJobs => "provisioning.resume",
            Self::UpdateLocation => "location.update",
            Self::OffboardBusiness => "business.offboard",
            Self::CheckTodos => "todos.check",
            Self::SendMail => "mail.send",
            Self::QueueWebhooks => "webhooks.queue",
            Self::SendWebhook => "webhooks.send",
            Self::ReceiveMessages => "messages.receive",
            Self::SendMessages => "messages.send",
            Self::FetchMedia => "media.fetch",
            Self::SetUpChannel => "channel.set_up",
            Self::CheckChannel => "channel.check",
            Self::LeaveChannel => "channel.leave",
            Self::SyncTemplates => "templates.sync",
            Self::AnswerConversation => "assistant.answer",
            Self::ReadKnowledge => "knowledge.read",
            Self::RehearseCase => "assistant.rehearse",
            Self::ProbeToolServer => "tool_server.probe",
            Self::Sweep => "chores.sweep",
        }
    }

    /// The kind with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The queue in which it waits.
    #[must_use]
    pub const fn queue(self) -> Queue {
        match self {
            Self::RunJob => Queue::Provisioning,
            Self::SendMail => Queue::Mail,
            Self::QueueWebhooks | Self::SendWebhook => Queue::WebhooksOut,
            Self::ImportLocations => Queue::Imports,
            Self::ReceiveMessages => Queue::MessagesIn,
            Self::SendMessages => Queue::MessagesOut,
            Self::FetchMedia | Self::ReadKnowledge => Queue::Media,
            Self::AnswerConversation => Queue::Assistant,
            Self::RehearseCase => Queue::Rehearsals,
            Self::ProbeToolServer => Queue::ToolServers,
            Self::SweepMarkers
            | Self::RefreshCredential
            | Self::CheckIntegration
            | Self::SyncSnapshots
            | Self::SyncLocations
            | Self::UninstallApp
            | Self::ResumeJobs
            | Self::UpdateLocation
            | Self::OffboardBusiness
            | Self::CheckTodos
            | Self::SetUpChannel
            | Self::CheckChannel
            | Self::LeaveChannel
            | Self::SyncTemplates
            | Self::Sweep => Queue::Background,
        }
    }

    /// The provider that it calls, whose retry budget is asked before it is repeated. `None` if it calls none.
    #[must_use]
    pub const fn provider(self) -> Option<Provider> {
        match self {
            Self::RunJob
            | Self::SweepMarkers
            | Self::RefreshCredential
            | Self::CheckIntegration
            | Self::SyncSnapshots
            | Self::SyncLocations
            | Self::ImportLocations
            | Self::CheckTodos
            | Self::UpdateLocation
            | Self::UninstallApp => Some(Provider::HighLevel),
            Self::SendMessages
            | Self::FetchMedia
            | Self::SetUpChannel
            | Self::CheckChannel
            | Self::LeaveChannel
            | Self::SyncTemplates => Some(Provider::Meta),
            Self::AnswerConversation | Self::RehearseCase => Some(Provider::Model),
            // An address that an agency chose is no provider: it has no budget that others share.
            Self::ReceiveMessages
            | Self::ResumeJobs
            | Self::OffboardBusiness
            | Self::SendMail
            | Self::QueueWebhooks
            | Self::SendWebhook
            | Self::ReadKnowledge
            | Self::ProbeToolServer
            | Self::Sweep => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_under_its_word() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.key()), Some(kind));
            assert!(Queue::ALL.contains(&kind.queue()));
            assert!(kind.provider().is_none_or(|provider| Provider::ALL.contains(&provider)));
        }
        for queue in Queue::ALL {
            assert_eq!(Queue::parse(queue.key()), Some(queue));
        }
        assert_eq!(Queue::parse("of a newer version"), None);
    }
}
