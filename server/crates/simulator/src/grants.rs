//! Installs of the app and the credentials that belong to them.
//!
//! Secrets are stored as digests, never by value, so nothing in the data folder can be used as a credential.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The app as registered in the marketplace. A simulator knows one app, the one it was started with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// App id.
    pub id: String,
    /// Name shown on the consent screen.
    pub name: String,
}

/// An install of the app on a company or on one location.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Install {
    /// See [`Install::key`].
    pub id: String,
    /// The agency.
    pub company_id: String,
    /// The location. `None` means that the install is the agency's.
    pub location_id: Option<String>,
    /// The user who installed the app.
    pub user_id: String,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// Whether the app is also installed on future locations.
    pub future: bool,
    /// Whether every location was approved.
    pub all: bool,
    /// When the app was installed.
    pub installed_at: DateTime<Utc>,
    /// When a location token can first be minted.
    pub active_at: DateTime<Utc>,
}

impl Install {
    /// Id of the install of a company or, if `location` is given, of a location.
    pub fn key(company: Option<&str>, location: Option<&str>) -> String {
        match location {
            Some(location) => format!("location:{location}"),
            None => format!("company:{}", company.unwrap_or_default()),
        }
    }
}

/// Kind of credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// OAuth token of an agency.
    Company,
    /// OAuth token of a location.
    Location,
    /// Private integration token of an agency.
    AgencyPit,
    /// Private integration token of a location.
    LocationPit,
}

impl Class {
    /// The name used in the journal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Location => "location",
            Self::AgencyPit => "agency_pit",
            Self::LocationPit => "location_pit",
        }
    }

    /// True if the credential belongs to a whole agency.
    pub fn is_agency(self) -> bool {
        matches!(self, Self::Company | Self::AgencyPit)
    }
}

/// The rights of a credential; shared by codes, access tokens and refresh tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Kind of credential.
    pub class: Class,
    /// OAuth client or private integration whose rate limit the calls count against.
    pub app: String,
    /// The agency.
    pub company_id: String,
    /// The location. `None` for an agency's credential.
    pub location_id: Option<String>,
    /// The user who granted the rights.
    pub user_id: String,
    /// The granted scopes.
    pub scopes: Vec<String>,
}

impl Grant {
    /// The company or location whose rate limit a call counts against.
    pub fn resource(&self) -> &str {
        self.location_id.as_deref().unwrap_or(&self.company_id)
    }
}

/// An authorization code from the consent screen, waiting to be exchanged.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Code {
    /// Digest of the code.
    pub id: String,
    /// The rights that the code grants.
    pub grant: Grant,
    /// The callback that the code was sent to.
    pub redirect_uri: String,
    /// The approved locations.
    pub locations: Vec<String>,
    /// When the code expires.
    pub expires_at: DateTime<Utc>,
    /// Whether the code was exchanged already.
    pub used: bool,
}

/// An access token or a private integration token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// Digest of the token.
    pub id: String,
    /// The rights that the token grants.
    pub grant: Grant,
    /// When the token expires. `None` for a private integration token, which does not expire.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Token {
    /// Describes what the token may do, without revealing the token.
    pub fn describe(&self) -> Value {
        json!({
            "fingerprint": self.id.get(..12), "class": self.grant.class, "companyId": self.grant.company_id,
            "locationId": self.grant.location_id, "scopes": self.grant.scopes, "expiresAt": self.expires_at,
        })
    }
}

/// A refresh token. It can be used once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refresh {
    /// Digest of the token.
    pub id: String,
    /// The rights that the token grants.
    pub grant: Grant,
    /// When the token expires.
    pub expires_at: DateTime<Utc>,
    /// When the token was used. After its use, it works only until the grace period ends. `None` if it is unused.
    pub used_at: Option<DateTime<Utc>>,
}
