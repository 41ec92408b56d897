//! Who may do what? Installs of the app and the credentials that stand for them.
//! Secrets are kept by digest, never by value: nothing in the data folder opens a connection.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The app as registered in the marketplace: the one this simulator was started with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// App id.
    pub id: String,
    /// Name shown on the consent screen.
    pub name: String,
}

/// The app installed on a company or on one location.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Install {
    /// See [`Install::key`].
    pub id: String,
    /// The agency.
    pub company_id: String,
    /// The location, unless the install is the agency's.
    pub location_id: Option<String>,
    /// Who installed.
    pub user_id: String,
    /// What was granted.
    pub scopes: Vec<String>,
    /// Whether locations to come get the app too.
    pub future: bool,
    /// Whether every location was approved.
    pub all: bool,
    /// When.
    pub installed_at: DateTime<Utc>,
    /// From when a location token may be minted.
    pub active_at: DateTime<Utc>,
}

impl Install {
    /// Id of the install of a company or of a location.
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
    /// As the journal names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Location => "location",
            Self::AgencyPit => "agency_pit",
            Self::LocationPit => "location_pit",
        }
    }

    /// Whether it speaks for a whole agency.
    pub fn is_agency(self) -> bool {
        matches!(self, Self::Company | Self::AgencyPit)
    }
}

/// What a credential stands for; shared by codes, access tokens and refresh tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Kind of credential.
    pub class: Class,
    /// OAuth client or integration: whose rate limit is used up.
    pub app: String,
    /// The agency.
    pub company_id: String,
    /// The location, for location credentials.
    pub location_id: Option<String>,
    /// Who granted.
    pub user_id: String,
    /// What it may do.
    pub scopes: Vec<String>,
}

impl Grant {
    /// Company or location whose rate limit a call uses up.
    pub fn resource(&self) -> &str {
        self.location_id.as_deref().unwrap_or(&self.company_id)
    }
}

/// A code of the consent screen, waiting to be exchanged.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Code {
    /// Digest of the code.
    pub id: String,
    /// What it stands for.
    pub grant: Grant,
    /// Callback it was sent to.
    pub redirect_uri: String,
    /// Locations approved.
    pub locations: Vec<String>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// Whether it was exchanged.
    pub used: bool,
}

/// An access token or a private integration token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// Digest of the token.
    pub id: String,
    /// What it stands for.
    pub grant: Grant,
    /// Until when; private integration tokens do not expire.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Token {
    /// What it may do, without what it is.
    pub fn told(&self) -> Value {
        json!({
            "fingerprint": self.id.get(..12), "class": self.grant.class, "companyId": self.grant.company_id,
            "locationId": self.grant.location_id, "scopes": self.grant.scopes, "expiresAt": self.expires_at,
        })
    }
}

/// A refresh token; single use.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refresh {
    /// Digest of the token.
    pub id: String,
    /// What it stands for.
    pub grant: Grant,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// When it was used; from then on only the grace window keeps it alive.
    pub used_at: Option<DateTime<Utc>>,
}
