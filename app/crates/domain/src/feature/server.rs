//! What the server offers to nobody in particular: the way in, health, figures, the description of the API.

use super::{Feature, get, named};
use crate::permission::Needs::{Nothing, Proof, SignedIn};

pub(super) const FEATURE: Feature = Feature {
    key: "server",
    routes: &[
        get("/", Nothing),
        get("/dashboard", SignedIn),
        get("/health", Nothing),
        get("/metrics", Proof),
        get("/api/openapi.json", Nothing),
    ],
    audit: &[
        named("request.cross_site", "refused a request from another site"),
        named("request.not_a_form", "refused a request that no form sent"),
        named("tries.throttled", "slowed down repeated tries"),
    ],
    ..Feature::EMPTY
};
