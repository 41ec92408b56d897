//! Signing in, and a person's own account.

use super::{AuditName, Audited, Feature, NavEntry, OperationRule, named, operation, page};
use crate::permission::Needs::{Nothing, PendingSecondFactor, Proof, SecondFactorSetup, SignedIn};

const fn entry(label: &'static str, icon: &'static str, order: u16) -> NavEntry {
    NavEntry { group: "", order, label, icon, letter: None, dock: true }
}

pub(super) const FEATURE: Feature = Feature {
    key: "account",
    pages: &[
        page("/login", Nothing),
        page("/login/code", Nothing),
        page("/setup", Nothing),
        page("/forgot", Nothing),
        page("/password/{token}", Proof),
        page("/invite/{token}", Proof),
        page("/me", SignedIn).in_nav(entry("Profile", "Person", 10)),
        page("/me/second-factor", SecondFactorSetup).in_nav(entry("Second factor", "Shield", 20)),
        page("/me/confirm", SignedIn),
    ],
    operations: OPERATIONS,
    audit: AUDIT,
    ..Feature::EMPTY
};

const OPERATIONS: &[OperationRule] = &[
    operation(
        "sign_in",
        Nothing,
        Audited::As("session.sign_in"),
        &[("email", "x@example.test"), ("password", "wrong password"), ("next", "/me")],
    ),
    operation("confirm_code", PendingSecondFactor, Audited::As("session.sign_in"), &[("code", "000000")]),
    operation("request_reset", Nothing, Audited::As("password.reset_asked"), &[("email", "x@example.test")]),
    operation(
        "set_password",
        Proof,
        Audited::As("password.changed"),
        &[("token", "t"), ("password", "nine ships leave at dawn")],
    ),
    operation(
        "accept_invite",
        Proof,
        Audited::As("invite.accepted"),
        &[("token", "t"), ("name", "X"), ("password", "nine ships leave at dawn")],
    ),
    operation("set_theme", Nothing, Audited::Never("a cookie of the browser"), &[("theme", "dark")]),
    operation("sign_out", Nothing, Audited::As("session.sign_out"), &[]),
    operation("sign_out_everywhere", SignedIn, Audited::As("sessions.ended"), &[]),
    operation("end_session", SignedIn, Audited::As("session.ended"), &[("reference", "0011223344556677")]),
    operation(
        "change_password",
        SignedIn,
        Audited::As("password.changed"),
        &[("current_password", "x"), ("password", "nine ships leave at dawn")],
    ),
    operation("begin_second_factor", SecondFactorSetup, Audited::As("factor.begun"), &[])
        .confirmed("set up two-factor authentication"),
    operation("confirm_second_factor", SecondFactorSetup, Audited::As("factor.added"), &[("code", "000000")])
        .confirmed("turn on two-factor authentication"),
    operation(
        "confirm_identity",
        SignedIn,
        Audited::As("session.confirmed"),
        &[("password", "wrong password"), ("next", "/me")],
    ),
];

const AUDIT: &[AuditName] = &[
    named("factor.added", "Second factor set up"),
    named("factor.begun", "Second factor begun"),
    named("factor.recovery_used", "Recovery code used"),
    named("factor.removed", "Second factor removed"),
    named("factor.reset", "Factor reset"),
    named("password.changed", "Password changed"),
    named("password.link_made", "Password link made"),
    named("password.reset_asked", "Password reset asked for"),
    named("person.renamed", "Person renamed"),
    named("session.confirmed", "Identity confirmed"),
    named("session.ended", "Session ended"),
    named("session.sign_in", "Signed in"),
    named("session.sign_out", "Signed out"),
    named("sessions.ended", "All sessions ended"),
];
