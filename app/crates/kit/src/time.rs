//! Shows times and durations. Times are relative words with the exact time on hover; durations tick in the browser
//! (`clock`). The server renders once, so without scripts the page shows what was true at that moment.

use chrono::{DateTime, TimeDelta, Utc};
use domain::dates;
use domain::language::Language;
use domain::provisioning::Waited;
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

/// A duration in milliseconds, with at most two units: "0.4s", "2m 10s", "3h 5m", "4d 2h".
#[must_use]
pub fn span(ms: i64) -> String {
    let ms = ms.max(0);
    let s = ms / 1000;
    match s {
        0 if (1..100).contains(&ms) => format!("{ms}ms"),
        0..10 if ms % 1000 != 0 => format!("{}.{}s", s, ms % 1000 / 100),
        0..60 => format!("{s}s"),
        60..3600 if s % 60 == 0 => format!("{}m", s / 60),
        60..3600 => format!("{}m {}s", s / 60, s % 60),
        3600..86_400 if s % 3600 < 60 => format!("{}h", s / 3600),
        3600..86_400 => format!("{}h {}m", s / 3600, s % 3600 / 60),
        _ if s % 86_400 < 3600 => format!("{}d", s / 86_400),
        _ => format!("{}d {}h", s / 86_400, s % 86_400 / 3600),
    }
}

/// How long ago (`ms` is positive) or ahead (negative), in one unit: "just now", "4 min ago", "36 days ago", "in 3 hours".
#[must_use]
pub fn relative(ms: i64) -> String {
    let s = ms.abs() / 1000;
    let words = match s {
        0..45 => return "just now".to_owned(),
        45..3600 => format!("{} min", (s / 60).max(1)),
        3600..86_400 => crate::counted(s / 3600, "hour", "hours"),
        _ => crate::counted(s / 86_400, "day", "days"),
    };
    if ms >= 0 { format!("{words} ago") } else { format!("in {words}") }
}

/// As `relative`, in a language: "hace 4 min", "en 3 horas".
#[must_use]
pub fn relative_in(ms: i64, language: Language) -> String {
    if language == Language::English {
        return relative(ms);
    }
    let s = ms.abs() / 1000;
    let words = match s {
        0..45 => return "ahora mismo".to_owned(),
        45..3600 => format!("{} min", (s / 60).max(1)),
        3600..86_400 => crate::counted(s / 3600, "hora", "horas"),
        _ => crate::counted(s / 86_400, "día", "días"),
    };
    if ms >= 0 { format!("hace {words}") } else { format!("en {words}") }
}

/// How long such work usually takes, to the minute: "Usually takes 3\u{2013}5 min". The bounds are in seconds: how long half of
/// it takes and, if known, within what nine in ten are done.
#[must_use]
pub fn usually(half: f64, most: Option<f64>) -> String {
    let from = whole(half / 60.0);
    let to = whole((most.map_or(half, |most| most.max(half)) / 60.0).ceil());
    if to <= 1 {
        "Usually takes under a minute".to_owned()
    } else if from < 1 {
        format!("Usually takes up to {to} min")
    } else if from >= to {
        format!("Usually takes {to} min")
    } else {
        format!("Usually takes {from}\u{2013}{to} min")
    }
}

/// The whole part of a number; zero for one below zero. The browser writes whole numbers with a fraction of the code that
/// others need.
#[expect(clippy::cast_possible_truncation, reason = "what is shown fits an i64")]
fn whole(number: f64) -> i64 {
    number.max(0.0) as i64
}

/// The language of the page.
fn language() -> Language {
    use_context().unwrap_or_default()
}

/// A time in full, in UTC, as the language of the page writes it.
fn exact(at: DateTime<Utc>) -> String {
    dates::in_full(at, language())
}

/// A time, shown as how long ago it is.
#[component]
pub fn Ago(
    /// The time to show.
    at: DateTime<Utc>,
) -> impl IntoView {
    let words = relative_in((now() - at).num_milliseconds(), language());
    view! { <time datetime=dates::stamp(at) title=exact(at) data-ago=at.timestamp_millis().to_string()>{words}</time> }
}

