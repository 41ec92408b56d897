//! When is a client open? Opening hours by weekday, read from the clock on the wall of a zone. They need no rule of
//! their own for daylight saving time: what the clock skips is never open, what it shows twice is open twice.

use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::field::FieldError;

/// How many spans a day may have: one before a break, one after it.
pub const SPANS_A_DAY: usize = 2;

/// The days of a week, with the member that holds each one's hours and its name.
pub const DAYS: [(Weekday, &str, &str); 7] = [
    (Weekday::Mon, "mon", "Monday"),
    (Weekday::Tue, "tue", "Tuesday"),
    (Weekday::Wed, "wed", "Wednesday"),
    (Weekday::Thu, "thu", "Thursday"),
    (Weekday::Fri, "fri", "Friday"),
    (Weekday::Sat, "sat", "Saturday"),
    (Weekday::Sun, "sun", "Sunday"),
];

/// A time of day to the minute, written `17:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline, extend("pattern" = "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples" = ["09:00"])))]
pub struct TimeOfDay(u16);

/// The text is no time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Enter a time such as 09:00 or 17:30.")]
pub struct NoTimeOfDay;

impl TimeOfDay {
    /// The time as an American clock shows it: "5:30 PM".
    #[must_use]
    pub fn words(self) -> String {
        let (hour, minute) = (self.0 / 60, self.0 % 60);
        let half = if hour < 12 { "AM" } else { "PM" };
        format!("{}:{minute:02} {half}", (hour + 11) % 12 + 1)
    }
}

impl FromStr for TimeOfDay {
    type Err = NoTimeOfDay;

    fn from_str(text: &str) -> Result<Self, NoTimeOfDay> {
        let part = |text: &str, below: u16| {
            let plain = text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_digit());
            text.parse().ok().filter(|number: &u16| plain && *number < below)
        };
        let (hour, minute) = text.split_once(':').ok_or(NoTimeOfDay)?;
        match (part(hour, 24), part(minute, 60)) {
            (Some(hour), Some(minute)) => Ok(Self(hour * 60 + minute)),
            _ => Err(NoTimeOfDay),
        }
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = NoTimeOfDay;

    fn try_from(text: String) -> Result<Self, NoTimeOfDay> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        format!("{:02}:{:02}", time.0 / 60, time.0 % 60)
    }
}

/// From one time of day until another. If `to` is not later than `from`, it ends on the next day; equal times are 24
/// hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OpeningSpan"))]
pub struct Span {
    /// When it opens.
    pub from: TimeOfDay,
    /// When it closes; at this minute it is closed.
    pub to: TimeOfDay,
}

impl Span {
    const fn is_overnight(self) -> bool {
        self.to.0 <= self.from.0
    }
}

/// The opening hours of each weekday. A day without a span is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OpeningHours"))]
pub struct Week {
    /// Monday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = SPANS_A_DAY)))]
    pub mon: Vec<Span>,
    /// Tuesday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = SPANS_A_DAY)))]
    pub tue: Vec<Span>,
    /// Wednesday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = SPANS_A_DAY)))]
    pub wed: Vec<Span>,
    /// Thursday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = SPANS_A_DAY)))]
    pub thu: Vec<Span>,
    /// Friday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = SPANS_A_DAY)))]
    pub fri: Vec<Span>,
    /// Saturday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = SPANS_A_DAY)))]
    pub sat: Vec<Span>,
    /// Sunday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = SPANS_A_DAY)))]
    pub sun: Vec<Span>,
}

impl Week {
    /// The spans of a day.
    #[must_use]
    pub fn day(&self, day: Weekday) -> &[Span] {
        match day {
            Weekday::Mon => &self.mon,
            Weekday::Tue => &self.tue,
            Weekday::Wed => &self.wed,
            Weekday::Thu => &self.thu,
            Weekday::Fri => &self.fri,
            Weekday::Sat => &self.sat,
            Weekday::Sun => &self.sun,
        }
    }

    /// The spans of a day, to change them.
    pub const fn day_mut(&mut self, day: Weekday) -> &mut Vec<Span> {
        match day {
            Weekday::Mon => &mut self.mon,
            Weekday::Tue => &mut self.tue,
            Weekday::Wed => &mut self.wed,
            Weekday::Thu => &mut self.thu,
            Weekday::Fri => &mut self.fri,
            Weekday::Sat => &mut self.sat,
            Weekday::Sun => &mut self.sun,
        }
    }

