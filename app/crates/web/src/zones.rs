//! Which time zones do forms suggest? Those that people choose from, by what they are called.

use domain::language::Language;
use domain::provisioning::{ZONES, zone_label_in};
use kit::Choice;

/// The zones for a `ZoneField` of a page in this language.
#[must_use]
pub fn zones_in(language: Language) -> Vec<Choice> {
    ZONES.iter().map(|zone| Choice::new(zone.id, zone_label_in(language, zone.id))).collect()
}

/// The zones for a `ZoneField` of a page in English.
#[must_use]
pub fn zones() -> Vec<Choice> {
    ZONES.iter().map(|zone| Choice::new(zone.id, zone.label.clone())).collect()
}
