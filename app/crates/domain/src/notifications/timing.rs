//! When may an email be sent? Quiet hours and the hour of the daily summary, read from the clock on the wall of a zone.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use super::choices::{Choices, Quiet, Rules, ZONE};
use super::{Channel, Kind};
use crate::dates;
use crate::field::FieldError;
use crate::language::Language;
use crate::provisioning::zone_named;

/// The time zone of the rules.
fn zone(rules: &Rules) -> Tz {
    rules.zone().parse().or_else(|_| ZONE.parse()).unwrap_or(Tz::UTC)
}

/// How long an email has to wait because of quiet hours. `None` if it may be sent now.
#[must_use]
pub fn quiet_for(rules: &Rules, now: DateTime<Utc>) -> Option<Duration> {
    let (zone, quiet) = (zone(rules), rules.quiet());
    let covered = |at: DateTime<Utc>| quiet.covers(u8::try_from(at.with_timezone(&zone).hour()).unwrap_or_default());
    if !covered(now) {
        return None;
    }
    // Quiet hours begin and end with an hour of the clock; some zones are a quarter of an hour apart from full hours.
    let quarter = now.timestamp().div_euclid(900);
    let ends = (1..=4 * 25).filter_map(|n| DateTime::from_timestamp((quarter + n) * 900, 0)).find(|at| !covered(*at));
    (ends? - now).to_std().ok()
}

/// The last moment at or before `now` at which the daily summary was due.
#[must_use]
pub fn digest_due(rules: &Rules, now: DateTime<Utc>) -> DateTime<Utc> {
    let zone = zone(rules);
    let today = now.with_timezone(&zone).date_naive();
    let hour = NaiveTime::from_hms_opt(u32::from(rules.digest_hour()), 0, 0).unwrap_or_default();
    let at = |days: i64| {
        let clock = (today - TimeDelta::days(days)).and_time(hour);
        // An hour that the clock skips is followed by one that it shows.
        let shown = zone.from_local_datetime(&clock).earliest();
        let shown = shown.or_else(|| zone.from_local_datetime(&(clock + TimeDelta::hours(1))).earliest());
        shown.map(|at| at.to_utc()).filter(|at| *at <= now)
    };
    (0..3).find_map(at).unwrap_or(now - TimeDelta::days(1))
}

/// A moment by the clock of the person, with its zone: "Oct 4, 3:17 PM EDT", "4 oct, 15:17 EDT".
#[must_use]
pub fn by_clock(rules: &Rules, at: DateTime<Utc>, language: Language) -> String {
    let at = at.with_timezone(&zone(rules));
    let clock = at.naive_local().and_utc();
    let (day, time) = (dates::day_in(clock.date_naive(), language), dates::minute(clock, language));
    format!("{day}, {time} {}", at.format("%Z"))
}

/// The names of the fields beside one for each kind.
const FIELDS: [&str; 5] = ["everyones", "urgent", "digest_hour", "quiet", "timezone"];

