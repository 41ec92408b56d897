//! Which moment does a person mean by a date and a time of the clock of a business? Where that clock jumps, the time is
//! moved to one that exists, and the answer says so.

use chrono::{DateTime, Datelike, NaiveDateTime, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// How a browser writes a date and a time, without and with seconds.
const WRITTEN: [&str; 2] = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];

/// Whether the clock shows the chosen time once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Once, as nearly always.
    Once,
    /// Never: the clock is put forward over it. The moment is as much later as the clock is put forward.
    Never,
    /// Twice: the clock is put back over it. The moment is the first of both.
    Twice,
}

/// A moment that a person chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The moment.
    pub at: DateTime<Utc>,
    /// How often the clock of the business shows what the person chose.
    pub shown: Shown,
}

/// The moment that a field for a date and a time means in a zone. `None` if it holds none, or one of another age.
#[must_use]
pub fn chosen(zone: Tz, typed: &str) -> Option<Chosen> {
    let typed = typed.trim();
    let local = WRITTEN.iter().find_map(|form| NaiveDateTime::parse_from_str(typed, form).ok())?;
    if !(1970..=9999).contains(&local.year()) {
        return None;
    }
    let found = zone.from_local_datetime(&local);
    match (found.earliest(), found.single()) {
        (Some(at), Some(_)) => Some(Chosen { at: at.to_utc(), shown: Shown::Once }),
        (Some(at), None) => Some(Chosen { at: at.to_utc(), shown: Shown::Twice }),
        (None, _) => {
            // A clock jumps at most once in a day or two.
            let before = zone.offset_from_utc_datetime(&local.checked_sub_signed(TimeDelta::days(1))?);
            let at = local.checked_sub_offset(before.fix())?.and_utc();
            Some(Chosen { at, shown: Shown::Never })
        }
    }
}

/// A moment as the field for it shows it in a zone.
#[must_use]
pub fn written(zone: Tz, at: DateTime<Utc>) -> String {
    at.with_timezone(&zone).format(WRITTEN[0]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Tz {
        name.parse().expect("a known zone")
    }

    #[test]
    fn a_time_that_the_clock_skips_is_moved_forward_and_one_that_it_repeats_is_the_first() {
        for (name, typed, at, shown) in [
            ("America/New_York", "2026-03-08T01:59", "2026-03-08T06:59:00Z", Shown::Once),
            ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30:00Z", Shown::Never),
            ("America/New_York", "2026-03-08T03:00:00", "2026-03-08T07:00:00Z", Shown::Once),
            ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z", Shown::Twice),
            ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45:00Z", Shown::Never),
            ("Pacific/Apia", "2011-12-30T10:00", "2011-12-30T20:00:00Z", Shown::Never),
            ("Asia/Kolkata", " 2026-03-08T02:30 ", "2026-03-07T21:00:00Z", Shown::Once),
        ] {
            let at = at.parse().expect("a moment");
            assert_eq!(chosen(zone(name), typed), Some(Chosen { at, shown }), "{name} {typed}");
        }
    }

    #[test]
    fn what_a_person_chose_is_shown_again_in_every_zone_unless_no_clock_shows_it() {
        let start = NaiveDateTime::parse_from_str("2026-01-01T00:15", WRITTEN[0]).expect("a time");
        for name in ["UTC", "America/New_York", "Europe/Madrid", "America/Santiago", "Australia/Lord_Howe"] {
            let mut never = 0;
            for half_hours in 0..366 * 48 {
                let typed = (start + TimeDelta::minutes(30 * half_hours)).format(WRITTEN[0]).to_string();
                let chosen = chosen(zone(name), &typed).expect("a moment");
                let again = written(zone(name), chosen.at);
                if chosen.shown == Shown::Never {
                    never += 1;
                    assert!(again > typed, "{name} {typed}");
                } else {
                    assert_eq!(again, typed, "{name}");
                }
            }
            assert!(never <= 2, "{name}: {never}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for typed in ["", "tomorrow", "2026-02-30T10:00", "2026-01-01", "-9999-01-01T00:00", "+99999-01-01T00:00", "\0"]
        {
            assert_eq!(chosen(Tz::UTC, typed), None, "{typed}");
        }
    }
}