/// A time in full; the browser converts it to the viewer's time zone.
#[component]
pub fn Exact(
    /// The time to show.
    at: DateTime<Utc>,
    /// The time by another clock than UTC, with its zone, until the browser writes it and without scripts.
    #[prop(optional)]
    words: Option<String>,
) -> impl IntoView {
    let words = words.unwrap_or_else(|| exact(at));
    view! { <time class="tabular-nums" datetime=dates::stamp(at) title=exact(at) data-exact=at.timestamp_millis().to_string()>{words}</time> }
}

/// A time of day, which the browser converts to the viewer's time zone, or how long after `since` it is. The hover text is
/// the time in full, with milliseconds.
#[component]
pub fn ClockTime(
    /// The time to show.
    at: DateTime<Utc>,
    /// The moment that times count from.
    #[prop(optional_no_strip)]
    since: Option<DateTime<Utc>>,
) -> impl IntoView {
    let millis = at.timestamp_millis().to_string();
    let (words, of_day, in_full) = match since {
        Some(since) => (format!("+{}", span((at - since).num_milliseconds())), None, Some(millis)),
        None => (dates::clock(at, language()), Some(millis), None),
    };
    let title = dates::to_the_millisecond(at, language());
    view! { <time datetime=dates::stamp(at) title=title data-clock=of_day data-at=in_full>{words}</time> }
}

/// A time of day to the minute, which the browser converts to the viewer's time zone. Until then, and without scripts, it is
/// by the clock of a place.
#[component]
pub fn MinuteTime(
    /// The time to show.
    at: DateTime<Utc>,
    /// By how many seconds the clock of the place is ahead of UTC. The page has to name its zone.
    ahead: i32,
) -> impl IntoView {
    let there = at.checked_add_signed(TimeDelta::seconds(i64::from(ahead))).unwrap_or(at);
    view! { <time datetime=dates::stamp(at) title=exact(at) data-clock=at.timestamp_millis().to_string() data-minute="">{dates::minute(there, language())}</time> }
}

/// A duration that grows, as it is shown where a number that changes each second would draw attention: in whole minutes from
/// the first one on, else in whole seconds.
#[must_use]
pub const fn to_the_minute(ms: i64) -> i64 {
    if ms < 60_000 { ms / 1000 * 1000 } else { ms / 60_000 * 60_000 }
}

/// The duration from `since` until `until`. While `until` is unknown, it runs until now and ticks.
#[component]
pub fn Elapsed(
    /// Start of the duration.
    since: DateTime<Utc>,
    /// End of the duration; `None` while it is unknown.
    #[prop(optional_no_strip)]
    until: Option<DateTime<Utc>>,
    /// True to tick once a minute.
    #[prop(optional)]
    minutes: bool,
) -> impl IntoView {
    let ticking = until.is_none().then(|| since.timestamp_millis().to_string());
    let ms = (until.unwrap_or_else(now) - since).num_milliseconds();
    let words = match (&ticking, minutes) {
        (Some(_), true) => span(to_the_minute(ms)),
        (Some(_), false) => span(ms / 1000 * 1000),
        (None, _) => span(ms),
    };
    let minutes = minutes.then_some("");
    view! { <time class="tabular-nums" data-since=ticking data-minutes=minutes>{words}</time> }
}

/// How long work ran from `since` until `until`, and how long it waited for a person: "ran 12s, waited 38m for you". Without a
/// wait it is the duration alone.
#[component]
pub fn Ran(
    /// When the work began.
    since: DateTime<Utc>,
    /// When it ended; `None` while it is not over.
    #[prop(optional_no_strip)]
    until: Option<DateTime<Utc>>,
    /// Its waits for a person.
    waited: Waited,
) -> impl IntoView {
    let waited = waited.closed(until);
    if !waited.is_shown() {
        return view! { <Elapsed since=since until=until/> }.into_any();
    }
    // A wait moves the start: what is left of the time is what the work ran.
    let ran = view! { <Elapsed since={since + waited.over()} until=until.or(waited.since)/> };
    let waits = match waited.since {
        Some(asked) => view! { <Elapsed since={asked - waited.over()}/> }.into_any(),
        None => span(waited.millis / 1000 * 1000).into_any(),
    };
    view! { <span>"ran "{ran}", waited "{waits}" for you"</span> }.into_any()
}

