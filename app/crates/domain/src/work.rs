//! Kinds of background work: the queue, key and payload of each. A queue row holds only ids, never a client's data; the
//! worker reads the data under the tenant's policies.

use serde::{Deserialize, Serialize};

use crate::{IntegrationId, UserId};

/// A queue of its own with its own limits, so that slow work never delays quick work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Provisioning jobs.
    Provisioning,
    /// Refreshes, health checks, syncs and sweeps.
    #[serde(rename = "chores")]
    Background,
    /// Mails to people.
    Mail,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 3] = [Self::Provisioning, Self::Background, Self::Mail];

    /// The word in `work_ready.lane`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Background => "chores",
            Self::Mail => "mail",
        }
    }
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Carry a provisioning job on; the subject is the job.
    RunJob,
    /// Look for late traces of writes that were given up; the subject is the job.
    SweepMarkers,
    /// Renew an integration's tokens before they expire; the subject is the integration.
    RefreshCredential,
    /// Find out whether an integration still works; the subject is the integration.
    CheckIntegration,
    /// Read the agency's snapshots from HighLevel; the subject is the integration.
    SyncSnapshots,
    /// Remove our app at the provider after a person disconnected it; the subject is the integration.
    UninstallApp,
    /// Let the jobs go on that waited for a connection; the subject is the integration.
    ResumeJobs,
    /// Send one mail; the subject is what it is about.
    SendMail,
    /// Find credentials that are due and lost work, and enqueue it; a cron row without a subject.
    Sweep,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::RunJob,
        Self::SweepMarkers,
        Self::RefreshCredential,
        Self::CheckIntegration,
        Self::SyncSnapshots,
        Self::UninstallApp,
        Self::ResumeJobs,
        Self::SendMail,
        Self::Sweep,
    ];

    /// The word in `work_ready.kind`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::RunJob => "provisioning.job",
            Self::SweepMarkers => "provisioning.sweep",
            Self::RefreshCredential => "credential.refresh",
            Self::CheckIntegration => "integration.check",
            Self::SyncSnapshots => "snapshots.sync",
            Self::UninstallApp => "integration.uninstall",
            Self::ResumeJobs => "provisioning.resume",
            Self::SendMail => "mail.send",
            Self::Sweep => "chores.sweep",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The queue it waits in.
    #[must_use]
    pub const fn queue(self) -> Queue {
        match self {
            Self::RunJob => Queue::Provisioning,
            Self::SendMail => Queue::Mail,
            Self::SweepMarkers
            | Self::RefreshCredential
            | Self::CheckIntegration
            | Self::SyncSnapshots
            | Self::UninstallApp
            | Self::ResumeJobs
            | Self::Sweep => Queue::Background,
        }
    }
}

/// Payload of [`Kind::SendMail`]: which mail, never its text or its secret link (the sender makes those).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mail", rename_all = "snake_case")]
pub enum Mail {
    /// A business is ready; whoever has its e-mail is invited to own it. Agency and business stand on the work row, and the
    /// address on the business.
    InviteOwner,
    /// An integration can no longer renew itself; somebody has to connect it again.
    NeedsReauth {
        /// The integration.
        integration: IntegrationId,
        /// Who is told.
        user: UserId,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_under_its_word() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.key()), Some(kind));
            assert!(Queue::ALL.contains(&kind.queue()));
        }
    }
}
