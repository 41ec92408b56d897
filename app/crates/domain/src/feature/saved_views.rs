//! Saved views: the search, filters and order of a list, kept under a name.

use super::{Audited, Feature, Level, MANAGERS, RightRule, named, operation};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// Share saved views with the agency, and change those that others share.
    pub const ViewsShare: Self = Self::of(&RightRule {
        key: "views.share",
        words: "share saved views with the team",
        level: Level::Agency,
        roles: MANAGERS,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "saved_views",
    rights: &[Right::ViewsShare],
    operations: &[
        operation(
            "save_view",
            Agency(Right::AgencyRead),
            Audited::As("saved_view.saved"),
            &[("list", "jobs"), ("name", "Failed jobs"), ("query", "view=failed")],
        ),
        operation(
            "rename_view",
            Agency(Right::AgencyRead),
            Audited::As("saved_view.renamed"),
            &[("id", "{id}"), ("name", "Failed this week")],
        ),
        operation("remove_view", Agency(Right::AgencyRead), Audited::As("saved_view.removed"), &[("id", "{id}")]),
    ],
    audit: &[
        named("saved_view.removed", "deleted the view {target} | deleted a view"),
        named("saved_view.renamed", "renamed the view {target} | renamed a view"),
        named("saved_view.saved", "saved the view {target} | saved a view"),
    ],
    topics: &["saved_views.changed"],
    ..Feature::EMPTY
};
