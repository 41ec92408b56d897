//! Which time zones may a business have? Those of the IANA database that name a place, and UTC.

use std::sync::LazyLock;

use chrono_tz::TZ_VARIANTS;

/// Zone names in byte order. The database also has abbreviations (`EST`), offsets (`Etc/GMT+5`) and old names of countries,
/// which HighLevel does not take.
pub static TIMEZONES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let is_place = |name: &&str| *name == "UTC" || (name.contains('/') && !name.starts_with("Etc/"));
    let mut zones: Vec<&str> = TZ_VARIANTS.iter().map(|zone| zone.name()).filter(is_place).collect();
    zones.sort_unstable();
    zones.dedup();
    zones
});

/// The places that people choose from, by country, from the table `zone.tab` of the database (public domain): no name
/// of a former time and no second name of the same place is among them.
const PLACES: &str = include_str!("zones.tab");

/// The zones that people choose from, in byte order. Further names of the same zones are accepted and not offered.
pub static OFFERED: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let places = PLACES.lines().flat_map(|line| line.split(' ').skip(1));
    let mut zones: Vec<&str> = places.chain(["UTC"]).filter(|name| is_timezone(name)).collect();
    zones.sort_unstable();
    zones.dedup();
    zones
});

/// The zones of a country, by its code.
pub(super) fn of_country(code: &str) -> Vec<&'static str> {
    let line = PLACES.lines().find(|line| line.split(' ').next() == Some(code));
    line.into_iter().flat_map(|line| line.split(' ').skip(1)).collect()
}

/// Whether this is the exact name of one of these zones.
#[must_use]
pub fn is_timezone(name: &str) -> bool {
    TIMEZONES.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_zones_and_abbreviations_are_none() {
        assert!(TIMEZONES.len() > 500);
        for zone in ["America/New_York", "US/Central", "America/Argentina/Buenos_Aires", "UTC", "Europe/Kyiv"] {
            assert!(is_timezone(zone), "{zone}");
        }
        for none in ["america/new_york", "Mars/Olympus", "EST", "Etc/GMT+5", "GB", ""] {
            assert!(!is_timezone(none), "{none}");
        }
    }

    #[test]
    fn each_place_is_offered_once_and_no_former_name_is() {
        assert!((400..450).contains(&OFFERED.len()), "{}", OFFERED.len());
        let mut listed = PLACES.lines().flat_map(|line| line.split(' ').skip(1));
        assert!(listed.all(is_timezone), "the table is of the same database");
        for former in ["US/Eastern", "America/Buenos_Aires", "Asia/Calcutta", "Europe/Kiev"] {
            assert!(is_timezone(former) && !OFFERED.contains(&former), "{former}");
        }
        assert_eq!(of_country("FR"), ["Europe/Paris"]);
        assert!(of_country("US").len() > 20 && of_country("XX").is_empty());
    }
}
