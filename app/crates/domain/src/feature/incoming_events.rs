//! Incoming webhooks: what messaging platforms sent, what became of it, and the replay of what was not done.

use super::{Audited, Feature, NavEntry, OperationRule, PageRule, action, named, operation, page};
use crate::permission::Needs::{Agency, Business, Platform};
use crate::permission::Right;

pub(super) const FEATURE: Feature = Feature {
    key: "incoming_events",
    pages: PAGES,
    actions: &[action(
        "/a/{agency}/connections/incoming",
        Agency(Right::ConnectionsRead),
        "Incoming webhooks",
        "events received failed replay log",
        "Webhook",
    )],
    operations: OPERATIONS,
    audit: &[
        named("incoming_event.replayed", "replayed an incoming webhook"),
        named("incoming_body.replayed", "replayed incoming webhooks that could not be read"),
    ],
    ..Feature::EMPTY
};

const PAGES: &[PageRule] = &[
    page("/admin/incoming", Platform(Right::PlatformRead)).in_nav(NavEntry {
        group: "Operations",
        order: 70,
        label: "Incoming webhooks",
        icon: "Webhook",
        letter: Some("w"),
        dock: false,
    }),
    page("/a/{agency}/connections/incoming", Agency(Right::ConnectionsRead)),
    page("/b/{business}/integrations/incoming", Business(Right::ChannelsConnect)),
];

const OPERATIONS: &[OperationRule] = &[
    operation(
        "replay_platform_event",
        Platform(Right::PlatformManage),
        Audited::As("incoming_event.replayed"),
        &[("id", "{id}")],
    )
    .confirmed("replay this event"),
    operation(
        "replay_platform_body",
        Platform(Right::PlatformManage),
        Audited::As("incoming_body.replayed"),
        &[("id", "{id}")],
    )
    .confirmed("replay this webhook"),
    operation(
        "replay_incoming_event",
        Agency(Right::ConnectionsManage),
        Audited::As("incoming_event.replayed"),
        &[("id", "{id}")],
    ),
];
