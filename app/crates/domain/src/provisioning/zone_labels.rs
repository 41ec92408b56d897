//! What are time zones called? Each place that people choose has one label, "Eastern Time – New York (UTC−5)", and what
//! somebody types is read back by it.

use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime, Offset as _, TimeZone as _};
use chrono_tz::{OffsetName as _, Tz};

use super::zones::{OFFERED, is_timezone};
use crate::language::Language;
use crate::text;

/// The year whose offsets the labels show.
const YEAR: i32 = 2026;

/// The zones that stand first, because most clients are there.
const FIRST: [&str; 7] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
];

/// What people call a zone: the abbreviation of its standard time, how its name begins, and what it is called in
/// English and in Spanish. The first line that fits counts.
const NAMES: [(&str, &str, &str, &str); 36] = [
    ("CST", "America/Havana", "Cuba Time", "Hora de Cuba"),
    ("EST", "", "Eastern Time", "Hora del este"),
    ("CST", "America/", "Central Time", "Hora del centro"),
    ("MST", "", "Mountain Time", "Hora de la montaña"),
    ("PST", "America/", "Pacific Time", "Hora del Pacífico"),
    ("AKST", "", "Alaska Time", "Hora de Alaska"),
    ("HST", "", "Hawaii Time", "Hora de Hawái"),
    ("AST", "", "Atlantic Time", "Hora del Atlántico"),
    ("NST", "", "Newfoundland Time", "Hora de Terranova"),
    ("GMT", "Europe/Dublin", "Irish Time", "Hora de Irlanda"),
    ("GMT", "Europe/", "UK Time", "Hora del Reino Unido"),
    ("GMT", "", "Greenwich Mean Time", "Hora de Greenwich"),
    ("WET", "", "Western European Time", "Hora de Europa occidental"),
    ("CET", "", "Central European Time", "Hora de Europa central"),
    ("EET", "", "Eastern European Time", "Hora de Europa oriental"),
    ("MSK", "", "Moscow Time", "Hora de Moscú"),
    ("IST", "Asia/Jerusalem", "Israel Time", "Hora de Israel"),
    ("IST", "Asia/", "India Time", "Hora de la India"),
    ("PKT", "", "Pakistan Time", "Hora de Pakistán"),
    ("CST", "Asia/", "China Time", "Hora de China"),
    ("HKT", "", "Hong Kong Time", "Hora de Hong Kong"),
    ("PST", "Asia/", "Philippine Time", "Hora de Filipinas"),
    ("WIB", "", "Western Indonesia Time", "Hora de Indonesia occidental"),
    ("WITA", "", "Central Indonesia Time", "Hora de Indonesia central"),
    ("WIT", "", "Eastern Indonesia Time", "Hora de Indonesia oriental"),
    ("JST", "", "Japan Time", "Hora de Japón"),
    ("KST", "", "Korea Time", "Hora de Corea"),
    ("AWST", "", "Australian Western Time", "Hora de Australia occidental"),
    ("ACST", "", "Australian Central Time", "Hora de Australia central"),
    ("AEST", "", "Australian Eastern Time", "Hora de Australia oriental"),
    ("NZST", "", "New Zealand Time", "Hora de Nueva Zelanda"),
    ("SST", "", "Samoa Time", "Hora de Samoa"),
    ("SAST", "", "South Africa Time", "Hora de Sudáfrica"),
    ("EAT", "", "East Africa Time", "Hora de África oriental"),
    ("CAT", "", "Central Africa Time", "Hora de África central"),
    ("WAT", "", "West Africa Time", "Hora de África occidental"),
];

