//! An integration: the facts we store about a connected outside account. Its state is computed from them and never
//! stored.

mod state;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use self::state::{IntegrationStatus, State, state};
use crate::credential::Credential;
use crate::messaging::Channel;
use crate::{AgencyId, BusinessId, InstallId, IntegrationId, UserId};

/// The error code of a business's integration if HighLevel no longer knows its location.
pub const LOCATION_GONE: &str = "location_gone";

/// Kinds of outside accounts. The values must match the type in the database.
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
    /// HighLevel: a company (without a business) or a location.
    Gohighlevel,
    /// Stripe.
    Stripe,
    /// Twilio.
    Twilio,
    /// SendGrid.
    Sendgrid,
}

/// An integration as pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// Its id.
    pub id: IntegrationId,
    /// The agency.
    pub agency: AgencyId,
    /// The business; `None` if the integration belongs to the agency itself.
    pub business: Option<BusinessId>,
    /// The kind of account.
    pub kind: Kind,
    /// Whether it is in use.
    pub is_active: bool,
    /// The provider's id of the company or location.
    pub platform_id: String,
    /// The provider's name of the company or location.
    pub platform_name: Option<String>,
    /// The provider's id of the parent account (for a location, its company).
    pub parent_platform_id: Option<String>,
    /// Scopes that the provider granted.
    pub scopes_granted: Vec<String>,
    /// Scopes that we requested and did not get.
    pub scopes_missing: Vec<String>,
    /// The current step of connecting; `None` when it is finished.
    pub setup_step: Option<String>,
    /// Why that step did not work, as a sentence; `None` while nothing failed.
    #[serde(default)]
    pub setup_error: Option<String>,
    /// The credential in use, without its value.
    pub credential: Option<Credential>,
    /// When the current token expires.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// When it was connected.
    pub connected_at: Option<DateTime<Utc>>,
    /// Who connected it.
    pub connected_by: Option<UserId>,
    /// When the first event arrived, which proves that events arrive.
    #[serde(default)]
    pub first_event_at: Option<DateTime<Utc>>,
    /// When the last event arrived.
    pub last_event_at: Option<DateTime<Utc>>,
    /// When the last call succeeded.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// When the last call failed.
    pub last_error_at: Option<DateTime<Utc>>,
    /// Error code of that call.
    pub last_error_code: Option<String>,
    /// Since when only a person can repair it; `None` if that is not needed.
    pub needs_reauth_at: Option<DateTime<Utc>>,
    /// Since when it is paused; `None` if it is not.
    pub paused_at: Option<DateTime<Utc>>,
    /// Since when it is disconnected; `None` if it is not.
    pub disconnected_at: Option<DateTime<Utc>>,
    /// Since when the provider has paused the account; `None` if it is not. The pause ends without our help.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Until when no call is made because the daily limit is used up.
    pub limited_until: Option<DateTime<Utc>>,
    /// Whether locations that are created later get the app (HighLevel API, `installToFutureLocations`); `None` if
    /// not known.
    pub installs_future_locations: Option<bool>,
    /// Since when the app is due to be removed at the provider.
    pub uninstall_asked_at: Option<DateTime<Utc>>,
    /// When the app was removed at the provider.
    pub uninstalled_at: Option<DateTime<Utc>>,
    /// Why the app could not be removed at the provider.
    pub uninstall_error: Option<String>,
    /// For a location: the integration of its company, without which no token is made for the location. `None` for a
    /// company, and for a location whose company is not known.
    #[serde(default)]
    pub company: Option<Box<Self>>,
}

impl Kind {
    /// Who runs the account, as people say it.
    #[must_use]
    pub const fn provider(self) -> &'static str {
        match self {
            Self::Whatsapp | Self::Instagram | Self::Facebook => "Meta",
            Self::Vapi => "Vapi",
            Self::GoogleCalendar => "Google",
            Self::Email => "the mail server",
            Self::Gohighlevel => "HighLevel",
            Self::Stripe => "Stripe",
            Self::Twilio => "Twilio",
            Self::Sendgrid => "SendGrid",
        }
    }

    /// The channel that an account of this kind carries, if it carries messages.
    #[must_use]
    pub const fn channel(self) -> Option<Channel> {
        match self {
            Self::Whatsapp => Some(Channel::Whatsapp),
            Self::Instagram => Some(Channel::Instagram),
            Self::Facebook => Some(Channel::Facebook),
            _ => None,
        }
    }
}

