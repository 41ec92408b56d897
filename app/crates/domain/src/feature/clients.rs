//! The clients of an agency: what is done with each of them, and the people who work for it.

use super::{
    Answers, ApiDoc, Audited, BodyRule, Call, Feature, Level, MANAGERS, Method, NavEntry, OperationRule, RightRule,
    RouteRule, STAFF_AND_SUPPORT, ScopeRule, Takes, api, named, operation, page,
};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// See the businesses that the person has access to.
    pub const ClientsRead: Self = Self::of(&RightRule {
        key: "clients.read",
        words: "see clients",
        level: Level::Agency,
        roles: STAFF_AND_SUPPORT,
    });
    /// Edit, pause, archive, remove and restore businesses that the person has access to.
    pub const ClientsManage: Self = Self::of(&RightRule {
        key: "clients.manage",
        words: "edit, pause, archive, remove and restore clients",
        level: Level::Agency,
        roles: MANAGERS,
    });
}

/// A client and a person.
const CLIENT_AND_PERSON: &[(&str, &str)] = &[("business", "{business}"), ("user", "{id}")];

pub(super) const FEATURE: Feature = Feature {
    key: "clients",
    rights: &[Right::ClientsRead, Right::ClientsManage],
    pages: &[
        page("/a/{agency}/clients", Agency(Right::ClientsRead)).in_nav(NavEntry {
            group: "",
            order: 20,
            label: "Clients",
            icon: "Client",
            letter: Some("c"),
            dock: true,
        }),
        page("/a/{agency}/clients/{business}", Agency(Right::ClientsRead)),
        page("/a/{agency}/clients/{business}/edit", Agency(Right::ClientsManage)),
    ],
    operations: OPERATIONS,
    routes: ROUTES,
    bodies: &[BodyRule { name: "BusinessDetails", sample: BODY }],
    scopes: &[ScopeRule {
        name: "businesses_manage",
        label: "Edit, pause, archive and remove clients",
        right: Right::ClientsManage,
        of_business: false,
    }],
    audit: &[
        named("client.assigned", "assigned {client} to {target} | took on {client} | assigned a client"),
        named("client.unassigned", "unassigned {target} from {client} | gave up {client} | unassigned a client"),
        named("business.archived", "archived {target} | archived a client"),
        named("business.offboarded", "finished cleaning up {target} | finished cleaning up a client"),
        named("business.offboarding_retried", "retried cleaning up {target} | retried cleaning up a client"),
        named("business.reactivated", "brought {target} back | brought a client back"),
        named("business.update_sent", "updated {target} in HighLevel | updated a client in HighLevel"),
        named(
            "business.update_failed",
            "could not update {target} in HighLevel | could not update a client in HighLevel",
        ),
        named(
            "business.update_retried",
            "retried updating {target} in HighLevel | retried updating a client in HighLevel",
        ),
    ],
    ..Feature::EMPTY
};

/// A client.
const CLIENT: &[(&str, &str)] = &[("business", "{business}")];

/// An act on a client.
const fn act(name: &'static str, audited: &'static str) -> OperationRule {
    operation(name, Agency(Right::ClientsManage), Audited::As(audited), CLIENT)
}

