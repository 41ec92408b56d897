//! What the server offers to nobody in particular: the way in, health, figures, the description of the API, and what
//! platforms call.

use super::{Feature, get, get_and_post, named, post};
use crate::permission::Needs::{Nothing, Proof, SignedIn};

pub(super) const FEATURE: Feature = Feature {
    key: "server",
    routes: &[
        get("/", Nothing),
        get("/dashboard", SignedIn),
        get("/health", Nothing),
        get("/metrics", Proof),
        get("/api/openapi.json", Nothing),
        get_and_post("/api/webhooks/meta", Proof),
        post("/api/webhooks/ghl", Proof),
        post("/api/meta/deauthorize", Proof),
        get_and_post("/api/meta/data-deletion", Proof),
        get("/api/meta/files/{business}/{attachment}", Proof),
    ],
    audit: &[
        named("meta.deauthorized", "told us that a person took back the consent at Meta"),
        named("meta.deletion_asked", "told us that a person asked Meta to have their data deleted"),
        named("meta.unsigned", "refused a message in the name of Meta without its signature"),
        named("highlevel.unsigned", "refused an event in the name of HighLevel that was not signed, not for us or old"),
        named("integration.person_forgotten", "forgot who connected {target} | forgot who connected a channel")
            .routine(),
        named("request.cross_site", "refused a request from another site"),
        named("request.not_a_form", "refused a request that no form sent"),
        named("tries.throttled", "slowed down repeated tries"),
    ],
    ..Feature::EMPTY
};
