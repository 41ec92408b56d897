//! An agency's home, its search, and the request for a right that one lacks.

use super::{Audited, Feature, Level, NavEntry, RightRule, STAFF_AND_SUPPORT, get, named, operation, page};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// Open an agency's own pages.
    pub const AgencyRead: Self = Self::of(&RightRule {
        key: "agency.read",
        words: "open the agency's home",
        level: Level::Agency,
        roles: STAFF_AND_SUPPORT,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "home",
    rights: &[Right::AgencyRead],
    pages: &[
        page("/a/{agency}", Agency(Right::AgencyRead)).in_nav(NavEntry {
            group: "",
            order: 10,
            label: "Home",
            icon: "Home",
            letter: Some("h"),
            dock: true,
        }),
        page("/a/{agency}/find", Agency(Right::AgencyRead)),
    ],
    operations: &[
        operation("find", Agency(Right::AgencyRead), Audited::Never("reads"), &[("q", "bri")]),
        operation("ask_access", Agency(Right::AgencyRead), Audited::As("access.asked"), &[("right", "TeamManage")]),
        operation(
            "dismiss_step",
            Agency(Right::AgencyManage),
            Audited::As("agency.step_dismissed"),
            &[("step", "colleague")],
        ),
    ],
    routes: &[
        get("/a/{agency}/live", Agency(Right::AgencyRead)),
        get("/a/{agency}/figures", Agency(Right::AgencyRead)),
    ],
    audit: &[
        named("access.asked", "asked for permission to {reason} | asked for access"),
        named("access.denied", "was refused access to {target} | was refused access").by("A visitor"),
        named("agency.step_dismissed", "skipped one of the first steps"),
    ],
    ..Feature::EMPTY
};
