//! An agency: a company that manages businesses, as lists and pages show it, and its settings.

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
    /// Its name in URLs.
    pub slug: String,
    /// `active`, `paused` or `deleted`.
    pub status: String,
    /// HighLevel's id of the company, once connected.
    pub ghl_agency_id: Option<String>,
    /// When its company token expires.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was moved to the trash; `None` if it is not there.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// An agency in the platform's list, with its counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencyRow {
    /// The agency.
    #[serde(flatten)]
    pub agency: Agency,
    /// Number of its businesses.
    pub businesses: i64,
    /// Number of its people.
    pub people: i64,
    /// Number of jobs that have not ended.
    pub open_jobs: i64,
    /// Number of jobs created in the last seven days.
    pub jobs_week: i64,
    /// State of its company integration with HighLevel.
    pub highlevel: State,
}

/// An agency to create.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAgency {
    /// Its name, 1 to 255 characters.
    pub name: String,
    /// Its name in URLs: 1 to 63 lower-case letters, digits and dashes.
    pub slug: String,
}

/// How jobs of an agency are run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How often a failed step is retried, 0 to 20.
    pub max_retries: u8,
    /// Whether a location's name may contain a marker until the job ends. If not, the owner's e-mail address
    /// contains one. If there is no such address either, a person has to decide after an unclear answer.
    pub name_marker: bool,
    /// How many of the agency's jobs may run at once in all processes together, 1 to 20.
    pub jobs_at_once: u8,
    /// Address at which the agency's people open HighLevel, for agencies with their own domain: `https://` and a
    /// host. Empty means HighLevel's own address.
    pub app_address: String,
}

/// Address of HighLevel's own web application.
pub const APP_ADDRESS: &str = "https://app.gohighlevel.com";

impl Default for Settings {
    fn default() -> Self {
        Self { max_retries: 3, name_marker: true, jobs_at_once: 5, app_address: String::new() }
    }
}

impl Settings {
    /// The settings with every value moved into its allowed range.
    #[must_use]
    pub fn within_limits(&self) -> Self {
        Self {
            max_retries: self.max_retries.min(20),
            name_marker: self.name_marker,
            jobs_at_once: self.jobs_at_once.clamp(1, 20),
            app_address: app_address(&self.app_address).unwrap_or_default(),
        }
    }

    /// The page of a location in HighLevel's web application, at the agency's own address or else at that of the
    /// installation.
    #[must_use]
    pub fn location_page(&self, installation: &str, location: &str) -> String {
        let root = if self.app_address.is_empty() { installation } else { &self.app_address };
        let id: String = location.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
        format!("{root}/v2/location/{id}/dashboard")
    }
}

/// Reads an address of the web application that a person typed, and returns it as it is stored: scheme and host.
/// Empty stays empty. Returns `None` if it is not a valid address.
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

/// Number of characters that a name in addresses may have.
pub const MOST_URL_NAME: usize = 63;

/// The name in addresses that fits a name whose letters are decomposed (NFKD), so that an accent is a mark of its own.
#[must_use]
pub fn url_name(decomposed: &str) -> String {
    let mut name = String::new();
    for letter in decomposed.chars() {
        match letter {
            _ if letter.is_ascii_alphanumeric() => name.push(letter.to_ascii_lowercase()),
            // Marks and apostrophes belong to the letter before them.
            '\u{300}'..='\u{36F}' | '\'' | '\u{2019}' => {}
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    name.truncate(MOST_URL_NAME);
    name.trim_end_matches('-').to_owned()
}

/// Counts for the platform's overview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformCounts {
    /// Number of agencies.
    pub agencies: i64,
    /// Number of businesses.
    pub businesses: i64,
    /// Number of people who may sign in.
    pub people: i64,
    /// Number of jobs that have not ended.
    pub open_jobs: i64,
    /// Number of jobs that failed and wait for a person.
    pub failed_jobs: i64,
    /// Number of integrations that need a person.
    pub broken_connections: i64,
}
