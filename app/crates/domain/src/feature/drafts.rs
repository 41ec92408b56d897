//! Drafts of new clients. The preview of the form saves them.

use super::{Audited, Feature, operation};
use crate::permission::Needs::Agency;
use crate::permission::Right;

pub(super) const FEATURE: Feature = Feature {
    key: "drafts",
    operations: &[operation(
        "discard_draft",
        Agency(Right::Provision),
        Audited::Never("a draft is its person's own"),
        &[("id", "{id}")],
    )],
    ..Feature::EMPTY
};
