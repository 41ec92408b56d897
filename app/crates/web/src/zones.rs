//! Which time zones do forms suggest? Those that people choose from, by what they are called.

use domain::provisioning::ZONES;
use kit::Choice;

/// The zones for a `ZoneField`.
#[must_use]
pub fn zones() -> Vec<Choice> {
    ZONES.iter().map(|zone| Choice::new(zone.id, zone.label.clone())).collect()
}