/// What Americans type for the zone of a place.
const SHORT: [(&str, &str); 14] = [
    ("eastern", "America/New_York"),
    ("eastern time", "America/New_York"),
    ("et", "America/New_York"),
    ("central", "America/Chicago"),
    ("central time", "America/Chicago"),
    ("ct", "America/Chicago"),
    ("mountain", "America/Denver"),
    ("mountain time", "America/Denver"),
    ("mt", "America/Denver"),
    ("pacific", "America/Los_Angeles"),
    ("pacific time", "America/Los_Angeles"),
    ("pt", "America/Los_Angeles"),
    ("alaska", "America/Anchorage"),
    ("hawaii", "Pacific/Honolulu"),
];

/// A zone that people can choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its name in the IANA database.
    pub id: &'static str,
    /// What people read: "Eastern Time – New York (UTC−5)".
    pub label: String,
}

/// The zones that people can choose: the large American ones, then all by their offset from west to east.
pub static ZONES: LazyLock<Vec<Zone>> = LazyLock::new(|| {
    let mut zones: Vec<(usize, i32, Zone)> = OFFERED
        .iter()
        .map(|id| {
            let place = FIRST.iter().position(|first| first == id).unwrap_or(FIRST.len());
            (place, standard(id).map_or(0, |(offset, _)| offset), Zone { id, label: label(id) })
        })
        .collect();
    zones.sort_by(|one, other| (one.0, one.1, &one.2.label).cmp(&(other.0, other.1, &other.2.label)));
    zones.into_iter().map(|(.., zone)| zone).collect()
});

/// What people read of a zone. A name that is none is shown as it is.
#[must_use]
pub fn label(id: &str) -> String {
    label_in(Language::English, id)
}

/// The same in a language. The names of cities are those of the database.
#[must_use]
pub fn label_in(language: Language, id: &str) -> String {
    let offset = standard(id).filter(|_| id != "UTC").map(|(offset, _)| format!(" ({})", from_utc(offset)));
    format!("{}{}", called_in(language, id), offset.unwrap_or_default())
}

/// The same in a sentence that says the time there: without the offset of standard time, which is another one in summer.
#[must_use]
pub fn called(id: &str) -> String {
    called_in(Language::English, id)
}

/// The same in a language.
#[must_use]
pub fn called_in(language: Language, id: &str) -> String {
    let Some((_, abbreviation)) = standard(id).filter(|_| id != "UTC") else { return id.to_owned() };
    let known = NAMES.iter().find(|(short, area, ..)| *short == abbreviation && id.starts_with(area));
    let name = known.map(|(.., english, spanish)| match language {
        Language::English => format!("{english} \u{2013} "),
        Language::Spanish => format!("{spanish} \u{2013} "),
    });
    let name = name.unwrap_or_default();
    format!("{name}{}", city(id))
}

/// The zone that somebody typed or chose: by its label, its name in the database, its city, or what Americans call it.
#[must_use]
pub fn zone_named(typed: &str) -> Option<String> {
    let typed = text::line(typed);
    if is_timezone(&typed) {
        return Some(typed);
    }
    let asked = plain(&typed);
    let by = |what: fn(&Zone) -> String| ZONES.iter().find(|zone| plain(&what(zone)) == asked);
    let known = by(|zone| zone.label.clone()).or_else(|| by(|zone| label_in(Language::Spanish, zone.id)));
    let known = known.or_else(|| by(|zone| city(zone.id))).map(|zone| zone.id);
    let known = known.or_else(|| by(|zone| zone.id.replace('_', " ")).map(|zone| zone.id));
    known.or_else(|| SHORT.iter().find(|(short, _)| *short == asked).map(|(_, id)| *id)).map(str::to_owned)
}

/// A text as it is compared: small letters, and one kind of dash.
fn plain(text: &str) -> String {
    text::folded(text).replace(['\u{2013}', '\u{2212}'], "-")
}

/// "New York", "Knox, Indiana".
fn city(id: &str) -> String {
    let name = id.replace('_', " ");
    let parts: Vec<&str> = name.split('/').collect();
    match parts.as_slice() {
        [_, state @ ("Indiana" | "Kentucky" | "North Dakota"), city] => format!("{city}, {state}"),
        [.., city] => (*city).to_owned(),
        [] => String::new(),
    }
}

