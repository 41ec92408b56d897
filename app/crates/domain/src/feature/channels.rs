//! Channels: WhatsApp, Instagram and Messenger of a business, and how they are connected.

use super::{Audited, Feature, Level, OperationRule, RightRule, get, named, operation, page};
use crate::identity::Role;
use crate::permission::Needs::{Business, Proof};
use crate::permission::Right;

impl Right {
    /// Connect and disconnect channels of a business.
    pub const ChannelsConnect: Self = Self::of(&RightRule {
        key: "channels.connect",
        words: "connect WhatsApp, Instagram and Messenger",
        level: Level::Business,
        roles: &[Role::AgencyOwner, Role::AgencyAdmin, Role::AgencyStaff, Role::BusinessOwner],
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "channels",
    rights: &[Right::ChannelsConnect],
    pages: &[
        page("/b/{business}/integrations/choose/{choice}", Business(Right::ChannelsConnect)),
        page("/renew/{token}", Proof),
    ],
    operations: OPERATIONS,
    routes: &[
        get("/api/integrations/meta/connect", Business(Right::ChannelsConnect)),
        get("/api/integrations/meta/callback", Proof),
        get("/api/integrations/meta/renew", Proof),
    ],
    audit: &[
        named(
            "channel.test_skipped",
            "skipped the first message of the channel {target} | skipped the first message of a channel",
        ),
        named("channel.added", "added the channel {name} | added a channel"),
        named(
            "renewal_link.made",
            "created a link to reconnect the channel {target} | created a link to reconnect a channel",
        ),
        named(
            "renewal_link.ended",
            "ended a link to reconnect the channel {target} | ended a link to reconnect a channel",
        ),
        named(
            "renewal_link.opened",
            "went to Meta to reconnect the channel {target} by link | went to Meta to reconnect a channel by link",
        )
        .by("The holder of a link"),
        named("renewal_link.used", "reconnected the channel {target} by link | reconnected a channel by link")
            .by("The holder of a link"),
        named("channel.off", "turned a channel off"),
        named("channel.on", "turned a channel on"),
    ],
    topics: &["channel.changed"],
    ..Feature::EMPTY
};

const OPERATIONS: &[OperationRule] = &[
    operation(
        "choose_channel",
        Business(Right::ChannelsConnect),
        Audited::As("integration.connect"),
        &[("choice", "{id}"), ("account", "1")],
    ),
    operation(
        "withdraw_channel_choice",
        Business(Right::ChannelsConnect),
        Audited::Never("a choice is its person's own"),
        &[("choice", "{id}")],
    ),
    operation(
        "retry_channel_setup",
        Business(Right::ChannelsConnect),
        Audited::WithOutcome,
        &[("integration", "{id}")],
    ),
    operation(
        "skip_channel_test",
        Business(Right::ChannelsConnect),
        Audited::As("channel.test_skipped"),
        &[("integration", "{id}")],
    ),
    operation(
        "disconnect_channel",
        Business(Right::ChannelsConnect),
        Audited::As("integration.disconnect"),
        &[("integration", "{id}")],
    ),
    operation("check_channel", Business(Right::ChannelsConnect), Audited::WithOutcome, &[("integration", "{id}")]),
    operation(
        "make_renewal_link",
        Business(Right::ChannelsConnect),
        Audited::As("renewal_link.made"),
        &[("integration", "{id}")],
    ),
    operation(
        "end_renewal_link",
        Business(Right::ChannelsConnect),
        Audited::As("renewal_link.ended"),
        &[("integration", "{id}")],
    ),
];
