//! Sign-in by browser: an AI agent asks a person, who chooses the business that it may work with.

use super::{Audited, Feature, get, named, operation, page, post};
use crate::permission::Needs::{Business, Nothing, SignedIn};
use crate::permission::Right;

pub(super) const FEATURE: Feature = Feature {
    key: "agent_sign_in",
    pages: &[page("/oauth/consent", SignedIn), page("/oauth/return", SignedIn)],
    operations: &[operation(
        "allow_agent",
        Business(Right::ToolsManage),
        Audited::As("agent_sign_in.allowed"),
        &[
            ("client", CLIENT),
            ("redirect", "https://claude.ai/api/mcp/auth_callback"),
            ("challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("state", "af0ifjsldkj"),
            ("once", "0123456789"),
        ],
    )
    .confirmed("let an AI agent work with this business")],
    routes: &[
        get("/oauth/authorize", Nothing),
        post("/oauth/register", Nothing),
        post("/oauth/token", Nothing),
        post("/oauth/revoke", Nothing),
        get("/.well-known/oauth-authorization-server", Nothing),
    ],
    audit: &[named(
        "agent_sign_in.allowed",
        "let the AI agent {name} work with {client} | let the AI agent {name} work with a business \
         | let an AI agent work with a business",
    )],
    ..Feature::EMPTY
};

/// The id of a program that calls itself Claude, with the address of the sample.
const CLIENT: &str = "slc-7b226e223a22436c61756465222c2272223a5b2268747470733a2f2f636c617564652e61692f6170692f6d63702f617574685f63616c6c6261636b225d7d";
