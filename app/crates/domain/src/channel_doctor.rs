//! What does the doctor say of a channel? Ten checks in order, from what is stored about it: whether each is in order, and
//! since when that is known.

use chrono::{DateTime, TimeDelta, Utc};

use crate::channel_setup::Step;
use crate::integration::{Integration, Kind};

/// How long before its end an access is worth a look.
const SOON: TimeDelta = TimeDelta::days(7);

/// After how long without a message in a channel is worth a look.
const QUIET: TimeDelta = TimeDelta::days(7);

/// A check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The access works.
    Token,
    /// Every permission was granted.
    Permissions,
    /// The platform answers for the account.
    Reachable,
    /// The number is registered for the API.
    Registered,
    /// The platform sends us the account's events.
    Subscribed,
    /// Something arrived lately.
    Received,
    /// This installation can check who sends events.
    Signatures,
    /// The last answers arrived.
    Delivered,
    /// Nothing waits.
    Held,
    /// Templates can be sent.
    Templates,
}

impl Check {
    /// Every check, in order.
    pub const ALL: [Self; 10] = [
        Self::Token,
        Self::Permissions,
        Self::Reachable,
        Self::Registered,
        Self::Subscribed,
        Self::Received,
        Self::Signatures,
        Self::Delivered,
        Self::Held,
        Self::Templates,
    ];
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is in order.
    Good,
    /// It may become or hide a fault.
    Look,
    /// It is a fault.
    Bad,
    /// Nothing is known yet.
    Unknown,
    /// Channels of this kind have no such thing.
    NotNeeded,
}

/// One line of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The check.
    pub check: Check,
    /// What it found.
    pub finding: Finding,
    /// Since when this is known; `None` if it is known now.
    pub seen_at: Option<DateTime<Utc>>,
}

/// What is stored about a channel beside its integration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// When the platform was last asked about the access.
    pub checked_at: Option<DateTime<Utc>>,
    /// When the last answer was delivered.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When the last answer failed.
    pub failed_at: Option<DateTime<Utc>>,
    /// How many answers wait until the channel works.
    pub held: i64,
    /// How many of the account's templates are approved.
    pub templates: i64,
    /// When the templates were last read.
    pub templates_at: Option<DateTime<Utc>>,
}

/// Makes every check. `ready` says whether this installation has an app at the platform, whose secret checks signatures.
#[must_use]
pub fn examine(channel: &Integration, seen: &Seen, ready: bool, now: DateTime<Utc>) -> Vec<Line> {
    let line = |check| {
        let (finding, seen_at) = one(check, channel, seen, ready, now);
        Line { check, finding, seen_at }
    };
    Check::ALL.into_iter().map(line).collect()
}

type Found = (Finding, Option<DateTime<Utc>>);

fn one(check: Check, channel: &Integration, seen: &Seen, ready: bool, now: DateTime<Utc>) -> Found {
    match check {
        Check::Token => token(channel, seen, now),
        Check::Permissions if !channel.scopes_missing.is_empty() => (Finding::Bad, seen.checked_at),
        Check::Permissions if channel.scopes_granted.is_empty() => (Finding::Unknown, None),
        Check::Permissions => (Finding::Good, seen.checked_at),
        Check::Reachable => reachable(channel),
        Check::Registered if channel.kind != Kind::Whatsapp => (Finding::NotNeeded, None),
        Check::Registered => (after(channel, Step::Register), channel.connected_at),
        Check::Subscribed => (after(channel, Step::Subscribe), channel.connected_at),
        Check::Received => match channel.last_event_at {
            Some(at) if now - at <= QUIET => (Finding::Good, Some(at)),
            at => (Finding::Look, at),
        },
        Check::Signatures => (if ready { Finding::Good } else { Finding::Bad }, None),
        Check::Delivered => match (seen.delivered_at, seen.failed_at) {
            (delivered, Some(failed)) if delivered.is_none_or(|at| at < failed) => (Finding::Look, Some(failed)),
            (Some(at), _) => (Finding::Good, Some(at)),
            (None, _) => (Finding::Unknown, None),
        },
        Check::Held => (if seen.held == 0 { Finding::Good } else { Finding::Bad }, None),
        Check::Templates if channel.kind != Kind::Whatsapp => (Finding::NotNeeded, None),
        Check::Templates => (if seen.templates > 0 { Finding::Good } else { Finding::Look }, seen.templates_at),
    }
}

