//! API tokens of an agency.

use super::{Audited, Feature, Level, MANAGERS, NavEntry, RightRule, action, named, operation, page};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// Create and revoke API tokens.
    pub const TokensManage: Self = Self::of(&RightRule {
        key: "tokens.manage",
        words: "create and revoke API tokens",
        level: Level::Agency,
        roles: MANAGERS,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "tokens",
    rights: &[Right::TokensManage],
    pages: &[
        page("/a/{agency}/tokens", Agency(Right::TokensManage)).in_nav(NavEntry {
            group: "Agency",
            order: 70,
            label: "API tokens",
            icon: "Key",
            letter: None,
            dock: false,
        }),
        page("/a/{agency}/tokens/reference", Agency(Right::TokensManage)),
    ],
    actions: &[action(
        "/a/{agency}/tokens#field-name",
        Agency(Right::TokensManage),
        "Create API token",
        "new key make program",
        "Key",
    )],
    operations: &[
        operation(
            "create_token",
            Agency(Right::TokensManage),
            Audited::As("token.made"),
            &[("name", "x"), ("provisioning", "on"), ("once", "0123456789")],
        )
        .confirmed("create the API token {name}"),
        operation("revoke_token", Agency(Right::TokensManage), Audited::As("token.revoked"), &[("token", "{id}")])
            .confirmed("revoke this API token"),
    ],
    audit: &[
        named("token.made", "created the API token {target} | created an API token"),
        named("token.refused", "refused an API token"),
        named("token.revoked", "revoked the API token {target} | revoked an API token"),
    ],
    ..Feature::EMPTY
};
