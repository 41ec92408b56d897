//! A versioned secret of an integration. Nothing that is shown of it can be used to sign in.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::{AgencyId, BusinessId, CredentialId, IntegrationId};

/// The kind of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// HighLevel private integration token: cannot be refreshed and is valid until it is revoked.
    Pit,
    /// OAuth tokens of a company.
    OauthCompany,
    /// OAuth tokens of a location.
    OauthLocation,
    /// A plain API key.
    ApiKey,
    /// Token of a person at Meta or Instagram: a person renews it by consenting again.
    OauthUser,
    /// Token of a Facebook page.
    OauthPage,
    /// Token of a business at Meta, which belongs to no person.
    SystemUser,
}

impl CredentialKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Pit,
        Self::OauthCompany,
        Self::OauthLocation,
        Self::ApiKey,
        Self::OauthUser,
        Self::OauthPage,
        Self::SystemUser,
    ];

    /// The value in the table.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pit => "pit",
            Self::OauthCompany => "oauth_company",
            Self::OauthLocation => "oauth_location",
            Self::ApiKey => "api_key",
            Self::OauthUser => "oauth_user",
            Self::OauthPage => "oauth_page",
            Self::SystemUser => "system_user",
        }
    }

    /// The kind with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// The use of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// In use.
    Current,
    /// Prepared to replace the current version.
    Next,
    /// Kept for emergencies.
    Backup,
    /// In use before the current version.
    Previous,
}

impl Slot {
    /// The value in the table.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Next => "next",
            Self::Backup => "backup",
            Self::Previous => "previous",
        }
    }

    /// The slot with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Current, Self::Next, Self::Backup, Self::Previous].into_iter().find(|slot| slot.key() == key)
    }
}

/// A secret as pages show it, without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// The integration it belongs to.
    pub integration: IntegrationId,
    /// Its version number within the integration.
    pub version: i32,
    /// The use of this version.
    pub slot: Slot,
    /// The kind of secret.
    pub kind: CredentialKind,
    /// First digits of a hash. They distinguish versions and cannot be used to sign in.
    pub fingerprint: String,
    /// The scopes that the provider granted.
    pub scopes: Vec<String>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it expires, if it does.
    pub expires_at: Option<DateTime<Utc>>,
    /// When its refresh token expires; `None` if it has none.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Whether it can be refreshed.
    pub refreshable: bool,
}

impl Credential {
    /// The latest time at which a person has to renew it; `None` if it does not expire.
    #[must_use]
    pub fn renew_by(&self) -> Option<DateTime<Utc>> {
        match self.kind {
            CredentialKind::Pit => Some(self.issued_at + Duration::days(PIT_DAYS)),
            CredentialKind::OauthCompany | CredentialKind::OauthLocation => self.refresh_expires_at,
            CredentialKind::ApiKey
            | CredentialKind::OauthUser
            | CredentialKind::OauthPage
            | CredentialKind::SystemUser => self.expires_at,
        }
    }

    /// From when on a warning is shown: 15 days before `renew_by` for tokens that a person rotates by hand, 7 days
    /// for the others.
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

/// Days after which a private integration token must be rotated by hand.
pub const PIT_DAYS: i64 = 90;
/// Ages in days at which a warning about that is sent.
pub const PIT_WARNINGS: [i64; 3] = [75, 85, PIT_DAYS];

/// The latest warning that is due for a private integration token of this age; `None` before the first.
#[must_use]
pub fn pit_warning(issued_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<i64> {
    let days = (now - issued_at).num_days();
    PIT_WARNINGS.into_iter().rev().find(|warning| days >= *warning)
}

/// A credential that is due for renewal, identified by ids only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The credential.
    pub id: CredentialId,
    /// Its agency.
    pub agency: AgencyId,
    /// Its business; `None` if the integration belongs to the agency itself.
    pub business: Option<BusinessId>,
    /// Its integration.
    pub integration: IntegrationId,
    /// Its version number within the integration.
    pub version: i32,
}
