//! Phone routes: which client a call to a number goes to.

use super::{
    Answers, ApiDoc, Audited, BodyRule, Call, Feature, Level, MANAGERS, Method, NavEntry, OperationRule, RightRule,
    RouteRule, STAFF_AND_SUPPORT, ScopeRule, Takes, action, api, named, operation, page,
};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// See phone routes and test where a call goes.
    pub const PhoneRoutesRead: Self = Self::of(&RightRule {
        key: "phone_routes.read",
        words: "see phone routes",
        level: Level::Agency,
        roles: STAFF_AND_SUPPORT,
    });
    /// Add, change and remove phone routes.
    pub const PhoneRoutesManage: Self = Self::of(&RightRule {
        key: "phone_routes.manage",
        words: "add, change and remove phone routes",
        level: Level::Agency,
        roles: MANAGERS,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "phone_routes",
    rights: &[Right::PhoneRoutesRead, Right::PhoneRoutesManage],
    pages: &[page("/a/{agency}/phone-routes", Agency(Right::PhoneRoutesRead)).in_nav(NavEntry {
        group: "Provisioning",
        order: 55,
        label: "Phone routing",
        icon: "Phone",
        letter: Some("p"),
        dock: false,
    })],
    actions: &[action(
        "/a/{agency}/phone-routes",
        Agency(Right::PhoneRoutesManage),
        "Add phone route",
        "new number call create",
        "Phone",
    )],
    operations: OPERATIONS,
    routes: ROUTES,
    bodies: &[BodyRule { name: "NewPhoneRoute", sample: BODY }, BodyRule { name: "PhoneCall", sample: CALL }],
    scopes: &[ScopeRule {
        name: "phone_routes",
        label: "Manage phone routes",
        right: Right::PhoneRoutesManage,
        of_business: false,
    }],
    audit: &[
        named("phone_route.added", "added the phone route {number} | added a phone route"),
        named("phone_route.changed", "changed the phone route {number} | changed a phone route"),
        named("phone_route.off", "turned off the phone route {number} | turned off a phone route"),
        named("phone_route.on", "turned on the phone route {number} | turned on a phone route"),
        named("phone_route.removed", "removed the phone route {number} | removed a phone route"),
        named(
            "phone_routes.country",
            "set the country of phone numbers to {country} | changed the country of phone numbers",
        ),
    ],
    topics: &["phone_routes.changed"],
};

const OPERATIONS: &[OperationRule] = &[
    operation("add_phone_route", Agency(Right::PhoneRoutesManage), Audited::As("phone_route.added"), ROUTE),
    operation("change_phone_route", Agency(Right::PhoneRoutesManage), Audited::As("phone_route.changed"), CHANGED),
    operation(
        "set_phone_route_active",
        Agency(Right::PhoneRoutesManage),
        Audited::As("phone_route.off"),
        &[("id", "{id}"), ("active", "false")],
    ),
    operation(
        "remove_phone_route",
        Agency(Right::PhoneRoutesManage),
        Audited::As("phone_route.removed"),
        &[("id", "{id}")],
    ),
    operation(
        "set_phone_country",
        Agency(Right::PhoneRoutesManage),
        Audited::As("phone_routes.country"),
        &[("country", "CA")],
    ),
];

const ROUTE: &[(&str, &str)] = &[
    ("/number", "(305) 555-0100"),
    ("/business", "{business}"),
    ("/label", "Front desk"),
    ("/active", "on"),
    ("/timezone", "America/New_York"),
    ("/hours", "set"),
    ("/hours/mon/0/from", "09:00"),
    ("/hours/mon/0/to", "17:00"),
    ("/overflow/business", ""),
    ("/overflow/hours", "any"),
    ("/fallback", "own"),
];

const CHANGED: &[(&str, &str)] = &[
    ("id", "{id}"),
    ("/number", "(305) 555-0100"),
    ("/business", "{business}"),
    ("/active", "on"),
    ("/hours", "any"),
    ("/fallback", "default"),
];

const BODY: &str = r#"{
  "number": "+13055550100", "business": "{business}", "label": "Front desk", "active": true, "is_default": false,
  "timezone": "America/New_York", "hours": { "mon": [{ "from": "09:00", "to": "17:00" }] }, "fallback": "own"
}"#;

const CALL: &str = r#"{ "number": "+13055550100", "at": "2026-03-08T17:30:00-05:00" }"#;

const ROUTES: &[RouteRule] = &[
    api(
        "/api/v1/phone-routes",
        "phone_routes",
        &[
            Call::list("List all phone routes", "PhoneRoutes"),
            call(Method::Post, "Create a phone route", Takes::Body("NewPhoneRoute"), Answers::Json(201, "PhoneRoute")),
        ],
    ),
    api(
        "/api/v1/phone-routes/{id}",
        "phone_routes",
        &[
            Call::read("Retrieve a phone route", "phone route", "PhoneRoute"),
            call(Method::Put, "Update a phone route", Takes::Body("NewPhoneRoute"), Answers::Json(200, "PhoneRoute")),
            Call {
                method: Method::Delete,
                doc: Some(ApiDoc {
                    summary: "Delete a phone route",
                    takes: Takes::Nothing,
                    answers: Answers::Nothing,
                    object: "phone route",
                    conflict: "",
                }),
            },
        ],
    ),
    api(
        "/api/v1/phone-routes/resolve",
        "phone_routes",
        &[Call {
            method: Method::Post,
            doc: Some(ApiDoc {
                summary: "Look up which client takes a call, and why",
                takes: Takes::Body("PhoneCall"),
                answers: Answers::Json(200, "PhoneDestination"),
                object: "",
                conflict: "",
            }),
        }],
    ),
];

/// A call that writes a route.
const fn call(method: Method, summary: &'static str, takes: Takes, answers: Answers) -> Call {
    let conflict = "Another request changed the default client at the same time";
    Call { method, doc: Some(ApiDoc { summary, takes, answers, object: "phone route", conflict }) }
}
