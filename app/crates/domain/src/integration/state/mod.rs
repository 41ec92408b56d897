//! Computes the state of an integration, and the reason for it, from stored facts.
//! The checks are ordered by severity: first what a person switched off, then what no longer works, then what will
//! soon stop working. A location has the state of its company while that cannot make tokens for it.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::Integration;
use crate::channel_setup::Step;
use crate::dates;

/// The state of an integration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "IntegrationState"))]
pub enum State {
    /// There is no integration.
    #[default]
    NotConnected,
    /// Setup isn't finished.
    Connecting,
    /// A call or an event succeeded recently.
    Working,
    /// Nothing failed, but nothing was tried recently either.
    Quiet,
    /// It works, and a person should renew it soon.
    RenewSoon,
    /// Its token has expired.
    Expired,
    /// The last call failed, or something it needs is missing.
    Error,
    /// The provider has paused the account. The integration works again when the account does.
    Suspended,
    /// Paused by a person.
    Paused,
    /// Disconnected by a person or by the provider; its history is kept.
    Disconnected,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::NotConnected,
        Self::Connecting,
        Self::Working,
        Self::Quiet,
        Self::RenewSoon,
        Self::Expired,
        Self::Error,
        Self::Suspended,
        Self::Paused,
        Self::Disconnected,
    ];

    /// The label shown to people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotConnected => "Not connected",
            Self::Connecting => "Connecting",
            Self::Working => "Working",
            Self::Quiet => "Quiet",
            Self::RenewSoon => "Renew soon",
            Self::Expired => "Expired",
            Self::Error => "Error",
            Self::Suspended => "Paused by HighLevel",
            Self::Paused => "Paused",
            Self::Disconnected => "Disconnected",
        }
    }

    /// Whether a person should do something about it.
    #[must_use]
    pub const fn needs_person(self) -> bool {
        matches!(
            self,
            Self::RenewSoon | Self::Expired | Self::Error | Self::Suspended | Self::Paused | Self::Disconnected
        )
    }
}

/// A state and the reason for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationStatus {
    /// The state.
    pub state: State,
    /// The reason, as a sentence.
    pub because: String,
}

/// The state of an integration at the time `now`; `None` for `facts` means that there is no integration.
#[must_use]
pub fn state(facts: Option<&Integration>, now: DateTime<Utc>) -> IntegrationStatus {
    let Some(facts) = facts else {
        return IntegrationStatus { state: State::NotConnected, because: "Nothing is connected yet.".into() };
    };
    let (state, because) = switched_off(facts, now)
        .or_else(|| company_ended(facts, now))
        .or_else(|| ended(facts, now))
        .or_else(|| failing(facts, now))
        .or_else(|| ending(facts, now))
        .unwrap_or_else(|| recent_activity(facts, now));
    IntegrationStatus { state, because }
}

type Found = Option<(State, String)>;

fn switched_off(facts: &Integration, now: DateTime<Utc>) -> Found {
    if let Some(at) = facts.disconnected_at {
        return Some((State::Disconnected, format!("It was disconnected {}.", ago(at, now))));
    }
    if !facts.is_active {
        return Some((State::Disconnected, "It is no longer in use.".into()));
    }
    if let Some(at) = facts.paused_at {
        return Some((State::Paused, format!("It was paused {}. Nothing is sent until you resume it.", ago(at, now))));
    }
    let step = facts.kind.channel().and(facts.setup_step.as_deref()).and_then(Step::parse);
    if let (Some(step), false) = (step, facts.needs_reauth_at.is_some()) {
        return Some(setting_up(step, facts.setup_error.as_deref()));
    }
    if facts.connected_at.is_none() {
        let step = facts.setup_step.as_deref().map_or_else(String::new, |step| format!(" Current step: \"{step}\"."));
        return Some((State::Connecting, format!("Setup isn't finished.{step}")));
    }
    None
}

/// The state of a channel that is being set up: an error of its step asks for a person.
fn setting_up(step: Step, error: Option<&str>) -> (State, String) {
    match error {
        Some(error) => (State::Error, format!("{}: {error}", step.doing())),
        None if step == Step::Test => (
            State::Connecting,
            "Everything is set up. Send this account a message now to check that it arrives.".into(),
        ),
        None => (State::Connecting, format!("{}.", step.doing())),
    }
}

