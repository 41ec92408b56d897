//! The kinds of records that HighLevel keeps, as far as the simulator models them.
//!
//! Field names are those of the API, so `/_sim/world` reads like HighLevel's own answers. Installs and tokens are
//! in `grants.rs`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An agency.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Phone.
    pub phone: String,
    /// Owner's full name.
    pub owner: String,
    /// Monthly price of the plan in dollars. Locations can be created by API from 497 up.
    pub plan: u32,
    /// Country.
    pub country: String,
    /// Time zone.
    pub timezone: String,
    /// Number by which HighLevel identifies the agency to other agencies.
    pub relationship_number: String,
    /// Domain of a white-labelled agency's application. Empty for other agencies.
    #[serde(default)]
    pub domain: String,
}

impl Company {
    /// True if the agency is white-labelled. The standard consent page does not know such an agency (HighLevel API
    /// §2.1).
    pub fn is_white_labelled(&self) -> bool {
        !self.domain.is_empty()
    }

    /// The white-label flag and details, as events and installations carry them (HighLevel API §6.2).
    pub fn white_label(&self) -> (bool, Value) {
        let details = if self.is_white_labelled() {
            serde_json::json!({"domain": self.domain, "logoUrl": ""})
        } else {
            serde_json::json!({})
        };
        (self.is_white_labelled(), details)
    }

    /// True if the plan allows creating locations by API (HighLevel API §4.0).
    pub fn may_create_locations(&self) -> bool {
        self.plan >= 497
    }
}

/// A sub-account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Location {
    /// Id.
    pub id: String,
    /// The agency it belongs to.
    pub company_id: String,
    /// Name; not unique.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// E-mail of the prospect.
    pub email: String,
    /// First name of the prospect.
    pub first_name: String,
    /// Last name of the prospect.
    pub last_name: String,
    /// Street.
    pub address: String,
    /// City.
    pub city: String,
    /// State.
    pub state: String,
    /// Country.
    pub country: String,
    /// Postal code.
    pub postal_code: String,
    /// Website.
    pub website: String,
    /// Time zone.
    pub timezone: String,
    /// Settings, as sent by the caller.
    pub settings: Value,
    /// Social links, as sent by the caller.
    pub social: Value,
    /// When it was created.
    pub date_added: DateTime<Utc>,
    /// When search starts to show the location.
    pub listed_at: DateTime<Utc>,
    /// Whether the location is paused. A paused location gets no tokens.
    pub paused: bool,
}

impl Location {
    /// What calls look it up with: its company, and its e-mail within the company.
    pub fn keys(&self) -> Vec<String> {
        vec![self.company_id.clone(), Self::email_key(&self.company_id, &self.email)]
    }

    /// The key of the locations of a company with this e-mail.
    pub fn email_key(company: &str, email: &str) -> String {
        format!("{company} {}", email.to_ascii_lowercase())
    }

    /// When it was added.
    pub const fn since(&self) -> DateTime<Utc> {
        self.date_added
    }
}

/// A person with a login at HighLevel. Passwords are never kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Id.
    pub id: String,
    /// The agency.
    pub company_id: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail, unique across all agencies.
    pub email: String,
    /// Phone.
    pub phone: String,
    /// `account` or `agency`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `admin` or `user`.
    pub role: String,
    /// Locations that the user can access.
    pub location_ids: Vec<String>,
    /// Permission switches, as sent by the caller.
    pub permissions: Value,
    /// Exact scopes. `None` means the defaults.
    pub scopes: Option<Vec<String>>,
    /// Language.
    pub platform_language: String,
    /// When the user was added.
    pub date_added: DateTime<Utc>,
}

impl User {
    /// What calls look it up with: its company, its locations, its e-mail.
    pub fn keys(&self) -> Vec<String> {
        let own = [self.company_id.clone(), Self::email_key(&self.email)];
        own.into_iter().chain(self.location_ids.iter().cloned()).collect()
    }

    /// The key of the user with this e-mail.
    pub fn email_key(email: &str) -> String {
        email.to_lowercase()
    }

    /// When it was added.
    pub const fn since(&self) -> DateTime<Utc> {
        self.date_added
    }
}

/// A template of an agency, with the assets that it adds to a location.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Id.
    pub id: String,
    /// The agency.
    pub company_id: String,
    /// Name.
    pub name: String,
    /// `own` or `imported`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Asset groups in the order in which they are applied.
    pub assets: Vec<String>,
    /// Custom values that it adds: name and value.
    pub custom_values: Vec<(String, String)>,
    /// Custom fields that it adds: name and data type.
    pub custom_fields: Vec<(String, String)>,
    /// Tags that it adds.
    pub tags: Vec<String>,
}

