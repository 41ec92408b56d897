//! A connected outside account: the facts we hold about it. The word for its state is computed from them, never stored.

mod state;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use self::state::{IntegrationStatus, State, state};
use crate::credential::Credential;
use crate::{AgencyId, BusinessId, InstallId, IntegrationId, UserId};

/// What the last error of a client's connection is called when HighLevel does not know its location any more.
pub const LOCATION_GONE: &str = "location_gone";

/// Kinds of outside accounts; the set is a contract with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    feature = "sqlx",
    derive(sqlx::Type),
    sqlx(type_name = "integration_type", rename_all = "SCREAMING_SNAKE_CASE")
)]
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
pub struct Integration {
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
    /// The step at which connecting stands, until it is done.
    pub setup_step: Option<String>,
    /// The secret in use; its value is never among these facts.
    pub credential: Option<Credential>,
    /// When the current token ends.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// When it was connected.
    pub connected_at: Option<DateTime<Utc>>,
    /// Who connected it.
    pub connected_by: Option<UserId>,
    /// Last event that came in.
    pub last_event_at: Option<DateTime<Utc>>,
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
    /// Since when the provider has paused the account; ends by itself.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Until when the day's calls are used up.
    pub limited_until: Option<DateTime<Utc>>,
    /// Whether locations created later get the app (HighLevel API, `installToFutureLocations`); absent when not known.
    pub installs_future_locations: Option<bool>,
    /// Since when the app is to be removed at the provider.
    pub uninstall_asked_at: Option<DateTime<Utc>>,
    /// When it was removed there.
    pub uninstalled_at: Option<DateTime<Utc>>,
    /// Why it could not be removed there.
    pub uninstall_error: Option<String>,
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

/// One day of the strip that shows how a connection fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripDay {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// Observations that speak for it.
    pub ok: i64,
    /// Observations that speak against it.
    pub failed: i64,
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
    /// Whether a consent that an agency asked for here brought it.
    pub begun_here: bool,
    /// The company's e-mail address.
    pub company_email: Option<String>,
    /// Where the company is: its domain and country.
    pub company_place: Option<String>,
    /// Who installed, by name and address.
    pub installer: Option<String>,
}

impl Install {
    /// The name a person reads, and types to say that it is theirs: the company's, else its id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.company_name.as_deref().unwrap_or(&self.company_id)
    }

    /// Whether what a person typed names this install's company; case and spaces around do not matter.
    #[must_use]
    pub fn is_named(&self, typed: &str) -> bool {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        plain(typed) == plain(self.label())
    }
}

/// The calls of the last half minute, all connections of an agency together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lately {
    /// Those that were sent.
    pub calls: i64,
    /// Of them, those that were not answered, or with an error of the other side.
    pub failed: i64,
    /// Those that were held back because too many failed.
    pub held: i64,
}

impl Lately {
    /// What a person is told when it goes badly.
    #[must_use]
    pub fn trouble(self) -> Option<String> {
        let Self { calls, failed, held } = self;
        let goes_on = "Jobs wait and go on by themselves as soon as it answers.";
        if held > 0 {
            return Some(format!(
                "HighLevel is not answering: its calls failed, so one is tried every 15 seconds. {goes_on}"
            ));
        }
        (calls >= 20 && failed * 2 >= calls).then(|| {
            format!("HighLevel answers badly: {failed} of {calls} calls failed in the last 30 seconds. {goes_on}")
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn an_install_is_named_by_its_company_or_else_by_its_id() {
        let mut install = Install {
            id: InstallId(Uuid::nil()),
            app_id: "app".into(),
            company_id: "C1x".into(),
            location_id: None,
            user_type: "Company".into(),
            company_name: Some("Harbor  Marketing".into()),
            state: "unclaimed".into(),
            agency: None,
            installed_at: None,
            begun_here: false,
            company_email: None,
            company_place: None,
            installer: None,
        };
        assert!(install.is_named(" harbor marketing ") && !install.is_named("harbor") && !install.is_named(""));
        install.company_name = None;
        assert!(install.is_named("c1X") && !install.is_named("Harbor Marketing"));
    }

    #[test]
    fn trouble_is_told_when_half_of_enough_calls_failed_or_calls_are_held_back() {
        let told = |calls, failed, held| Lately { calls, failed, held }.trouble();
        assert_eq!(told(0, 0, 0), None);
        assert_eq!(told(19, 19, 0), None, "too few to say");
        assert_eq!(told(40, 19, 0), None);
        assert!(told(20, 14, 0).is_some_and(|text| text.contains("14 of 20 calls failed")));
        assert!(told(1, 0, 3).is_some_and(|text| text.contains("not answering")));
    }
}
