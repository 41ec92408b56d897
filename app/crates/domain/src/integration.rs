//! A connected outside account: the facts we hold about it. The word for its state is computed from them, never stored.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::{AgencyId, BusinessId, InstallId, IntegrationId};

/// Kinds of outside accounts; the set is a contract with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "integration_type", rename_all = "SCREAMING_SNAKE_CASE"))]
pub enum Kind {
    /// WhatsApp Business.
    Whatsapp,
    /// Instagram.
    Instagram,
    /// Facebook page.
    Facebook,
    /// Voice assistant.
    Vapi,
    /// Google Calendar.
    GoogleCalendar,
    /// Mail.
    Email,
    /// HighLevel: a company (no business) or a location.
    Gohighlevel,
    /// Stripe.
    Stripe,
    /// Twilio.
    Twilio,
    /// SendGrid.
    Sendgrid,
}

/// A connection as pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Its id.
    pub id: IntegrationId,
    /// The agency.
    pub agency: AgencyId,
    /// The business; absent for the agency's own.
    pub business: Option<BusinessId>,
    /// What it connects to.
    pub kind: Kind,
    /// Whether it is in use.
    pub is_active: bool,
    /// The provider's id: company or location.
    pub platform_id: String,
    /// The provider's name for it.
    pub platform_name: Option<String>,
    /// The provider's id of what it belongs to (a location's company).
    pub parent_platform_id: Option<String>,
    /// What the provider granted.
    pub scopes_granted: Vec<String>,
    /// What we asked for and did not get.
    pub scopes_missing: Vec<String>,
    /// When the current token ends.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// When it was connected.
    pub connected_at: Option<DateTime<Utc>>,
    /// Last call that worked.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// Last call that did not.
    pub last_error_at: Option<DateTime<Utc>>,
    /// What that one answered.
    pub last_error_code: Option<String>,
    /// Since when only a person can repair it.
    pub needs_reauth_at: Option<DateTime<Utc>>,
    /// Since when it is paused.
    pub paused_at: Option<DateTime<Utc>>,
    /// Since when it is disconnected.
    pub disconnected_at: Option<DateTime<Utc>>,
}

/// How a connection stands, with the reason it is called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Its last call worked, and that is recent.
    Working,
    /// Nothing was tried lately, so nobody knows.
    Quiet,
    /// Its last call failed.
    Trouble,
    /// The token ends within a day and was not renewed.
    Expiring,
    /// Only a person can repair it.
    NeedsPerson,
    /// Paused by a person.
    Paused,
    /// Disconnected.
    Off,
}

impl Connection {
    /// The word for its state at a moment.
    #[must_use]
    pub fn health(&self, now: DateTime<Utc>) -> Health {
        if self.disconnected_at.is_some() || !self.is_active {
            return Health::Off;
        }
        if self.needs_reauth_at.is_some() {
            return Health::NeedsPerson;
        }
        if self.paused_at.is_some() {
            return Health::Paused;
        }
        if self.last_error_at > self.last_ok_at {
            return Health::Trouble;
        }
        if self.token_expires_at.is_some_and(|end| end < now) {
            return Health::Expiring;
        }
        if self.last_ok_at.is_some_and(|at| now - at < Duration::hours(24)) { Health::Working } else { Health::Quiet }
    }
}

/// Something observed about a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was observed: `call`, `refresh`, `probe`, `event`.
    pub kind: String,
    /// Whether it speaks for the connection.
    pub ok: bool,
    /// In words.
    pub detail: Option<String>,
    /// When.
    pub observed_at: DateTime<Utc>,
}

/// A marketplace install as the provider reported it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Install {
    /// Its id.
    pub id: InstallId,
    /// The app.
    pub app_id: String,
    /// The company.
    pub company_id: String,
    /// The location; absent for a company install.
    pub location_id: Option<String>,
    /// `Company` or `Location`, as the provider writes it.
    pub user_type: String,
    /// The company's name, where we know it.
    pub company_name: Option<String>,
    /// `unclaimed`, `claimed` or `uninstalled`.
    pub state: String,
    /// Who claimed it.
    pub agency: Option<AgencyId>,
    /// When it was installed.
    pub installed_at: Option<DateTime<Utc>>,
}

/// One call to a provider, for the latency page and a job's Calls tab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// When.
    pub at: DateTime<Utc>,
    /// To whom.
    pub provider: String,
    /// HTTP method.
    pub method: String,
    /// Route without ids.
    pub endpoint: String,
    /// Status, if an answer came.
    pub status: Option<i32>,
    /// What it meant for us.
    pub outcome: String,
    /// How long it took.
    pub ms: i32,
    /// The provider's name for the request.
    pub request_id: Option<String>,
    /// Calls left in the window, as the provider said.
    pub quota_left: Option<i32>,
}
