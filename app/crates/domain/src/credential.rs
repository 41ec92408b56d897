//! A versioned secret of a connection. What is shown of it never opens anything.

use chrono::{DateTime, Duration, Utc};
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
    /// When it can no longer renew itself.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Whether it can renew itself.
    pub refreshable: bool,
}

impl Credential {
    /// When a person has to renew it at the latest; absent where nothing ends.
    #[must_use]
    pub fn renew_by(&self) -> Option<DateTime<Utc>> {
        match self.kind {
            CredentialKind::Pit => Some(self.issued_at + Duration::days(PIT_DAYS)),
            CredentialKind::OauthCompany | CredentialKind::OauthLocation => self.refresh_expires_at,
            CredentialKind::ApiKey => self.expires_at,
        }
    }

    /// From when on we say so: 15 days before for what a person rotates by hand, 7 days for the rest.
    #[must_use]
    pub fn warn_from(&self) -> Option<DateTime<Utc>> {
        let ahead = if self.kind == CredentialKind::Pit { PIT_DAYS - PIT_WARNINGS[0] } else { 7 };
        self.renew_by().map(|end| end - Duration::days(ahead))
    }

    /// Whole days since it was issued.
    #[must_use]
    pub fn age_days(&self, now: DateTime<Utc>) -> i64 {
        (now - self.issued_at).num_days()
    }
}

/// A private integration token is rotated by hand every so many days.
pub const PIT_DAYS: i64 = 90;
/// Ages in days at which that is announced.
pub const PIT_WARNINGS: [i64; 3] = [75, 85, PIT_DAYS];

/// The last warning a private integration token of this age has earned.
#[must_use]
pub fn pit_warning(issued_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<i64> {
    let days = (now - issued_at).num_days();
    PIT_WARNINGS.into_iter().rev().find(|warning| days >= *warning)
}

/// A credential that is due for renewal, named by ids only.
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
    /// Its number inside the connection.
    pub version: i32,
}