/// How a push of a snapshot ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PushMode {
    /// The push completes.
    #[default]
    Normal,
    /// The push fails half way.
    Failed,
    /// The push stops half way and stays `processing` forever.
    Stuck,
}

/// A snapshot being applied to a location.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Push {
    /// Id.
    pub id: String,
    /// The snapshot.
    pub snapshot_id: String,
    /// The location.
    pub location_id: String,
    /// The agency.
    pub company_id: String,
    /// Whether conflicting assets are overwritten.
    #[serde(rename = "override")]
    pub overrides: bool,
    /// How the push ends.
    pub mode: PushMode,
    /// When the push was requested.
    pub started_at: DateTime<Utc>,
    /// When the push completes, if nothing goes wrong.
    pub ends_at: DateTime<Utc>,
    /// Asset groups in the order in which they are applied.
    pub assets: Vec<String>,
    /// How many groups have been applied to the location so far.
    pub applied: usize,
}

impl Push {
    /// The key of the pushes that have groups left to apply.
    pub const LOADING: &'static str = "loading";

    /// What calls look it up with: its snapshot, its location, and whether groups are left to apply.
    pub fn keys(&self) -> Vec<String> {
        let loading = (self.applied < self.groups()).then(|| Self::LOADING.to_owned());
        [self.snapshot_id.clone(), self.location_id.clone()].into_iter().chain(loading).collect()
    }

    /// When it was requested.
    pub const fn since(&self) -> DateTime<Utc> {
        self.started_at
    }

    /// How many groups it applies in all.
    const fn groups(&self) -> usize {
        match self.mode {
            PushMode::Normal => self.assets.len(),
            PushMode::Failed | PushMode::Stuck => self.assets.len() / 2,
        }
    }

    /// How many groups are complete at the given time.
    pub fn due(&self, now: DateTime<Utc>) -> usize {
        let whole = (self.ends_at - self.started_at).num_milliseconds().max(1);
        let gone = (now - self.started_at).num_milliseconds().clamp(0, whole);
        let groups = self.assets.len();
        let due = usize::try_from(gone * i64::try_from(groups).unwrap_or(0) / whole).unwrap_or(0);
        due.min(self.groups())
    }

    /// The status as HighLevel names it.
    pub fn status(&self, now: DateTime<Utc>) -> &'static str {
        match self.mode {
            PushMode::Normal if self.due(now) == self.assets.len() => "completed",
            PushMode::Failed if self.due(now) == self.assets.len() / 2 => "failed",
            _ => "processing",
        }
    }

    /// The push and its progress as JSON.
    pub fn to_json(&self, now: DateTime<Utc>) -> Value {
        let (completed, pending) = self.assets.split_at(self.due(now));
        json!({
            "id": self.id, "snapshotId": self.snapshot_id, "locationId": self.location_id,
            "companyId": self.company_id, "override": self.overrides, "mode": self.mode,
            "startedAt": self.started_at, "endsAt": self.ends_at, "status": self.status(now),
            "completed": completed, "pending": pending,
        })
    }
}

/// A named text of a location.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomValue {
    /// Id.
    pub id: String,
    /// The location.
    pub location_id: String,
    /// Name.
    pub name: String,
    /// Key used in templates.
    pub field_key: String,
    /// Text.
    pub value: String,
}

impl CustomValue {
    /// What calls look it up with: its location.
    pub fn keys(&self) -> Vec<String> {
        vec![self.location_id.clone()]
    }
}

/// A field of contacts or opportunities.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomField {
    /// Id.
    pub id: String,
    /// The location.
    pub location_id: String,
    /// Name.
    pub name: String,
    /// Key used in templates.
    pub field_key: String,
    /// Placeholder.
    pub placeholder: String,
    /// Data type.
    pub data_type: String,
    /// Position.
    pub position: f64,
    /// `contact` or `opportunity`.
    pub model: String,
}

impl CustomField {
    /// What calls look it up with: its location.
    pub fn keys(&self) -> Vec<String> {
        vec![self.location_id.clone()]
    }
}

/// A tag of a location; lower case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    /// Id.
    pub id: String,
    /// The location.
    pub location_id: String,
    /// Name.
    pub name: String,
}

impl Tag {
    /// What calls look it up with: its location.
    pub fn keys(&self) -> Vec<String> {
        vec![self.location_id.clone()]
    }
}
