//! Which day is it where the business is, what does its clock show, and when does its next morning begin?

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Offset as _, TimeZone as _, Utc};
use chrono_tz::Tz;

/// The hour at which a conversation that was put off comes back.
const MORNING: u32 = 9;

/// The day of a moment there.
pub(super) fn of(zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// By how many seconds the clock there is ahead of UTC at a moment.
pub(super) fn ahead(zone: Tz, at: DateTime<Utc>) -> i32 {
    at.with_timezone(&zone).offset().fix().local_minus_utc()
}

/// Noon of a day, for `Language::date`.
pub(super) fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default()).and_utc()
}

/// Nine o'clock of the next day there; a day later by the clock of UTC where that hour does not exist.
pub(super) fn next_morning(zone: Tz, now: DateTime<Utc>) -> DateTime<Utc> {
    let local = of(zone, now).checked_add_days(Days::new(1)).and_then(|day| day.and_hms_opt(MORNING, 0, 0));
    let found = local.and_then(|local| zone.from_local_datetime(&local).earliest());
    found.map_or(now + Days::new(1), |found| found.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Timelike as _};

    use super::*;

    #[test]
    fn the_next_morning_is_nine_o_clock_of_tomorrow_in_every_zone() {
        let start = DateTime::from_timestamp(1_772_900_000, 0).unwrap();
        for zone in ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "America/Mexico_City"] {
            let zone: Tz = zone.parse().unwrap();
            for hours in 0..400 {
                let now = start + TimeDelta::hours(hours * 23);
                let next = next_morning(zone, now);
                assert_eq!(next.with_timezone(&zone).hour(), MORNING, "{zone} {now}");
                assert!(next > now && next - now < TimeDelta::hours(35), "{zone} {now}");
                assert_eq!(of(zone, next), of(zone, now).succ_opt().unwrap());
            }
        }
    }

    #[test]
    fn the_clock_there_follows_its_summer_time() {
        let at = |day: &str| format!("{day}T12:00:00Z").parse::<DateTime<Utc>>().unwrap();
        assert_eq!(ahead(Tz::UTC, at("2026-07-01")), 0);
        assert_eq!(ahead(Tz::America__New_York, at("2026-01-01")), -5 * 3600);
        assert_eq!(ahead(Tz::America__New_York, at("2026-07-01")), -4 * 3600);
    }

    #[test]
    fn noon_belongs_to_its_day() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 8).unwrap();
        assert_eq!(of(Tz::UTC, noon(day)), day);
    }
}
