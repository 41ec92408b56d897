//! Webhooks: addresses of others that are told what happens, and the log of what they were sent.

use super::{
    Answers, ApiDoc, Audited, BodyRule, Call, Feature, Level, MANAGERS, Method, NavEntry, OperationRule, RightRule,
    RouteRule, ScopeRule, Takes, action, api, named, operation, page,
};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// Add, change, test and remove webhooks, and see what they were sent.
    pub const WebhooksManage: Self = Self::of(&RightRule {
        key: "webhooks.manage",
        words: "set up webhooks and see what they were sent",
        level: Level::Agency,
        roles: MANAGERS,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "webhooks",
    rights: &[Right::WebhooksManage],
    pages: &[page("/a/{agency}/webhooks", Agency(Right::WebhooksManage)).in_nav(NavEntry {
        group: "Agency",
        order: 75,
        label: "Webhooks",
        icon: "Webhook",
        letter: Some("w"),
        dock: false,
    })],
    actions: &[action(
        "/a/{agency}/webhooks",
        Agency(Right::WebhooksManage),
        "Add webhook",
        "new endpoint create zapier make",
        "Webhook",
    )],
    operations: OPERATIONS,
    routes: ROUTES,
    bodies: &[BodyRule { name: "NewWebhook", sample: BODY }],
    scopes: &[ScopeRule {
        name: "webhooks",
        label: "Set up webhooks",
        right: Right::WebhooksManage,
        of_business: false,
    }],
    audit: &[
        named("webhook.added", "added the webhook to {url} | added a webhook"),
        named("webhook.changed", "changed the webhook to {host} | changed a webhook"),
        named("webhook.on", "turned on the webhook to {host} | turned on a webhook"),
        named("webhook.off", "turned off the webhook to {host} | turned off a webhook"),
        named(
            "webhook.failed",
            "turned off the webhook to {host} because it kept failing | turned off a webhook because it kept failing",
        ),
        named("webhook.secret", "replaced the secret of the webhook to {host} | replaced the secret of a webhook"),
        named("webhook.removed", "removed the webhook to {host} | removed a webhook"),
        named("webhook.tested", "tested the webhook to {host} | tested a webhook"),
        named("webhook.replayed", "sent a webhook delivery to {host} again | sent a webhook delivery again"),
    ],
    topics: &["webhooks.changed"],
};

const OPERATIONS: &[OperationRule] = &[
    operation("create_webhook", Agency(Right::WebhooksManage), Audited::As("webhook.added"), ENDPOINT)
        .confirmed("add this webhook"),
    operation("change_webhook", Agency(Right::WebhooksManage), Audited::As("webhook.changed"), CHANGED)
        .confirmed("change this webhook"),
    operation(
        "set_webhook_active",
        Agency(Right::WebhooksManage),
        Audited::As("webhook.off"),
        &[("id", "{id}"), ("active", "false")],
    ),
    operation("rotate_webhook_secret", Agency(Right::WebhooksManage), Audited::As("webhook.secret"), ONE)
        .confirmed("replace the secret of this webhook"),
    operation("remove_webhook", Agency(Right::WebhooksManage), Audited::As("webhook.removed"), ONE),
    operation("test_webhook", Agency(Right::WebhooksManage), Audited::As("webhook.tested"), ONE),
    operation("replay_webhook_delivery", Agency(Right::WebhooksManage), Audited::As("webhook.replayed"), ONE),
];

const ONE: &[(&str, &str)] = &[("id", "{id}")];

const ENDPOINT: &[(&str, &str)] = &[
    ("/url", "https://example.com/webhooks"),
    ("/format", "json"),
    ("/description", "Our CRM"),
    ("/events/job.failed", "on"),
    ("/events/client.created", "on"),
];

const CHANGED: &[(&str, &str)] = &[
    ("id", "{id}"),
    ("/url", "https://example.com/webhooks"),
    ("/description", "Our CRM"),
    ("/events/job.failed", "on"),
];

const BODY: &str = r#"{
  "url": "https://example.com/webhooks", "format": "json", "description": "Our CRM",
  "events": ["job.failed", "client.created"], "active": true
}"#;

const ROUTES: &[RouteRule] = &[
    api(
        "/api/v1/webhook-endpoints",
        "webhooks",
        &[
            Call::read("List all webhooks", "", "Webhooks"),
            call(
                Method::Post,
                "Create a webhook",
                Answers::Json(201, "WebhookSecret"),
                "The agency already has 20 webhooks",
            ),
        ],
    ),
    api(
        "/api/v1/webhook-endpoints/{id}",
        "webhooks",
        &[
            Call::read("Retrieve a webhook", "webhook", "Webhook"),
            call(Method::Put, "Update a webhook", Answers::Json(200, "Webhook"), ""),
            act(Method::Delete, "Delete a webhook and its deliveries", Answers::Nothing, ""),
        ],
    ),
    api(
        "/api/v1/webhook-endpoints/{id}/secret",
        "webhooks",
        &[act(
            Method::Post,
            "Rotate the signing secret; the old one stays valid for 24 hours",
            Answers::Json(200, "WebhookSecret"),
            "Slack webhooks have no signing secret",
        )],
    ),
    api(
        "/api/v1/webhook-endpoints/{id}/test",
        "webhooks",
        &[act(
            Method::Post,
            "Send a test event",
            Answers::Json(202, "WebhookDelivery"),
            "The webhook is off, or a test is already being sent",
        )],
    ),
    api(
        "/api/v1/webhook-deliveries",
        "webhooks",
        &[Call::list("List deliveries of the last 30 days", "WebhookDeliveries")],
    ),
    api(
        "/api/v1/webhook-deliveries/{id}",
        "webhooks",
        &[Call::read("Retrieve a delivery with its attempts", "delivery", "WebhookDeliveryDetail")],
    ),
    api(
        "/api/v1/webhook-deliveries/{id}/replay",
        "webhooks",
        &[Call {
            method: Method::Post,
            doc: Some(ApiDoc {
                summary: "Resend a delivery",
                takes: Takes::Nothing,
                answers: Answers::Json(202, "WebhookDelivery"),
                object: "delivery",
                conflict: "The delivery is already being sent, or its webhook is off",
            }),
        }],
    ),
];

/// A call that writes an endpoint.
const fn call(method: Method, summary: &'static str, answers: Answers, conflict: &'static str) -> Call {
    let takes = Takes::Body("NewWebhook");
    Call { method, doc: Some(ApiDoc { summary, takes, answers, object: "webhook", conflict }) }
}

/// A call without a body about one endpoint.
const fn act(method: Method, summary: &'static str, answers: Answers, conflict: &'static str) -> Call {
    Call { method, doc: Some(ApiDoc { summary, takes: Takes::Nothing, answers, object: "webhook", conflict }) }
}