impl Integration {
    /// True if connecting the account again is what repairs it in this state.
    #[must_use]
    pub fn is_repaired_by_consent(&self, state: State) -> bool {
        match state {
            State::Expired | State::Disconnected | State::RenewSoon => true,
            State::Error => !self.scopes_missing.is_empty() || self.installs_future_locations == Some(false),
            State::NotConnected
            | State::Connecting
            | State::Working
            | State::Quiet
            | State::Suspended
            | State::Paused => false,
        }
    }
}

/// How many integrations with locations an agency has, without those that were disconnected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocationCounts {
    /// All of them.
    pub all: i64,
    /// Those with a problem of their own, without those that a person paused.
    pub troubled: i64,
    /// Those that a person paused.
    pub paused: i64,
}

/// One observation about an integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What kind of observation: `call`, `refresh`, `probe` or `event`.
    pub kind: String,
    /// Whether it shows that the integration works.
    pub ok: bool,
    /// A description in words.
    pub detail: Option<String>,
    /// When it was observed.
    pub observed_at: DateTime<Utc>,
}

/// One day in the strip that shows how well an integration worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripDay {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// Number of observations that show that it works.
    pub ok: i64,
    /// Number of observations that show that it does not work.
    pub failed: i64,
}

/// A marketplace install as reported by the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Install {
    /// Its id.
    pub id: InstallId,
    /// The app.
    pub app_id: String,
    /// The company.
    pub company_id: String,
    /// The location; `None` for a company install.
    pub location_id: Option<String>,
    /// `Company` or `Location`, as the provider writes it.
    pub user_type: String,
    /// The company's name, if known.
    pub company_name: Option<String>,
    /// `unclaimed`, `claimed` or `uninstalled`.
    pub state: String,
    /// The agency that claimed it.
    pub agency: Option<AgencyId>,
    /// When it was installed.
    pub installed_at: Option<DateTime<Utc>>,
    /// Whether the install came from a consent that an agency started in this product.
    pub begun_here: bool,
    /// The company's e-mail address.
    pub company_email: Option<String>,
    /// Domain and country of the company.
    pub company_place: Option<String>,
    /// Name and e-mail address of the person who installed the app.
    pub installer: Option<String>,
}

impl Install {
    /// The name that a person reads, and types to confirm that the install is theirs: the company's name, or else
    /// its id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.company_name.as_deref().unwrap_or(&self.company_id)
    }

    /// Whether the typed text is the name of this install's company; case and surrounding spaces do not matter.
    #[must_use]
    pub fn is_named(&self, typed: &str) -> bool {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        plain(typed) == plain(self.label())
    }
}

/// The calls of the last 30 seconds, for all integrations of an agency together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentCalls {
    /// Calls that were sent.
    pub calls: i64,
    /// Those of them that got no response or a server error.
    pub failed: i64,
    /// Calls that were not sent because too many others had failed.
    pub held: i64,
}

impl RecentCalls {
    /// The message for people if many calls fail; `None` if all is well.
    #[must_use]
    pub fn warning(self) -> Option<String> {
        let Self { calls, failed, held } = self;
        let goes_on = "Jobs wait and continue automatically as soon as it answers.";
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
    /// When the call was made.
    pub at: DateTime<Utc>,
    /// The provider.
    pub provider: String,
    /// HTTP method.
    pub method: String,
    /// Path template, without ids.
    pub endpoint: String,
    /// HTTP status; `None` if there was no response.
    pub status: Option<i32>,
    /// How the call ended, such as `ok`, `refused` or `unclear`.
    pub outcome: String,
    /// Duration in milliseconds.
    pub ms: i32,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// Calls left in the window, as the provider reported it.
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
        let told = |calls, failed, held| RecentCalls { calls, failed, held }.warning();
        assert_eq!(told(0, 0, 0), None);
        assert_eq!(told(19, 19, 0), None, "too few to say");
        assert_eq!(told(40, 19, 0), None);
        assert!(told(20, 14, 0).is_some_and(|text| text.contains("14 of 20 calls failed")));
        assert!(told(1, 0, 3).is_some_and(|text| text.contains("not answering")));
    }
}
