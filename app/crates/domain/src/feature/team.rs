//! The people of an agency, and invitations to it.

use super::{
    Audited, Feature, Level, MANAGERS, MANAGERS_AND_SUPPORT, NavEntry, RightRule, action, named, operation, page,
};
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
    actions: &[action(
        "/a/{agency}/team#field-email",
        Agency(Right::TeamManage),
        "Invite teammate",
        "add member colleague person staff user",
        "People",
    )],
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
        named("invite.accepted", "accepted an invitation"),
        named("invite.link_made", "copied the invitation link for {target} | copied an invitation link"),
        named(
            "invite.made",
            "invited {target} to {client} | invited {target} as {role} | invited {target} | sent an invitation",
        ),
        named("invite.withdrawn", "canceled the invitation of {target} | canceled an invitation"),
        named("member.added", "added {target} as {role} | joined as {role} | added a member"),
        named("member.removed", "removed {target} from {client} | removed {target} from the team | removed a member"),
        named(
            "member.role_changed",
            "changed the role of {target} at {client} to {role} | changed the role of {target} to {role} \
             | changed the role of {target} | changed a role",
        ),
    ],
    topics: &["invite.changed"],
    ..Feature::EMPTY
};
