//! Usage: what an agency's clients used in this month, and how much each may use.

use super::{Audited, Feature, NavEntry, named, operation, page};
use crate::permission::Needs::Agency;
use crate::permission::Right;

pub(super) const FEATURE: Feature = Feature {
    key: "usage",
    pages: &[page("/a/{agency}/usage", Agency(Right::ClientsRead)).in_nav(NavEntry {
        group: "",
        order: 27,
        label: "Usage",
        icon: "Chart",
        letter: None,
        dock: false,
    })],
    operations: &[operation(
        "set_message_limit",
        Agency(Right::ClientsManage),
        Audited::As("usage.limit"),
        &[("business", "{business}"), ("limit", "2000"), ("tokens", "300000"), ("requests", "120")],
    )],
    audit: &[named("usage.limit", "changed the limits of {target} | changed the limits of a client")],
    ..Feature::EMPTY
};
