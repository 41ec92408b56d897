//! Presets: what new clients of an agency start from.

use super::{Audited, Feature, named, operation};
use crate::permission::Needs::Agency;
use crate::permission::Right;

pub(super) const FEATURE: Feature = Feature {
    key: "presets",
    operations: &[
        operation("save_preset", Agency(Right::Provision), Audited::As("preset.saved"), PRESET),
        operation("remove_preset", Agency(Right::Provision), Audited::As("preset.removed"), &[("id", "{id}")]),
    ],
    audit: &[
        named("preset.removed", "deleted the preset {target} | deleted a preset"),
        named("preset.saved", "saved the preset {target} | saved a preset"),
    ],
    ..Feature::EMPTY
};

const PRESET: &[(&str, &str)] = &[
    ("preset", "Dental"),
    ("/client/country", "US"),
    ("/client/timezone", "America/New_York"),
    ("/tags", "vip"),
    ("/custom_values/0/name", "Booking link"),
    ("/custom_values/0/value", "https://book.example"),
];
