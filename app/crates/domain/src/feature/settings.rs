//! The name and settings of an agency.

use super::{Audited, Feature, Level, MANAGERS, NavEntry, RightRule, get, named, operation, page};
use crate::permission::Needs::{Agency, Nothing};
use crate::permission::Right;

impl Right {
    /// Change the agency's name and settings.
    pub const AgencyManage: Self = Self::of(&RightRule {
        key: "agency.manage",
        words: "change the agency's settings",
        level: Level::Agency,
        roles: MANAGERS,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "settings",
    rights: &[Right::AgencyManage],
    pages: &[page("/a/{agency}/settings", Agency(Right::AgencyManage)).in_nav(NavEntry {
        group: "Agency",
        order: 90,
        label: "Settings",
        icon: "Settings",
        letter: None,
        dock: false,
    })],
    operations: &[
        operation("rename_agency", Agency(Right::AgencyManage), Audited::As("agency.renamed"), &[("name", "Harbor")]),
        operation(
            "set_agency_settings",
            Agency(Right::AgencyManage),
            Audited::As("agency.settings"),
            &[("max_retries", "3"), ("jobs_at_once", "5"), ("name_marker", "on")],
        ),
        operation("set_brand", Agency(Right::AgencyManage), Audited::As("agency.brand"), BRAND),
    ],
    routes: &[get("/brand/{id}", Nothing)],
    audit: &[
        named("agency.brand", "changed the brand"),
        named("agency.renamed", "renamed the agency to {name} | renamed the agency"),
        named("agency.settings", "changed the settings"),
    ],
    ..Feature::EMPTY
};

/// A brand; the file is a PNG of one pixel.
const BRAND: &[(&str, &str)] = &[
    ("accent", "#1d4ed8"),
    ("reply_to", "hello@example.test"),
    ("logo_file", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk-M9QDwADhgGAWjR9awAAAABJRU5ErkJggg"),
];