const OPERATIONS: &[OperationRule] = &[
    operation(
        "edit_client",
        Agency(Right::ClientsManage),
        Audited::As("business.changed"),
        &[
            ("business", "{business}"),
            ("/name", "Bright Dental"),
            ("/email", "owner@brightdental.example"),
            ("/phone", "(305) 555-0100"),
            ("/website", "brightdental.example"),
            ("/address", "4 Fleet St"),
            ("/city", "Miami"),
            ("/state", "FL"),
            ("/postal_code", "33101"),
            ("/country", "US"),
            ("/timezone", "America/New_York"),
            ("/notes", "Prefers mornings"),
        ],
    ),
    act("pause_client", "business.status"),
    act("resume_client", "business.status"),
    act("archive_client", "business.archived"),
    act("reactivate_client", "business.reactivated"),
    act("remove_client", "business.deleted"),
    act("restore_client", "business.restored"),
    act("retry_client_update", "business.update_retried"),
    act("retry_offboarding", "business.offboarding_retried"),
    operation("assign_client", Agency(Right::TeamManage), Audited::As("client.assigned"), CLIENT_AND_PERSON)
        .confirmed("assign this client"),
    operation("unassign_client", Agency(Right::TeamManage), Audited::As("client.unassigned"), CLIENT_AND_PERSON)
        .confirmed("unassign this client"),
    operation(
        "invite_owner",
        Agency(Right::Provision),
        Audited::As("invite.made"),
        &[("business", "{business}"), ("email", "o@example.test")],
    )
    .confirmed("invite {email}"),
    operation(
        "resend_client_invite",
        Agency(Right::Provision),
        Audited::As("invite.made"),
        &[("business", "{business}"), ("invite", "{id}")],
    )
    .confirmed("send this invitation again"),
    operation(
        "copy_client_invite_link",
        Agency(Right::Provision),
        Audited::As("invite.link_made"),
        &[("business", "{business}"), ("invite", "{id}")],
    )
    .confirmed("create an invitation link"),
    operation(
        "withdraw_client_invite",
        Agency(Right::Provision),
        Audited::As("invite.withdrawn"),
        &[("business", "{business}"), ("invite", "{id}")],
    ),
    operation("remove_client_member", Agency(Right::TeamManage), Audited::As("member.removed"), CLIENT_AND_PERSON)
        .confirmed("remove this person from the client"),
];

const BODY: &str = r#"{
  "name": "Bright Dental", "email": "owner@brightdental.example", "phone": "+13055550100",
  "website": "https://brightdental.example", "address": "4 Fleet St", "city": "Miami", "state": "FL",
  "postal_code": "33101", "country": "US", "timezone": "America/New_York", "notes": "Prefers mornings"
}"#;

/// Why an act on a client is refused.
const NOT_NOW: &str = "The business's status does not allow this, or one of its jobs is still running";

const ROUTES: &[RouteRule] = &[
    api(
        "/api/v1/businesses/{id}",
        "businesses_manage",
        &[
            Call::read("Retrieve a business", "business", "BusinessView"),
            change(Method::Put, "Update a business", Takes::Body("BusinessDetails")),
            Call {
                method: Method::Delete,
                doc: Some(ApiDoc {
                    summary: "Move a business to the trash",
                    takes: Takes::Nothing,
                    answers: Answers::Nothing,
                    object: "business",
                    conflict: NOT_NOW,
                }),
            },
        ],
    ),
    post("/api/v1/businesses/{id}/pause", &[change(Method::Post, "Pause a business", Takes::Nothing)]),
    post("/api/v1/businesses/{id}/resume", &[change(Method::Post, "Resume a business", Takes::Nothing)]),
    post("/api/v1/businesses/{id}/archive", &[change(Method::Post, "Archive a business", Takes::Nothing)]),
    post(
        "/api/v1/businesses/{id}/reactivate",
        &[change(Method::Post, "Reactivate an archived business", Takes::Nothing)],
    ),
    post(
        "/api/v1/businesses/{id}/restore",
        &[change(Method::Post, "Restore a business from the trash", Takes::Nothing)],
    ),
    post(
        "/api/v1/businesses/{id}/retry-update",
        &[change(Method::Post, "Retry an update that HighLevel rejected", Takes::Nothing)],
    ),
    post(
        "/api/v1/businesses/{id}/retry-offboarding",
        &[change(Method::Post, "Retry offboarding an archived business", Takes::Nothing)],
    ),
];

/// A route on one business.
const fn post(path: &'static str, calls: &'static [Call]) -> RouteRule {
    api(path, "businesses_manage", calls)
}

/// A call that changes a business and answers with it.
const fn change(method: Method, summary: &'static str, takes: Takes) -> Call {
    let answers = Answers::Json(200, "BusinessView");
    Call { method, doc: Some(ApiDoc { summary, takes, answers, object: "business", conflict: NOT_NOW }) }
}