fn token(channel: &Integration, seen: &Seen, now: DateTime<Utc>) -> Found {
    if let Some(at) = channel.needs_reauth_at.or(channel.disconnected_at) {
        return (Finding::Bad, Some(at));
    }
    if channel.credential.is_none() || channel.token_expires_at.is_some_and(|at| at <= now) {
        return (Finding::Bad, channel.token_expires_at);
    }
    match seen.checked_at.max(channel.last_ok_at) {
        None => (Finding::Unknown, None),
        at if channel.token_expires_at.is_some_and(|ends| ends < now + SOON) => (Finding::Look, at),
        at => (Finding::Good, at),
    }
}

fn reachable(channel: &Integration) -> Found {
    match (channel.last_ok_at, channel.last_error_at) {
        (ok, Some(error)) if ok.is_none_or(|ok| ok < error) => (Finding::Bad, Some(error)),
        _ if channel.suspended_at.is_some() => (Finding::Bad, channel.suspended_at),
        (Some(ok), _) => (Finding::Good, Some(ok)),
        (None, _) => (Finding::Unknown, None),
    }
}

/// What is known of a step of the setup: it failed, is to be done, or was done.
fn after(channel: &Integration, step: Step) -> Finding {
    match channel.setup_step.as_deref().and_then(Step::parse) {
        Some(at) if at == step && channel.setup_error.is_some() => Finding::Bad,
        Some(at) if at <= step => Finding::Look,
        _ => Finding::Good,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    fn channel(kind: &str) -> Integration {
        let id = "00000000-0000-4000-8000-000000000001";
        serde_json::from_value(json!({
            "id": id, "agency": id, "business": id, "kind": kind, "is_active": true, "platform_id": "1065",
            "scopes_granted": ["messaging"], "scopes_missing": [], "connected_at": now(), "last_ok_at": now(), "last_event_at": now()
        }))
        .expect("the other facts are optional")
    }

    fn found(channel: &Integration, seen: &Seen, check: Check) -> Finding {
        let lines = examine(channel, seen, true, now());
        assert_eq!(lines.iter().map(|line| line.check).collect::<Vec<_>>(), Check::ALL);
        lines.into_iter().find(|line| line.check == check).map(|line| line.finding).expect("every check is made")
    }

    #[test]
    fn only_whatsapp_has_numbers_and_templates() {
        for (kind, needed) in [("WHATSAPP", true), ("INSTAGRAM", false), ("FACEBOOK", false)] {
            for check in [Check::Registered, Check::Templates] {
                let finding = found(&channel(kind), &Seen::default(), check);
                assert_eq!(finding != Finding::NotNeeded, needed, "{kind} {check:?}");
            }
        }
    }

    #[test]
    fn a_channel_without_access_has_a_bad_token_whatever_was_seen() {
        let seen = Seen { checked_at: Some(now()), ..Seen::default() };
        assert_eq!(found(&channel("WHATSAPP"), &seen, Check::Token), Finding::Bad);
        let lost = Integration { needs_reauth_at: Some(now()), ..channel("WHATSAPP") };
        assert_eq!(found(&lost, &seen, Check::Token), Finding::Bad);
    }

    #[test]
    fn each_step_of_the_setup_is_open_until_it_was_done() {
        for at in Step::ALL {
            let open = Integration { setup_step: Some(at.key().to_owned()), ..channel("WHATSAPP") };
            let done = |step| found(&open, &Seen::default(), step) == Finding::Good;
            assert_eq!(done(Check::Registered), at > Step::Register, "{at:?}");
            assert_eq!(done(Check::Subscribed), at > Step::Subscribe, "{at:?}");
        }
    }

    #[test]
    fn what_came_last_counts() {
        let before = Some(now() - TimeDelta::hours(1));
        let failed = Seen { delivered_at: before, failed_at: Some(now()), held: 2, ..Seen::default() };
        let mended = Seen { delivered_at: Some(now()), failed_at: before, ..Seen::default() };
        let channel = channel("WHATSAPP");
        assert_eq!(found(&channel, &failed, Check::Delivered), Finding::Look);
        assert_eq!(found(&channel, &mended, Check::Delivered), Finding::Good);
        assert_eq!(found(&channel, &failed, Check::Held), Finding::Bad);
        let broken = Integration { last_ok_at: before, last_error_at: Some(now()), ..channel };
        assert_eq!(found(&broken, &mended, Check::Reachable), Finding::Bad);
    }
}
