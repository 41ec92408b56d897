//! The people of an agency, and invitations to it.

use super::{Audited, Feature, Level, MANAGERS, MANAGERS_AND_SUPPORT, NavEntry, RightRule, named, operation, page};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// See the people of an agency.
    pub const TeamRead: Self = Self::of(&RightRule {
        key: "team.read",
        words: "see the team",
        level: Level::Agency,
        roles: MANAGERS_AND_SUPPORT,
    });
    /// Invite and remove people of an agency.
    pub const TeamManage: Self = Self::of(&RightRule {
        key: "team.manage",
        words: "invite and remove people, give them roles",
        level: Level::Agency,
        roles: MANAGERS,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "team",
    rights: &[Right::TeamRead, Right::TeamManage],
    pages: &[page("/a/{agency}/team", Agency(Right::TeamRead)).in_nav(NavEntry {
        group: "Agency",
        order: 60,
        label: "Team",
        icon: "People",
        letter: Some("t"),
        dock: false,
    })],
    operations: &[
        operation(
            "invite_colleague",
            Agency(Right::TeamManage),
            Audited::As("invite.made"),
            &[("email", "x@example.test"), ("role", "agency_staff")],
        )
        .confirmed("invite {email}"),
        operation("resend_invite", Agency(Right::TeamManage), Audited::As("invite.made"), &[("invite", "{id}")])
            .confirmed("send this invitation again"),
        operation(
            "copy_invite_link",
            Agency(Right::TeamManage),
            Audited::As("invite.link_made"),
            &[("invite", "{id}")],
        )
        .confirmed("create an invitation link"),
        operation("revoke_invite", Agency(Right::TeamManage), Audited::As("invite.withdrawn"), &[("invite", "{id}")]),
        operation("remove_member", Agency(Right::TeamManage), Audited::As("member.removed"), &[("user", "{id}")])
            .confirmed("remove this teammate"),
        operation(
            "set_member_role",
            Agency(Right::TeamManage),
            Audited::As("member.role_changed"),
            &[("user", "{id}"), ("role", "agency_staff"), ("reach", "listed")],
        )
        .confirmed("change this teammate's role"),
    ],
    audit: &[
        named("invite.accepted", "Invite accepted"),
        named("invite.link_made", "Invitation link created"),
        named("invite.made", "Invite made"),
        named("invite.withdrawn", "Invite withdrawn"),
        named("member.added", "Member added"),
        named("member.removed", "Member removed"),
        named("member.role_changed", "Member role changed"),
    ],
    topics: &["invite.changed"],
    ..Feature::EMPTY
};