/// The offset in seconds and the abbreviation of a zone's standard time.
fn standard(id: &str) -> Option<(i32, String)> {
    let zone: Tz = id.parse().ok()?;
    let in_month = |month| {
        let offset = zone.offset_from_utc_datetime(&NaiveDateTime::from(NaiveDate::from_ymd_opt(YEAR, month, 1)?));
        Some((offset.fix().local_minus_utc(), offset.abbreviation().unwrap_or_default().to_owned()))
    };
    // Clocks are ahead of standard time in summer, which is one of the two months everywhere.
    [1, 7].into_iter().filter_map(in_month).min_by_key(|(offset, _)| *offset)
}

/// "UTC−5", "UTC+5:30", "UTC+0".
fn from_utc(offset: i32) -> String {
    let (sign, minutes) = (if offset < 0 { '\u{2212}' } else { '+' }, offset.unsigned_abs() / 60);
    match minutes % 60 {
        0 => format!("UTC{sign}{}", minutes / 60),
        rest => format!("UTC{sign}{}:{rest:02}", minutes / 60),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_label_says_name_city_and_offset() {
        for (id, words) in [
            ("America/New_York", "Eastern Time \u{2013} New York (UTC\u{2212}5)"),
            ("America/Indiana/Knox", "Central Time \u{2013} Knox, Indiana (UTC\u{2212}6)"),
            ("Europe/London", "UK Time \u{2013} London (UTC+0)"),
            ("Europe/Dublin", "Irish Time \u{2013} Dublin (UTC+0)"),
            ("Asia/Kolkata", "India Time \u{2013} Kolkata (UTC+5:30)"),
            ("Australia/Sydney", "Australian Eastern Time \u{2013} Sydney (UTC+10)"),
            ("America/Sao_Paulo", "Sao Paulo (UTC\u{2212}3)"),
            ("UTC", "UTC"),
            ("Mars/Olympus", "Mars/Olympus"),
        ] {
            assert_eq!(label(id), words);
            assert!(words.starts_with(&called(id)) && !called(id).contains("(UTC"), "{id}");
        }
    }

    #[test]
    fn labels_differ_and_each_leads_back_to_its_zone() {
        let labels: BTreeSet<&str> = ZONES.iter().map(|zone| zone.label.as_str()).collect();
        assert_eq!(labels.len(), ZONES.len());
        assert_eq!(ZONES[0].id, "America/New_York");
        for zone in ZONES.iter() {
            assert_eq!(zone_named(&zone.label).as_deref(), Some(zone.id));
            assert_eq!(zone_named(&label_in(Language::Spanish, zone.id)).as_deref(), Some(zone.id));
        }
    }

    #[test]
    fn a_spanish_label_has_no_english_name() {
        let spanish = |id| label_in(Language::Spanish, id);
        assert_eq!(spanish("America/New_York"), "Hora del este \u{2013} New York (UTC\u{2212}5)");
        assert_eq!(called_in(Language::Spanish, "America/New_York"), "Hora del este \u{2013} New York");
        assert_eq!(spanish("America/Sao_Paulo"), "Sao Paulo (UTC\u{2212}3)");
        assert!(ZONES.iter().all(|zone| !spanish(zone.id).contains(" Time ")));
    }

    #[test]
    fn what_people_type_is_a_zone() {
        for typed in ["new york", "Eastern Time - New York (UTC-5)", "america/new york", " ET ", "Eastern"] {
            assert_eq!(zone_named(typed).as_deref(), Some("America/New_York"), "{typed}");
        }
        // The name of an integration or of a former order stays as it is.
        assert_eq!(zone_named("US/Eastern").as_deref(), Some("US/Eastern"));
        for none in ["", "Atlantis", "Mars/Olympus", "GMT+5"] {
            assert_eq!(zone_named(none), None, "{none}");
        }
    }
}
