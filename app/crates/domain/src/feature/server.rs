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
        named("request.cross_site", "Request from another site refused"),
        named("request.not_a_form", "Request that no form sent refused"),
        named("tries.throttled", "Too many tries"),
    ],
    ..Feature::EMPTY
};
