//! What people are told: the page of notifications, and how each person and agency wants to be told.

use super::{
    Answers, ApiDoc, Audited, Call, Feature, Method, NavEntry, OperationRule, RouteRule, ScopeRule, Shortcut, Takes,
    api, named, operation, page,
};
use crate::permission::Needs::{Agency, Proof, SignedIn};
use crate::permission::Right;

pub(super) const FEATURE: Feature = Feature {
    key: "notifications",
    pages: &[
        page("/a/{agency}/notifications", Agency(Right::AgencyRead)).as_shortcut(Shortcut {
            label: "Notifications",
            words: "alerts bell unread failed",
            icon: "Bell",
        }),
        page("/a/{agency}/settings/notifications", Agency(Right::AgencyManage)).as_shortcut(Shortcut {
            label: "Notification defaults",
            words: "email alerts digest quiet hours team settings",
            icon: "Settings",
        }),
        page("/me/notifications", SignedIn).in_nav(NavEntry {
            group: "",
            order: 15,
            label: "Notifications",
            icon: "Bell",
            letter: None,
            dock: true,
        }),
        page("/unsubscribe/{token}", Proof),
    ],
    operations: OPERATIONS,
    routes: ROUTES,
    scopes: &[ScopeRule {
        name: "notifications",
        label: "Read your notifications and mark them as read",
        right: Right::AgencyRead,
        of_business: false,
    }],
    audit: &[
        named("agency.notifications", "changed the notification defaults"),
        named("person.notifications", "changed their notification settings"),
        named("person.unsubscribed", "stopped emails by the link in one of them"),
    ],
    topics: &["notifications.changed"],
    ..Feature::EMPTY
};

const READ: Audited = Audited::Never("what a person saw is their own");

const OPERATIONS: &[OperationRule] = &[
    operation("read_notification", Agency(Right::AgencyRead), READ, &[("id", "{id}")]),
    operation("read_all_notifications", Agency(Right::AgencyRead), READ, &[]),
    operation(
        "set_notification_defaults",
        Agency(Right::AgencyManage),
        Audited::As("agency.notifications"),
        &[("job.failed", "mail"), ("quiet", "22-7"), ("timezone", "America/Chicago")],
    ),
    operation(
        "set_my_notifications",
        SignedIn,
        Audited::As("person.notifications"),
        &[("job.finished", "digest"), ("digest_hour", "17"), ("everyones", "yes")],
    ),
    operation("unsubscribe", Proof, Audited::As("person.unsubscribed"), &[("token", "t")]),
];

const ROUTES: &[RouteRule] = &[
    api("/api/v1/notifications", "notifications", &[Call::list("List your notifications", "Notifications")]),
    api("/api/v1/notifications/read", "notifications", &[read("Mark all your notifications as read", "")]),
    api("/api/v1/notifications/{id}/read", "notifications", &[read("Mark a notification as read", "notification")]),
];

const fn read(summary: &'static str, object: &'static str) -> Call {
    let doc = ApiDoc { summary, takes: Takes::Nothing, answers: Answers::Nothing, object, conflict: "" };
    Call { method: Method::Post, doc: Some(doc) }
}