/// The state of the location's company while it keeps the location from working. An error of the company does not: the
/// location's own calls show whether they work.
fn company_ended(facts: &Integration, now: DateTime<Utc>) -> Found {
    let company = facts.company.as_deref()?;
    let state = state(Some(company), now).state;
    let said = match state {
        State::Expired => {
            "HighLevel has disconnected your agency. Reconnect HighLevel, and this works again by itself."
        }
        State::Disconnected => {
            "Your agency's HighLevel connection is off. Connect HighLevel, and this works again by itself."
        }
        State::Paused => "Your agency's HighLevel connection is paused. Nothing is sent until you resume it.",
        State::Suspended => "HighLevel has paused your agency's account. This works again when the account does.",
        State::NotConnected | State::Connecting | State::Working | State::Quiet | State::RenewSoon | State::Error => {
            return None;
        }
    };
    Some((state, said.to_owned()))
}

fn ended(facts: &Integration, now: DateTime<Utc>) -> Found {
    if facts.needs_reauth_at.is_some() {
        let who = facts.kind.provider();
        return Some((State::Expired, format!("{who} has disconnected us. Reconnect to continue.")));
    }
    if let Some(at) = facts.suspended_at {
        let what = if facts.parent_platform_id.is_some() { "sub-account" } else { "account" };
        return Some((
            State::Suspended,
            format!(
                "{} has paused this {what} (noticed {}). Nothing works in it until it is reopened there. We keep our access, check once an hour and continue automatically.",
                facts.kind.provider(),
                ago(at, now)
            ),
        ));
    }
    // A location's token is created again from its company's token whenever it is needed.
    let made_anew = facts.parent_platform_id.is_some();
    if let Some(at) = facts.token_expires_at.filter(|at| *at <= now && !made_anew) {
        let text = format!("Our access expired {} and was not renewed. Reconnect to continue.", ago(at, now));
        return Some((State::Expired, text));
    }
    let renew = facts.credential.as_ref().and_then(super::Credential::renew_by).filter(|at| *at <= now && !made_anew);
    renew.map(|at| (State::Expired, format!("Our access was due for renewal {}. Reconnect to continue.", ago(at, now))))
}

fn failing(facts: &Integration, now: DateTime<Utc>) -> Found {
    if !facts.scopes_missing.is_empty() {
        return Some((
            State::Error,
            format!("Permissions are missing: {}. Reconnect and allow them.", facts.scopes_missing.join(", ")),
        ));
    }
    if facts.installs_future_locations == Some(false) {
        return Some((
            State::Error,
            "HighLevel doesn't install the app in new sub-accounts, so new clients can't be finished. Reconnect and tick \"Install to all future locations\".".into(),
        ));
    }
    let at = facts.last_error_at.filter(|at| facts.last_ok_at.is_none_or(|ok| *at > ok))?;
    let code = facts.last_error_code.as_deref().unwrap_or("no reason given");
    let ok = facts.last_ok_at.map_or_else(
        || "No call has worked yet.".into(),
        |ok| format!("The last call that worked was {}.", ago(ok, now)),
    );
    if code == super::LOCATION_GONE {
        let said = "HighLevel can't find this sub-account any more; most likely it was deleted there.";
        return Some((State::Error, said.into()));
    }
    Some((State::Error, format!("The last call failed {}: {code}. {ok}", ago(at, now))))
}

fn ending(facts: &Integration, now: DateTime<Utc>) -> Found {
    if facts.parent_platform_id.is_some() {
        return None;
    }
    let credential = facts.credential.as_ref()?;
    let end = credential.renew_by()?;
    credential.warn_from().filter(|from| *from <= now)?;
    Some((
        State::RenewSoon,
        format!("It works until {} ({} left). Renew it before then.", dates::day_first(end), span(end - now)),
    ))
}

fn recent_activity(facts: &Integration, now: DateTime<Utc>) -> (State, String) {
    let last = facts.last_ok_at.max(facts.last_event_at);
    let what = if facts.last_event_at > facts.last_ok_at { "last event" } else { "last used" };
    match last {
        Some(at) => {
            let state = if now - at < Duration::hours(24) { State::Working } else { State::Quiet };
            (state, format!("Connected \u{b7} {what} {}", ago(at, now)))
        }
        None => (State::Quiet, "Connected \u{b7} not used yet".to_owned()),
    }
}

/// How long ago, in words; a time that is ahead of our clock counts as now.
fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if now - at < Duration::minutes(1) { "just now".into() } else { format!("{} ago", span(now - at)) }
}

/// A duration in its largest whole unit.
fn span(span: Duration) -> String {
    let (count, one, more) = match span {
        span if span.num_days() > 0 => (span.num_days(), "day", "days"),
        span if span.num_hours() > 0 => (span.num_hours(), "hour", "hours"),
        span => (span.num_minutes().max(1), "min", "min"),
    };
    format!("{count} {}", if count == 1 { one } else { more })
}

#[cfg(test)]
mod tests;