/// Reads the form of a person or an agency. An empty field was not chosen. What has none of the fields is another form,
/// which must not take all choices away.
///
/// # Errors
/// One entry for each field that cannot be read.
pub fn read(fields: &BTreeMap<String, String>) -> Result<Choices, Vec<FieldError>> {
    if !Kind::ALL.into_iter().map(Kind::key).chain(FIELDS).any(|name| fields.contains_key(name)) {
        return Err(vec![FieldError::new(Kind::JobFailed.key(), "Choose one from the list.")]);
    }
    let mut errors = Vec::new();
    let text = |name: &str| fields.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let mut wrong = |name: &str| errors.push(FieldError::new(name, "Choose one from the list."));
    let mut kinds = BTreeMap::new();
    for kind in Kind::ALL {
        match text(kind.key()).map(Channel::parse) {
            Some(Some(channel)) => {
                kinds.insert(kind, channel);
            }
            Some(None) => wrong(kind.key()),
            None => {}
        }
    }
    let mut yes = |name: &str| match text(name) {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        Some(_) => {
            wrong(name);
            None
        }
        None => None,
    };
    let (everyones, urgent) = (yes("everyones"), yes("urgent"));
    let digest_hour = text("digest_hour").map(|hour| hour.parse::<u8>().ok().filter(|hour| *hour < 24));
    let quiet = text("quiet").map(Quiet::parse);
    let timezone = text("timezone").map(|name| zone_named(name).filter(|zone| zone.parse::<Tz>().is_ok()));
    let unread = [
        ("digest_hour", matches!(digest_hour, Some(None))),
        ("quiet", matches!(quiet, Some(None))),
        ("timezone", matches!(timezone, Some(None))),
    ];
    unread.into_iter().filter(|(_, unread)| *unread).for_each(|(name, _)| wrong(name));
    let choices = Choices {
        kinds,
        everyones,
        digest_hour: digest_hour.flatten(),
        quiet: quiet.flatten(),
        urgent,
        timezone: timezone.flatten(),
    };
    if errors.is_empty() { Ok(choices) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn rules(zone: &str, quiet: Quiet, hour: u8) -> Rules {
        let own = Choices {
            quiet: Some(quiet),
            digest_hour: Some(hour),
            timezone: Some(zone.to_owned()),
            ..Choices::default()
        };
        Rules { own, agency: Choices::default() }
    }

    #[test]
    fn a_mail_waits_until_quiet_hours_end_by_the_persons_clock() {
        let night = Quiet { from: 22, to: 7 };
        for (zone, now, waits) in [
            ("America/New_York", "2026-07-01T03:30:00Z", Some(7 * 3600 + 1800)),
            ("America/New_York", "2026-07-01T11:00:00Z", None),
            ("America/New_York", "2026-07-01T10:59:00Z", Some(60)),
            ("America/New_York", "2026-12-01T11:59:00Z", Some(60)),
            ("Asia/Kolkata", "2026-07-01T01:00:00Z", Some(1800)),
            ("Asia/Kathmandu", "2026-07-01T01:00:00Z", Some(900)),
            ("Europe/London", "2026-07-01T12:00:00Z", None),
        ] {
            let found = quiet_for(&rules(zone, night, 8), utc(now)).map(|wait| wait.as_secs());
            assert_eq!(found, waits, "{zone} at {now}");
        }
        assert_eq!(quiet_for(&rules("UTC", Quiet::NONE, 8), utc("2026-07-01T03:00:00Z")), None);
        // The night in which the clock goes forward is an hour shorter.
        let spring = quiet_for(&rules("America/New_York", night, 8), utc("2026-03-08T04:00:00Z"));
        assert_eq!(spring.map(|wait| wait.as_secs()), Some(7 * 3600));
        let unknown = rules("Mars/Olympus", night, 8);
        assert_eq!(quiet_for(&unknown, utc("2026-07-01T11:00:00Z")), None, "the usual zone");
    }

    #[test]
    fn a_moment_is_said_by_the_clock_of_the_person() {
        let at = utc("2026-12-01T04:05:00Z");
        for (zone, language, said) in [
            ("America/New_York", Language::English, "Nov 30, 11:05 PM EST"),
            ("America/New_York", Language::Spanish, "30 nov, 23:05 EST"),
            ("UTC", Language::English, "Dec 1, 4:05 AM UTC"),
        ] {
            assert_eq!(by_clock(&rules(zone, Quiet::NONE, 8), at, language), said);
        }
    }

    #[test]
    fn only_a_form_with_the_fields_takes_choices_away() {
        let form =
            |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), String::new())).collect::<BTreeMap<_, _>>();
        assert!(read(&form(&[])).is_err() && read(&form(&["agency", "f0"])).is_err());
        assert_eq!(read(&form(&["job.failed"])), Ok(Choices::default()));
        assert_eq!(read(&form(&["quiet", "f0"])), Ok(Choices::default()));
    }

    #[test]
    fn a_summary_is_due_once_a_day_by_the_persons_clock() {
        for (zone, hour, now, due) in [
            ("America/New_York", 8, "2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"),
            ("America/New_York", 8, "2026-07-01T11:59:00Z", "2026-06-30T12:00:00Z"),
            ("America/New_York", 8, "2026-07-02T03:00:00Z", "2026-07-01T12:00:00Z"),
            ("Pacific/Auckland", 7, "2026-07-01T19:30:00Z", "2026-07-01T19:00:00Z"),
            // The clock skips two o'clock.
            ("America/New_York", 2, "2026-03-08T12:00:00Z", "2026-03-08T07:00:00Z"),
            // The clock shows one o'clock twice.
            ("America/New_York", 1, "2026-11-01T12:00:00Z", "2026-11-01T05:00:00Z"),
        ] {
            assert_eq!(digest_due(&rules(zone, Quiet::NONE, hour), utc(now)), utc(due), "{zone} at {now}");
        }
    }

    #[test]
    fn a_form_is_read_and_what_is_no_choice_is_named() {
        let fields = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>()
        };
        let read_well = read(&fields(&[
            ("job.failed", "app"),
            ("job.finished", ""),
            ("everyones", "yes"),
            ("quiet", "22-7"),
            ("digest_hour", "17"),
            ("timezone", "America/Chicago"),
            ("urgent", "no"),
            ("more", "x"),
        ]));
        let expected = Choices {
            kinds: [(Kind::JobFailed, Channel::App)].into(),
            everyones: Some(true),
            digest_hour: Some(17),
            quiet: Some(Quiet { from: 22, to: 7 }),
            urgent: Some(false),
            timezone: Some("America/Chicago".to_owned()),
        };
        assert_eq!(read_well, Ok(expected));
        assert_eq!(read(&fields(&[("quiet", "")])), Ok(Choices::default()));
        let names = ["job.failed", "everyones", "digest_hour", "quiet", "timezone"];
        let errors = read(&fields(&names.map(|name| (name, "99"))));
        let named: Vec<_> = errors.err().into_iter().flatten().map(|error| error.pointer).collect();
        assert_eq!(named, names);
    }
}
