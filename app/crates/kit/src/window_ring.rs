//! How much of a service window is left? A ring that empties, with the words for it as its hover text and for assistive
//! technology.

use chrono::{DateTime, Utc};
use domain::messaging::window::Window;
use leptos::prelude::*;

use crate::chip::Tone;

/// The hours of a window in which anything may be sent.
const FREE_HOURS: i64 = 24;
/// The hours of a window in which a person may still answer late.
const LATE_HOURS: i64 = 7 * 24;
/// A window that is open for less than this many minutes is about to close.
const SOON_MINUTES: i64 = 120;

/// How much of a window is left, in percent, and what that means. `None` if the channel has no window.
#[must_use]
pub fn left(window: Window, now: DateTime<Utc>) -> Option<(u8, Tone)> {
    let share = |until: DateTime<Utc>, hours: i64| {
        let minutes = (until - now).num_minutes().clamp(0, hours * 60);
        (u8::try_from(minutes * 100 / (hours * 60)).unwrap_or(100), minutes)
    };
    match window {
        Window::Always => None,
        Window::Template | Window::Closed => Some((0, Tone::Waiting)),
        Window::Free { until } => {
            let (share, minutes) = share(until, FREE_HOURS);
            Some((share, if minutes < SOON_MINUTES { Tone::Warn } else { Tone::Ok }))
        }
        Window::Late { until } => Some((share(until, LATE_HOURS).0, Tone::Warn)),
    }
}

/// The ring of a window; nothing for a channel without one.
#[component]
pub fn WindowRing(
    /// The window.
    window: Window,
    /// The time of rendering.
    now: DateTime<Utc>,
    /// What is left, in words.
    #[prop(into)]
    words: String,
) -> impl IntoView {
    left(window, now).map(|(share, tone)| {
        view! {
            <svg class=format!("ring-left {}", tone.text()) viewBox="0 0 16 16" role="img">
                <title>{words}</title>
                <circle />
                <circle pathLength="100" stroke-dasharray=format!("{share} 100") />
            </svg>
        }
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_ring_empties_and_warns_before_it_is_empty() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default();
        let free = |hours| left(Window::Free { until: now + TimeDelta::hours(hours) }, now);
        assert_eq!(free(24), Some((100, Tone::Ok)));
        assert_eq!(free(12), Some((50, Tone::Ok)));
        assert_eq!(free(1), Some((4, Tone::Warn)));
        assert_eq!(free(-3), Some((0, Tone::Warn)), "a page that is rendered late");
        assert_eq!(free(900), Some((100, Tone::Ok)), "a clock that is behind");
        assert_eq!(left(Window::Late { until: now + TimeDelta::days(7) }, now), Some((100, Tone::Warn)));
        assert_eq!(left(Window::Template, now), Some((0, Tone::Waiting)));
        assert_eq!(left(Window::Always, now), None);
    }
}
