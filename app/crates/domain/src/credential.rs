//! A versioned secret of a connection. What is shown of it never opens anything.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AgencyId, BusinessId, CredentialId, IntegrationId};

/// What kind of secret it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// HighLevel private integration token: no refresh, ends when revoked.
    Pit,
    /// OAuth tokens of a company.
    OauthCompany,
    /// OAuth tokens of a location.
    OauthLocation,
    /// A plain key.
    ApiKey,
}

impl CredentialKind {
    /// The word in the table.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pit => "pit",
            Self::OauthCompany => "oauth_company",
            Self::OauthLocation => "oauth_location",
            Self::ApiKey => "api_key",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Pit, Self::OauthCompany, Self::OauthLocation, Self::ApiKey].into_iter().find(|kind| kind.key() == key)
    }
}

/// Which place a version holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// In use.
    Current,
    /// Prepared to take over.
    Next,
    /// Kept for emergencies.
    Backup,
    /// Was in use before.
    Previous,
}

impl Slot {
    /// The word in the table.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Next => "next",
            Self::Backup => "backup",
            Self::Previous => "previous",
        }
    }

    /// The slot with this word.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Current, Self::Next, Self::Backup, Self::Previous].into_iter().find(|slot| slot.key() == key)
    }
}

/// A secret as pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// The connection it opens.
    pub integration: IntegrationId,
    /// Its number inside the connection.
    pub version: i32,
    /// Which place it holds.
    pub slot: Slot,
    /// What it is.
    pub kind: CredentialKind,
    /// First digits of a hash: tells versions apart, opens nothing.
    pub fingerprint: String,
    /// What it may do at the provider.
    pub scopes: Vec<String>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Whether it can renew itself.
    pub refreshable: bool,
}

/// A credential that soon ends, named by ids only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The credential.
    pub id: CredentialId,
    /// Its agency.
    pub agency: AgencyId,
    /// Its business; absent for the agency's own.
    pub business: Option<BusinessId>,
    /// Its connection.
    pub integration: IntegrationId,
}
