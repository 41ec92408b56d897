//! Computes the state of an integration, and the reason for it, from stored facts.
//! The checks are ordered by severity: first what a person switched off, then what no longer works, then what will
//! soon stop working.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::Integration;

/// The state of an integration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "IntegrationState"))]
pub enum State {
    /// There is no integration.
    #[default]
    NotConnected,
    /// Connecting has begun and is not finished.
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
    if facts.connected_at.is_none() {
        let step = facts.setup_step.as_deref().map_or_else(String::new, |step| format!(" It stands at \"{step}\"."));
        return Some((State::Connecting, format!("Connecting has begun and is not finished.{step}")));
    }
    None
}

fn ended(facts: &Integration, now: DateTime<Utc>) -> Found {
    if let Some(at) = facts.needs_reauth_at {
        let code = facts.last_error_code.as_deref().map_or_else(String::new, |code| format!(" ({code})"));
        return Some((
            State::Expired,
            format!("Our access was refused {}{code} and cannot renew itself. Connect it again.", ago(at, now)),
        ));
    }
    if let Some(at) = facts.suspended_at {
        let what = if facts.parent_platform_id.is_some() { "location" } else { "account" };
        return Some((
            State::Suspended,
            format!(
                "HighLevel has paused this {what} (noticed {}). Nothing works in it until it is opened there; we keep its keys, look once an hour and go on by ourselves.",
                ago(at, now)
            ),
        ));
    }
    // A location's token is created again from its company's token whenever it is needed.
    let made_anew = facts.parent_platform_id.is_some();
    if let Some(at) = facts.token_expires_at.filter(|at| *at <= now && !made_anew) {
        return Some((State::Expired, format!("The token ended {} and was not renewed.", ago(at, now))));
    }
    let renew = facts.credential.as_ref().and_then(super::Credential::renew_by).filter(|at| *at <= now && !made_anew);
    renew.map(|at| (State::Expired, format!("The token was due for renewal {}. Connect it again.", ago(at, now))))
}

fn failing(facts: &Integration, now: DateTime<Utc>) -> Found {
    if !facts.scopes_missing.is_empty() {
        return Some((
            State::Error,
            format!("Permissions are missing: {}. Connect it again and allow them.", facts.scopes_missing.join(", ")),
        ));
    }
    if facts.installs_future_locations == Some(false) {
        return Some((
            State::Error,
            "HighLevel does not put the app into new locations, so new clients can't be finished. Connect it again and tick \"Install to all future locations\".".into(),
        ));
    }
    let at = facts.last_error_at.filter(|at| facts.last_ok_at.is_none_or(|ok| *at > ok))?;
    let code = facts.last_error_code.as_deref().unwrap_or("no reason given");
    let ok = facts.last_ok_at.map_or_else(
        || "No call has worked yet.".into(),
        |ok| format!("The last call that worked was {}.", ago(ok, now)),
    );
    if code == super::LOCATION_GONE {
        let said = "HighLevel does not know this location any more; most likely it was deleted there.";
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
        format!("It works until {} ({} left). Renew it before then.", end.format("%-d %b %Y"), span(end - now)),
    ))
}

fn recent_activity(facts: &Integration, now: DateTime<Utc>) -> (State, String) {
    let last = facts.last_ok_at.max(facts.last_event_at);
    let good = facts.token_expires_at.filter(|end| *end > now);
    let token = good.map_or_else(String::new, |end| format!(" The token is good for {}.", span(end - now)));
    match last {
        Some(at) if now - at < Duration::hours(24) => {
            let what = if facts.last_event_at > facts.last_ok_at { "event came in" } else { "call worked" };
            (State::Working, format!("The last {what} {}.{token}", ago(at, now)))
        }
        Some(at) => (State::Quiet, format!("Nothing was heard since {}; nothing failed either.{token}", ago(at, now))),
        None => (State::Quiet, format!("Nothing was tried yet.{token}")),
    }
}

/// How long ago, in words; a time that is ahead of our clock counts as now.
fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if now - at < Duration::minutes(1) { "just now".into() } else { format!("{} ago", span(now - at)) }
}

/// A duration in its largest whole unit.
fn span(span: Duration) -> String {
    let (count, unit) = match span {
        span if span.num_days() > 0 => (span.num_days(), "day"),
        span if span.num_hours() > 0 => (span.num_hours(), "hour"),
        span => (span.num_minutes().max(1), "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
