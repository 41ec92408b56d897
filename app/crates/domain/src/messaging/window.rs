//! Until when may a business answer freely? Each channel has a service window that a customer's message opens; after it
//! only templates (WhatsApp) or a person's late answer (Messenger, Instagram) may be sent.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Channel;

/// How long a customer's message keeps the window open (Meta, messaging windows).
const FREE: TimeDelta = TimeDelta::hours(24);
/// How long a person may answer after the customer's last message, where the platform granted `HUMAN_AGENT`.
const LATE: TimeDelta = TimeDelta::days(7);
/// A message that is sent this close to the end of the window may arrive after it.
const MARGIN: TimeDelta = TimeDelta::seconds(30);

/// What may be sent in a conversation at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "may")]
pub enum Window {
    /// Anything, without an end: the channel has no window.
    Always,
    /// Anything until this time.
    Free {
        /// When it closes.
        until: DateTime<Utc>,
    },
    /// A person's own words until this time, marked as a late answer.
    Late {
        /// When this ends, too.
        until: DateTime<Utc>,
    },
    /// Approved templates alone.
    Template,
    /// Nothing, until the customer writes again.
    Closed,
}

impl Window {
    /// Whether a person's own words may be sent.
    #[must_use]
    pub const fn allows_text(self) -> bool {
        matches!(self, Self::Always | Self::Free { .. } | Self::Late { .. })
    }

    /// Whether an automatic answer may be sent. A late answer is for people alone (Meta, `HUMAN_AGENT`).
    #[must_use]
    pub const fn allows_automation(self) -> bool {
        matches!(self, Self::Always | Self::Free { .. })
    }

    /// When it closes, if it does.
    #[must_use]
    pub const fn until(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Free { until } | Self::Late { until } => Some(until),
            Self::Always | Self::Template | Self::Closed => None,
        }
    }
}

/// When the window of a channel closes, after a customer wrote at `at`. `None` if the channel has none. `now` bounds a
/// clock that is ahead.
#[must_use]
pub fn closes(channel: Channel, at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match channel {
        Channel::Whatsapp | Channel::Instagram | Channel::Facebook => Some(at.min(now) + FREE),
        Channel::Webchat | Channel::Voice | Channel::Sms | Channel::Email => None,
    }
}

/// What may be sent now, in a conversation whose window closes at `closes`. `None` for `closes` means that the customer
/// never wrote. `late` says whether the platform granted late answers to this account.
#[must_use]
pub fn window(channel: Channel, closes: Option<DateTime<Utc>>, late: bool, now: DateTime<Utc>) -> Window {
    if !matches!(channel, Channel::Whatsapp | Channel::Instagram | Channel::Facebook) {
        return Window::Always;
    }
    if let Some(until) = closes.filter(|until| *until - MARGIN > now) {
        return Window::Free { until };
    }
    if channel == Channel::Whatsapp {
        return Window::Template;
    }
    let until = closes.map(|closes| closes - FREE + LATE);
    match until.filter(|until| late && *until - MARGIN > now) {
        Some(until) => Window::Late { until },
        None => Window::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).expect("a valid time") + TimeDelta::hours(hours)
    }

    #[test]
    fn a_window_closes_a_day_after_the_customers_last_message() {
        for channel in [Channel::Whatsapp, Channel::Instagram, Channel::Facebook] {
            let closes = closes(channel, at(0), at(0));
            assert_eq!(window(channel, closes, false, at(23)), Window::Free { until: at(24) });
            assert!(!window(channel, closes, false, at(24) - MARGIN).allows_text());
            assert!(!window(channel, None, true, at(0)).allows_text(), "nobody wrote first");
        }
        assert_eq!(window(Channel::Whatsapp, Some(at(0)), true, at(1)), Window::Template);
        assert_eq!(window(Channel::Facebook, Some(at(0)), true, at(1)), Window::Late { until: at(6 * 24) });
        assert_eq!(window(Channel::Facebook, Some(at(0)), true, at(6 * 24)), Window::Closed);
        assert!(!Window::Late { until: at(0) }.allows_automation());
    }

    #[test]
    fn a_clock_that_is_ahead_opens_no_longer_window() {
        assert_eq!(closes(Channel::Whatsapp, at(100), at(0)), Some(at(24)));
        assert_eq!(closes(Channel::Webchat, at(0), at(0)), None);
        assert_eq!(window(Channel::Webchat, None, false, at(0)), Window::Always);
    }
}
