//! Shows times and durations. Times are relative words with the exact time on hover; durations tick in the browser
//! (`clock`). The server renders once, so without scripts the page shows what was true at that moment.

use chrono::{DateTime, SecondsFormat, Utc};
use leptos::prelude::*;

/// The time of rendering, by the clock of the server or of the browser.
#[must_use]
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(clock_millis()).unwrap_or_default()
}

#[cfg(not(target_family = "wasm"))]
fn clock_millis() -> i64 {
    use std::time::{SystemTime, UNIX_EPOCH};
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(0)
}

#[cfg(target_family = "wasm")]
#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date fit an i64")]
fn clock_millis() -> i64 {
    js_sys::Date::now() as i64
}

/// A duration in milliseconds, in words with at most two units: "0.4 s", "2 min 10 s", "3 h 5 min", "4 d 2 h".
#[must_use]
pub fn span(ms: i64) -> String {
    let ms = ms.max(0);
    let s = ms / 1000;
    match s {
        0 if (1..100).contains(&ms) => format!("{ms} ms"),
        0..10 if ms % 1000 != 0 => format!("{}.{} s", s, ms % 1000 / 100),
        0..60 => format!("{s} s"),
        60..3600 if s % 60 == 0 => format!("{} min", s / 60),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        3600..86_400 if s % 3600 < 60 => format!("{} h", s / 3600),
        3600..86_400 => format!("{} h {} min", s / 3600, s % 3600 / 60),
        _ if s % 86_400 < 3600 => format!("{} d", s / 86_400),
        _ => format!("{} d {} h", s / 86_400, s % 86_400 / 3600),
    }
}

/// How long ago (`ms` is positive) or ahead (negative), in one unit: "just now", "4 min ago", "in 3 h".
#[must_use]
pub fn relative(ms: i64) -> String {
    let s = ms.abs() / 1000;
    let words = match s {
        0..45 => return "just now".to_owned(),
        45..3600 => format!("{} min", (s / 60).max(1)),
        3600..86_400 => format!("{} h", s / 3600),
        _ => format!("{} d", s / 86_400),
    };
    if ms >= 0 { format!("{words} ago") } else { format!("in {words}") }
}

/// A time in full, in UTC.
#[must_use]
pub fn exact(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y, %H:%M:%S UTC").to_string()
}

/// A time for programs (RFC 3339), to the second.
fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A time, shown as how long ago it is.
#[component]
pub fn Ago(
    /// The time to show.
    at: DateTime<Utc>,
) -> impl IntoView {
    let words = relative((now() - at).num_milliseconds());
    view! { <time class="whitespace-nowrap" datetime=stamp(at) title=exact(at) data-ago=at.timestamp_millis().to_string()>{words}</time> }
}

/// A time in full; the browser converts it to the viewer's time zone.
#[component]
pub fn Exact(
    /// The time to show.
    at: DateTime<Utc>,
) -> impl IntoView {
    view! { <time class="whitespace-nowrap tabular-nums" datetime=stamp(at) data-exact=at.timestamp_millis().to_string()>{exact(at)}</time> }
}

/// The duration from `since` until `until`. While `until` is unknown, it runs until now and ticks.
#[component]
pub fn Elapsed(
    /// Start of the duration.
    since: DateTime<Utc>,
    /// End of the duration; `None` while it is unknown.
    #[prop(optional_no_strip)]
    until: Option<DateTime<Utc>>,
) -> impl IntoView {
    let ticking = until.is_none().then(|| since.timestamp_millis().to_string());
    let ms = (until.unwrap_or_else(now) - since).num_milliseconds();
    let words = if ticking.is_some() { span(ms / 1000 * 1000) } else { span(ms) };
    view! { <time class="whitespace-nowrap tabular-nums" data-since=ticking>{words}</time> }
}

/// The time left until a moment. It ticks down and then shows `past`.
#[component]
pub fn Until(
    /// The moment to count down to.
    at: DateTime<Utc>,
    /// Text that is shown afterwards.
    #[prop(default = "now")]
    past: &'static str,
) -> impl IntoView {
    let left = (at - now()).num_milliseconds();
    let words = if left > 0 { span(left / 1000 * 1000) } else { past.to_owned() };
    view! { <time class="whitespace-nowrap tabular-nums" title=exact(at) data-until=at.timestamp_millis().to_string() data-past=past>{words}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_well() {
        let of = |ms| span(ms);
        assert_eq!(of(40), "40 ms");
        assert_eq!(of(430), "0.4 s");
        assert_eq!(of(0), "0 s");
        assert_eq!(of(130_000), "2 min 10 s");
        assert_eq!(of(120_000), "2 min");
        assert_eq!(of(11_100_000), "3 h 5 min");
        assert_eq!(of(352_800_000), "4 d 2 h");
        assert_eq!(relative(250_000), "4 min ago");
        assert_eq!(relative(-3 * 3_600_000), "in 3 h");
    }
}
