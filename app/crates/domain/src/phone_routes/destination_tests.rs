//! Tests that every call has exactly one destination, and that a closed client gets one only as the fallback.

use chrono::{Datelike, TimeDelta, Timelike};
use chrono_tz::{TZ_VARIANTS, Tz};
use uuid::Uuid;

use super::super::Overflow;
use super::super::hours::{DAYS, Span};
use super::*;
use crate::PhoneRouteId;

fn id(number: u128) -> BusinessId {
    BusinessId(Uuid::from_u128(number))
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn span(from: u32, to: u32) -> Span {
    let time = |minute: u32| format!("{:02}:{:02}", minute / 60 % 24, minute % 60).parse().unwrap();
    Span { from: time(from), to: time(to) }
}

/// Monday to Friday, nine to five.
fn work() -> Week {
    let mut week = Week::default();
    DAYS[..5].iter().for_each(|(day, ..)| week.day_mut(*day).push(span(540, 1020)));
    week
}

fn route(hours: Option<Week>, overflow: Option<Option<Week>>) -> PhoneRoute {
    PhoneRoute {
        id: PhoneRouteId(Uuid::nil()),
        number: "+13055550100".to_owned(),
        business: id(1),
        business_name: "Bright Dental".to_owned(),
        label: String::new(),
        active: true,
        is_default: false,
        timezone: "America/New_York".to_owned(),
        hours,
        overflow_name: overflow.is_some().then(|| "Luna Yoga".to_owned()),
        overflow: overflow.map(|hours| Overflow { business: id(2), hours }),
        fallback: Fallback::Own,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

fn default() -> PhoneRoute {
    PhoneRoute { business: id(3), business_name: "Summit Realty".to_owned(), is_default: true, ..route(None, None) }
}

/// Wednesday noon in New York, and the Saturday after it at three in the morning.
const OPEN: &str = "2026-03-11T16:00:00Z";
const CLOSED: &str = "2026-03-14T07:00:00Z";

fn goes(route: Option<&PhoneRoute>, default: Option<&PhoneRoute>, at: &str) -> (Rule, Option<BusinessId>, String) {
    let found = destination("+13055550100", utc(at), route, default);
    (found.rule, found.business, found.why)
}

#[test]
fn the_first_rule_that_takes_a_call_ends_it() {
    let own = route(Some(work()), Some(Some(work())));
    let why = "Bright Dental is open on Wednesday, Mar 11 at 12:00 PM (Eastern Time \u{2013} New York).";
    assert_eq!(goes(Some(&own), None, OPEN), (Rule::Hours, Some(id(1)), why.to_owned()));
    let why = "Nobody is open, so Bright Dental gets the call anyway.";
    assert_eq!(goes(Some(&own), Some(&default()), CLOSED), (Rule::Fallback, Some(id(1)), why.to_owned()));
    let always = route(Some(work()), Some(None));
    let why = "Luna Yoga takes the overflow at any time.";
    assert_eq!(goes(Some(&always), None, CLOSED), (Rule::Overflow, Some(id(2)), why.to_owned()));
    let to_default = PhoneRoute { fallback: Fallback::Default, ..own.clone() };
    let why = "Nobody is open, so the default client, Summit Realty, gets the call.";
    assert_eq!(goes(Some(&to_default), Some(&default()), CLOSED), (Rule::Fallback, Some(id(3)), why.to_owned()));
    assert_eq!(goes(Some(&to_default), None, CLOSED).1, Some(id(1)), "without a default client it stays");
    let path = destination(&own.number, utc(CLOSED), Some(&own), None).path;
    let rules: Vec<_> = path.iter().map(|stage| (stage.rule, stage.takes)).collect();
    let expected = [(Rule::Route, false), (Rule::Hours, false), (Rule::Overflow, false), (Rule::Fallback, true)];
    assert_eq!(rules, expected);
}

#[test]
fn an_unknown_number_and_one_that_is_off_fall_back_to_the_default_client() {
    let off = PhoneRoute { active: false, ..route(None, None) };
    for number in [None, Some(&off)] {
        let (rule, client, why) = goes(number, Some(&default()), OPEN);
        assert_eq!((rule, client), (Rule::Fallback, Some(id(3))));
        assert!(why.ends_with("The default client, Summit Realty, gets the call as a fallback."), "{why}");
        let asleep = PhoneRoute { active: false, ..default() };
        for nobody in [None, Some(&asleep)] {
            let found = goes(number, nobody, OPEN);
            assert_eq!((found.0, found.1), (Rule::Nowhere, None), "{}", found.2);
        }
    }
}

#[test]
fn a_client_that_the_reader_may_not_see_has_no_name() {
    let own = PhoneRoute { overflow_name: None, ..route(Some(work()), Some(None)) };
    let found = destination("+13055550100", utc(CLOSED), Some(&own), None);
    assert_eq!((found.business, found.business_name.as_deref()), (Some(id(2)), None));
    assert_eq!(found.why, "Another client takes the overflow at any time.");
}

/// SplitMix64: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((z ^ (z >> 31)) % u64::from(most)).unwrap()
    }

    /// A week whose days have no, one or two spans, the last one often past midnight.
    fn week(&mut self) -> Week {
        let mut week = Week::default();
        for (day, ..) in DAYS {
            let first = self.below(600);
            let spans = match self.below(4) {
                0 => vec![],
                1 => vec![span(first, first + 1 + self.below(700))],
                2 => vec![span(first, first + 100), span(first + 200, first + 200 + self.below(1200))],
                _ => vec![span(first, first)],
            };
            *week.day_mut(day) = spans;
        }
        week
    }
}

/// The minutes of a week, from Monday on, at which it is open: computed by filling them in, not by comparing times.
fn minutes(week: Option<&Week>) -> Vec<bool> {
    const WEEK: usize = 7 * 1440;
    let mut open = vec![week.is_none(); WEEK];
    let parsed = |text: String| {
        let (hour, minute) = text.split_once(':').unwrap();
        hour.parse::<usize>().unwrap() * 60 + minute.parse::<usize>().unwrap()
    };
    for (number, (day, ..)) in DAYS.into_iter().enumerate() {
        for span in week.map(|week| week.day(day)).unwrap_or_default() {
            let (from, to) = (parsed(span.from.into()), parsed(span.to.into()));
            let length = if to > from { to - from } else { to + 1440 - from };
            (0..length).for_each(|minute| open[(number * 1440 + from + minute) % WEEK] = true);
        }
    }
    open
}

#[test]
fn every_instant_of_a_year_has_one_destination_which_is_open_unless_it_is_the_fallback() {
    let mut dice = Dice(20_261_129);
    let mut taken = std::collections::BTreeMap::new();
    for _ in 0..8 {
        let zone = TZ_VARIANTS[usize::try_from(dice.below(u32::try_from(TZ_VARIANTS.len()).unwrap())).unwrap()];
        let mut own = route(Some(dice.week()), Some(Some(dice.week())));
        zone.name().clone_into(&mut own.timezone);
        own.fallback = if dice.below(2) == 0 { Fallback::Own } else { Fallback::Default };
        let (hours, overflow) =
            (minutes(own.hours.as_ref()), minutes(own.overflow.as_ref().and_then(|overflow| overflow.hours.as_ref())));
        let mut at = utc("2026-01-01T00:00:00Z");
        while at < utc("2027-01-01T00:00:00Z") {
            let shown = clock(at, zone);
            let day = shown.weekday().num_days_from_monday();
            let minute = usize::try_from(day * 1440 + shown.hour() * 60 + shown.minute()).unwrap();
            let found = destination(&own.number, at, Some(&own), Some(&default()));
            let (rule, client) = match (hours[minute], overflow[minute], own.fallback) {
                (true, ..) => (Rule::Hours, id(1)),
                (false, true, _) => (Rule::Overflow, id(2)),
                (false, false, Fallback::Own) => (Rule::Fallback, id(1)),
                (false, false, Fallback::Default) => (Rule::Fallback, id(3)),
            };
            assert_eq!((found.rule, found.business), (rule, Some(client)), "{at} in {zone}: {}", found.why);
            assert_eq!(found.path.iter().filter(|stage| stage.takes).count(), 1, "{at} in {zone}");
            assert!(found.path.last().is_some_and(|stage| stage.takes && stage.why == found.why), "{at} in {zone}");
            *taken.entry(rule.label()).or_insert(0) += 1;
            at += TimeDelta::minutes(37);
        }
    }
    assert!(taken.len() == 3 && taken.values().all(|count| *count > 1000), "{taken:?}");
}

#[test]
fn a_zone_that_is_not_known_counts_as_utc() {
    assert_eq!(PhoneRoute { timezone: "Mars/Olympus".to_owned(), ..default() }.zone(), Tz::UTC);
}