    /// Whether it is open when the clock on the wall shows this.
    #[must_use]
    pub fn is_open(&self, clock: NaiveDateTime) -> bool {
        let minute = u16::try_from(clock.hour() * 60 + clock.minute()).unwrap_or_default();
        let (today, yesterday) = (self.day(clock.weekday()), self.day(clock.weekday().pred()));
        let opened_today =
            today.iter().any(|span| span.from.0 <= minute && (span.is_overnight() || minute < span.to.0));
        opened_today || yesterday.iter().any(|span| span.is_overnight() && minute < span.to.0)
    }

    /// Adds what is wrong with the hours, whose pointer is `at`.
    pub(super) fn check(&self, at: &str, errors: &mut Vec<FieldError>) {
        if *self == Self::default() {
            errors.push(FieldError::new(at, "Fill in at least one day, or choose \u{201c}Anytime\u{201d}."));
        }
        for (day, key, name) in DAYS {
            let spans = self.day(day);
            if spans.len() > SPANS_A_DAY {
                errors.push(FieldError::new(
                    format!("{at}/{key}"),
                    format!("{name} has at most {SPANS_A_DAY} spans of hours."),
                ));
            }
            for (number, pair) in spans.windows(2).enumerate() {
                if pair[0].is_overnight() || pair[1].from < pair[0].to {
                    errors.push(FieldError::new(
                        format!("{at}/{key}/{}/from", number + 1),
                        format!("On {name} the second span begins before the first one ends."),
                    ));
                }
            }
        }
    }

    /// The hours in short: "Mon–Fri 9:00 AM–5:00 PM, Sat 10:00 AM–2:00 PM".
    #[must_use]
    pub fn words(&self) -> String {
        let mut groups: Vec<(&str, &str, &[Span])> = Vec::new();
        for (day, _, name) in DAYS {
            let (spans, short) = (self.day(day), name.get(..3).unwrap_or(name));
            match groups.last_mut() {
                Some((_, last, same)) if *same == spans => *last = short,
                _ => groups.push((short, short, spans)),
            }
        }
        let open = groups.into_iter().filter(|(_, _, spans)| !spans.is_empty());
        let lines = open.map(|(first, last, spans)| {
            let days = if first == last { first.to_owned() } else { format!("{first}\u{2013}{last}") };
            let spans = spans.iter().map(|span| format!("{}\u{2013}{}", span.from.words(), span.to.words()));
            format!("{days} {}", spans.collect::<Vec<_>>().join(" and "))
        });
        lines.collect::<Vec<_>>().join(", ")
    }
}

