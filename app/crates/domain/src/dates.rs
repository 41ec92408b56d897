//! How are dates and times written where the browser writes them, too? By hand, because the formatter of `chrono` would be a
//! large part of what a visitor loads. Spanish takes 24 hours, as clocks in Latin America do.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

use crate::language::Language;

/// The months in short.
pub(crate) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The months in short, in Spanish.
const SPANISH_MONTHS: [&str; 12] = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"];

fn month(of: &impl Datelike) -> &'static str {
    MONTHS.get(of.month0() as usize).copied().unwrap_or_default()
}

/// A day of a year that is known: "Oct 4".
#[must_use]
pub fn day(day: NaiveDate) -> String {
    format!("{} {}", month(&day), day.day())
}

/// A day of a year that is known, in a language: "Oct 4", "4 oct".
#[must_use]
pub fn day_in(of: NaiveDate, language: Language) -> String {
    if language == Language::Spanish {
        return format!("{} {}", of.day(), spanish_month(&of));
    }
    day(of)
}

fn spanish_month(of: &impl Datelike) -> &'static str {
    SPANISH_MONTHS.get(of.month0() as usize).copied().unwrap_or_default()
}

/// A day, the day of the month first: "4 Oct 2026".
#[must_use]
pub fn day_first(at: DateTime<Utc>) -> String {
    format!("{} {} {}", at.day(), month(&at), at.year())
}

/// A time of day in UTC: "3:17:42 PM", "15:17:42".
#[must_use]
pub fn clock(at: DateTime<Utc>, language: Language) -> String {
    time_of(at, "", language)
}

/// A time of day in UTC, to the minute: "3:17 PM", "15:17".
#[must_use]
pub fn minute(at: DateTime<Utc>, language: Language) -> String {
    if language == Language::Spanish {
        return format!("{:02}:{:02}", at.hour(), at.minute());
    }
    let (is_afternoon, hour) = at.hour12();
    format!("{hour}:{:02} {}", at.minute(), if is_afternoon { "PM" } else { "AM" })
}

/// A time in full, in UTC: "Oct 4, 2026, 3:17:42 PM UTC", "4 oct 2026, 15:17:42 UTC".
#[must_use]
pub fn in_full(at: DateTime<Utc>, language: Language) -> String {
    with_day(at, "", language)
}

/// A time in full, in UTC, to the millisecond: "Oct 4, 2026, 3:17:42.060 PM UTC", "4 oct 2026, 15:17:42.060 UTC".
#[must_use]
pub fn to_the_millisecond(at: DateTime<Utc>, language: Language) -> String {
    with_day(at, &format!(".{:03}", at.timestamp_subsec_millis()), language)
}

/// A day and a time of day, with what follows its seconds.
fn with_day(at: DateTime<Utc>, part: &str, language: Language) -> String {
    let time = time_of(at, part, language);
    if language == Language::Spanish {
        return format!("{} {} {}, {time} UTC", at.day(), spanish_month(&at), at.year());
    }
    format!("{} {}, {}, {time} UTC", month(&at), at.day(), at.year())
}

/// A time for programs (RFC 3339), to the second: "2026-10-04T15:17:42Z".
#[must_use]
pub fn stamp(at: DateTime<Utc>) -> String {
    let (year, month, day) = (at.year(), at.month(), at.day());
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", at.hour(), at.minute(), at.second())
}

/// A time of day with what follows its seconds.
fn time_of(at: DateTime<Utc>, part: &str, language: Language) -> String {
    if language == Language::Spanish {
        return format!("{:02}:{:02}:{:02}{part}", at.hour(), at.minute(), at.second());
    }
    let (is_afternoon, hour) = at.hour12();
    let half = if is_afternoon { "PM" } else { "AM" };
    format!("{hour}:{:02}:{:02}{part} {half}", at.minute(), at.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_the_formatter_writes_them() {
        // Steps of about a day and an hour, so that every month, hour and half of the day comes.
        for step in 0..4_000_i64 {
            let at = DateTime::from_timestamp_millis(1_700_000_000_000 + step * 90_061_007).unwrap();
            for (written, expected) in [
                (day(at.date_naive()), "%b %-d"),
                (day_first(at), "%-d %b %Y"),
                (clock(at, Language::English), "%-I:%M:%S %p"),
                (clock(at, Language::Spanish), "%H:%M:%S"),
                (minute(at, Language::English), "%-I:%M %p"),
                (minute(at, Language::Spanish), "%H:%M"),
                (in_full(at, Language::English), "%b %-d, %Y, %-I:%M:%S %p UTC"),
                (to_the_millisecond(at, Language::English), "%b %-d, %Y, %-I:%M:%S%.3f %p UTC"),
                (stamp(at), "%Y-%m-%dT%H:%M:%SZ"),
            ] {
                assert_eq!(written, at.format(expected).to_string());
            }
        }
    }

    #[test]
    fn spanish_says_months_and_hours_as_it_does() {
        let at = DateTime::from_timestamp_millis(1_795_879_062_060).unwrap();
        assert_eq!(in_full(at, Language::Spanish), "28 nov 2026, 15:17:42 UTC");
        assert_eq!(day_in(at.date_naive(), Language::Spanish), "28 nov");
        assert_eq!(day_in(at.date_naive(), Language::English), "Nov 28");
        assert_eq!(to_the_millisecond(at, Language::Spanish), "28 nov 2026, 15:17:42.060 UTC");
    }
}
