//! The audit log of an agency.

use super::{Feature, Level, MANAGERS_AND_SUPPORT, NavEntry, RightRule, get, named, page};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// Read an agency's audit log.
    pub const AuditRead: Self = Self::of(&RightRule {
        key: "audit.read",
        words: "read the audit log",
        level: Level::Agency,
        roles: MANAGERS_AND_SUPPORT,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "audit",
    rights: &[Right::AuditRead],
    pages: &[page("/a/{agency}/audit", Agency(Right::AuditRead)).in_nav(NavEntry {
        group: "Agency",
        order: 80,
        label: "Audit log",
        icon: "Audit",
        letter: Some("l"),
        dock: false,
    })],
    routes: &[get("/a/{agency}/audit.csv", Agency(Right::AuditRead))],
    audit: &[
        named("audit.downloaded", "downloaded the audit log"),
        named("audit.erased", "erased personal data from the audit log"),
    ],
    ..Feature::EMPTY
};