/// What the clock on the wall shows at an instant.
#[must_use]
pub fn clock(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// The instant at which the clock shows this. If it shows it twice, the first time; if it skips it, the moment after
/// what it skips.
#[must_use]
pub fn instant(clock: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    // No clock ever skipped more than a day.
    let mut later = (0..=24 * 60).filter_map(|minutes| clock.checked_add_signed(TimeDelta::minutes(minutes)));
    let found = later.find_map(|clock| zone.from_local_datetime(&clock).earliest());
    found.map(|at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, to: &str) -> Span {
        Span { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
    }

    #[test]
    fn a_time_of_day_is_two_numbers() {
        for (text, words) in [("00:00", "12:00 AM"), ("09:05", "9:05 AM"), ("12:00", "12:00 PM"), ("23:59", "11:59 PM")]
        {
            let time: TimeOfDay = text.parse().unwrap();
            assert_eq!((String::from(time).as_str(), time.words().as_str()), (text, words));
            assert_eq!(serde_json::from_value::<TimeOfDay>(text.into()).unwrap(), time);
        }
        for text in ["", "9:00", "24:00", "12:60", "+9:00", "09:00:00", "0900", "ab:cd", "12:", "\u{661}2:00"] {
            assert_eq!(text.parse::<TimeOfDay>(), Err(NoTimeOfDay), "{text:?}");
        }
    }

    #[test]
    fn a_span_may_end_on_the_next_day() {
        let week = Week { fri: vec![span("18:00", "02:00")], sun: vec![span("09:00", "09:00")], ..Week::default() };
        for (clock, open) in [
            ("2026-03-06T17:59", false),
            ("2026-03-06T18:00", true),
            ("2026-03-07T01:59", true),
            ("2026-03-07T02:00", false),
            ("2026-03-08T08:59", false),
            ("2026-03-08T09:00", true),
            ("2026-03-09T08:59", true),
            ("2026-03-09T09:00", false),
        ] {
            assert_eq!(week.is_open(local(clock)), open, "{clock}");
        }
    }

    /// On 8 March 2026 New York's clock skips from 2 to 3 AM; on 1 November it shows 1 to 2 AM twice.
    #[test]
    fn what_the_clock_skips_is_never_open_and_what_it_repeats_is_open_twice() {
        let zone = Tz::America__New_York;
        let open = |week: &Week, at: &str| week.is_open(clock(utc(at), zone));
        let skipped = Week { sun: vec![span("02:00", "03:00")], ..Week::default() };
        assert!(!open(&skipped, "2026-03-08T06:59:59Z") && !open(&skipped, "2026-03-08T07:00:00Z"));
        assert!(open(&skipped, "2026-03-15T06:30:00Z"), "the Sunday after");
        let repeated = Week { sun: vec![span("01:00", "02:00")], ..Week::default() };
        for at in ["2026-11-01T05:00:00Z", "2026-11-01T05:59:59Z", "2026-11-01T06:00:00Z", "2026-11-01T06:59:59Z"] {
            assert!(open(&repeated, at), "{at}");
        }
        assert!(!open(&repeated, "2026-11-01T04:59:59Z") && !open(&repeated, "2026-11-01T07:00:00Z"));
        let day = Week { sun: vec![span("09:00", "17:00")], ..Week::default() };
        assert!(open(&day, "2026-03-08T13:00:00Z") && open(&day, "2026-11-01T14:00:00Z"), "nine by the clock");
        assert!(!open(&day, "2026-03-08T12:59:59Z") && !open(&day, "2026-11-01T13:59:59Z"));
    }

    #[test]
    fn a_clock_time_becomes_an_instant_in_every_zone() {
        let zone = Tz::America__New_York;
        for (shown, at) in [
            ("2026-03-08T01:59", "2026-03-08T06:59:00Z"),
            ("2026-03-08T02:10", "2026-03-08T07:00:00Z"),
            ("2026-03-08T03:00", "2026-03-08T07:00:00Z"),
            ("2026-11-01T01:30", "2026-11-01T05:30:00Z"),
            ("2026-11-01T02:00", "2026-11-01T07:00:00Z"),
        ] {
            assert_eq!(instant(local(shown), zone), Some(utc(at)), "{shown}");
        }
        // Samoa left out 30 December 2011; Lord Howe's clock moves by half an hour.
        assert_eq!(instant(local("2011-12-30T12:00"), Tz::Pacific__Apia), Some(utc("2011-12-30T10:00:00Z")));
        assert_eq!(instant(local("2026-10-04T02:10"), Tz::Australia__Lord_Howe), Some(utc("2026-10-03T15:30:00Z")));
        for zone in chrono_tz::TZ_VARIANTS {
            let shown = local("2026-07-01T12:00");
            assert_eq!(instant(shown, zone).map(|at| clock(at, zone)), Some(shown), "{zone}");
        }
    }

    #[test]
    fn hours_are_told_in_short() {
        let work = vec![span("09:00", "12:00"), span("13:00", "17:30")];
        let week = Week {
            mon: work.clone(),
            tue: work.clone(),
            wed: work,
            sat: vec![span("10:00", "14:00")],
            ..Week::default()
        };
        let words = "Mon\u{2013}Wed 9:00 AM\u{2013}12:00 PM and 1:00 PM\u{2013}5:30 PM, Sat 10:00 AM\u{2013}2:00 PM";
        assert_eq!(week.words(), words);
    }

    #[test]
    fn hours_that_cannot_be_meant_are_refused_at_their_place() {
        let wrong = |week: Week| {
            let mut errors = Vec::new();
            week.check("/hours", &mut errors);
            errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>()
        };
        let of = |tue| Week { tue, ..Week::default() };
        assert_eq!(wrong(Week::default()), ["/hours"]);
        assert_eq!(wrong(of(vec![span("09:00", "17:00")])), [""; 0]);
        assert_eq!(wrong(of(vec![span("09:00", "12:00"), span("12:00", "02:00")])), [""; 0]);
        assert_eq!(wrong(of(vec![span("09:00", "12:00"), span("11:00", "17:00")])), ["/hours/tue/1/from"]);
        assert_eq!(wrong(of(vec![span("18:00", "02:00"), span("20:00", "22:00")])), ["/hours/tue/1/from"]);
        assert_eq!(
            wrong(of(vec![span("01:00", "02:00"); 3])),
            ["/hours/tue", "/hours/tue/1/from", "/hours/tue/2/from"]
        );
    }
}
