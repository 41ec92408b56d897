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
}