/// A time inside the sentence that stands around it, in the place of its ellipsis.
#[must_use]
pub fn within(around: Option<&str>, time: String) -> String {
    match around {
        Some(around) => around.replace('\u{2026}', &time),
        None => time,
    }
}

/// The time left until a moment. It ticks down and then shows `past`.
#[component]
pub fn Until(
    /// The moment to count down to.
    at: DateTime<Utc>,
    /// Text that is shown afterwards.
    #[prop(default = "now")]
    past: &'static str,
    /// Words around the time left, with an ellipsis in its place. They disappear together with the time.
    #[prop(optional)]
    around: Option<&'static str>,
) -> impl IntoView {
    let left = (at - now()).num_milliseconds();
    let words = if left > 0 { within(around, span(left / 1000 * 1000)) } else { past.to_owned() };
    view! { <time class="tabular-nums" title=exact(at) data-until=at.timestamp_millis().to_string() data-past=past data-around=around>{words}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_well() {
        let of = |ms| span(ms);
        assert_eq!(of(40), "40ms");
        assert_eq!(of(430), "0.4s");
        assert_eq!(of(0), "0s");
        assert_eq!(of(130_000), "2m 10s");
        assert_eq!(of(120_000), "2m");
        assert_eq!(of(11_100_000), "3h 5m");
        assert_eq!(of(352_800_000), "4d 2h");
        for (ms, shown) in [(10_900, "10s"), (59_999, "59s"), (130_000, "2m"), (3_599_000, "59m"), (3_700_000, "1h 1m")]
        {
            assert_eq!(of(to_the_minute(ms)), shown);
        }
    }

    #[test]
    fn relative_times_read_well() {
        assert_eq!(relative(20_000), "just now");
        assert_eq!(relative(250_000), "4 min ago");
        assert_eq!(relative(3_700_000), "1 hour ago");
        assert_eq!(relative(-3 * 3_600_000), "in 3 hours");
        assert_eq!(relative(36 * 86_400_000), "36 days ago");
        for ms in [20_000, 250_000, 3_700_000, -3 * 3_600_000, 36 * 86_400_000] {
            assert_eq!(relative_in(ms, Language::English), relative(ms));
        }
        assert_eq!(relative_in(250_000, Language::Spanish), "hace 4 min");
        assert_eq!(relative_in(3_700_000, Language::Spanish), "hace 1 hora");
        assert_eq!(relative_in(-3 * 86_400_000, Language::Spanish), "en 3 días");
    }

    #[test]
    fn usual_times_are_rounded_to_minutes() {
        assert_eq!(usually(224.0, Some(280.0)), "Usually takes 3\u{2013}5 min");
        assert_eq!(usually(180.0, None), "Usually takes 3 min");
        assert_eq!(usually(20.0, Some(90.0)), "Usually takes up to 2 min");
        assert_eq!(usually(20.0, None), "Usually takes under a minute");
    }

    #[test]
    fn a_time_of_day_is_by_the_clock_of_its_place_until_the_browser_writes_it() {
        let at = DateTime::from_timestamp(1_795_879_062, 0).unwrap_or_default();
        for (ahead, told) in [(0, "3:17 PM"), (-5 * 3600, "10:17 AM"), (19_800, "8:47 PM")] {
            let html = Owner::new().with(|| view! { <MinuteTime at ahead/> }.to_html());
            assert!(html.contains(&format!(">{told}<")), "{html}");
            assert!(html.contains("data-clock=\"1795879062000\""), "what the browser reads is the same: {html}");
        }
    }

    #[test]
    fn times_in_full_follow_the_language_of_the_page() {
        let at = DateTime::from_timestamp(1_795_879_062, 0).unwrap_or_default();
        for (language, told) in
            [(Language::English, "Nov 28, 2026, 3:17:42 PM UTC"), (Language::Spanish, "28 nov 2026, 15:17:42 UTC")]
        {
            Owner::new().with(|| {
                provide_context(language);
                assert_eq!(exact(at), told);
            });
        }
    }
}
