//! A company that manages clients, as lists and pages show it, and the settings it works by.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::AgencyId;
use crate::integration::State;

/// An agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its name.
    pub name: String,
    /// How addresses name it.
    pub slug: String,
    /// `active`, `paused` or `deleted`.
    pub status: String,
    /// HighLevel's id of the company, once connected.
    pub ghl_agency_id: Option<String>,
    /// When its company token ends.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Since when it lies in the trash.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// An agency in the platform's list, with what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencyRow {
    /// The agency.
    #[serde(flatten)]
    pub agency: Agency,
    /// Its businesses.
    pub businesses: i64,
    /// Its people.
    pub people: i64,
    /// Jobs that have not ended.
    pub open_jobs: i64,
    /// Jobs started in the last seven days.
    pub jobs_week: i64,
    /// How its company connection to HighLevel stands.
    pub highlevel: State,
}

/// An agency to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAgency {
    /// Its name, 1 to 255 characters.
    pub name: String,
    /// How addresses name it: small letters, digits and dashes, 1 to 63 of them.
    pub slug: String,
}

/// How an agency wants its jobs carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How often a step is tried again after it failed, 0 to 20.
    pub max_retries: u8,
    /// Whether a location's name may carry a marker until the job ends. Without it the owner's e-mail carries one; without that
    /// too, an unclear answer needs a person.
    pub name_marker: bool,
    /// How many of its jobs run at once, all processes together, 1 to 20.
    pub jobs_at_once: u8,
    /// Where its people open HighLevel: `https://` and a host, for agencies with a domain of their own. Empty means HighLevel's.
    pub app_address: String,
}

/// HighLevel's own web application.
pub const APP_ADDRESS: &str = "https://app.gohighlevel.com";

impl Default for Settings {
    fn default() -> Self {
        Self { max_retries: 3, name_marker: true, jobs_at_once: 5, app_address: String::new() }
    }
}

impl Settings {
    /// The same within the limits.
    #[must_use]
    pub fn within_limits(&self) -> Self {
        Self {
            max_retries: self.max_retries.min(20),
            name_marker: self.name_marker,
            jobs_at_once: self.jobs_at_once.clamp(1, 20),
            app_address: app_address(&self.app_address).unwrap_or_default(),
        }
    }

    /// The page of a location in the web application: the agency's own address of it, else that of the installation.
    #[must_use]
    pub fn location_page(&self, installation: &str, location: &str) -> String {
        let root = if self.app_address.is_empty() { installation } else { &self.app_address };
        let id: String = location.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
        format!("{root}/v2/location/{id}/dashboard")
    }
}

/// A typed address of the web application as it is kept, which is scheme and host; empty stays empty. None when it is no such address.
#[must_use]
pub fn app_address(typed: &str) -> Option<String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Some(String::new());
    }
    let full = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = url::Url::parse(&full).ok()?;
    let host = url.domain().filter(|host| host.contains('.') && host.len() <= 253)?;
    let plain =
        url.scheme() == "https" && url.username().is_empty() && url.password().is_none() && url.port().is_none();
    plain.then(|| format!("https://{host}"))
}

/// The platform in a few figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformCounts {
    /// Agencies.
    pub agencies: i64,
    /// Businesses.
    pub businesses: i64,
    /// People who may sign in.
    pub people: i64,
    /// Jobs that have not ended.
    pub open_jobs: i64,
    /// Jobs that failed and wait for a person.
    pub failed_jobs: i64,
    /// Connections that need a person.
    pub broken_connections: i64,
}
