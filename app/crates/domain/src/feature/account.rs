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
        page("/me", SignedIn).in_nav(entry("Account", "Person", 10)),
        page("/me/second-factor", SecondFactorSetup).in_nav(entry("Two-factor", "Shield", 20)),
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
    operation("set_my_name", SignedIn, Audited::As("person.renamed"), &[("name", "Maya Okafor")]),
    operation("set_language", SignedIn, Audited::As("person.language"), &[("language", "es")]),
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
    named("factor.added", "turned on two-factor authentication"),
    named("factor.begun", "started setting up two-factor authentication").routine(),
    named("factor.recovery_used", "used a recovery code"),
    named("factor.removed", "turned off two-factor authentication"),
    named("factor.reset", "reset two-factor authentication of {target} | reset their two-factor authentication"),
    named("password.changed", "set their password"),
    named("password.link_made", "created a password link for {target} | created a password link"),
    named("password.reset_asked", "asked for a password reset link for {target} | asked for a password reset link")
        .by("A visitor"),
    named("person.language", "changed their language"),
    named("person.renamed", "changed the name of {target} | changed their name"),
    named("session.confirmed", "confirmed their identity").routine().or_failed("could not confirm their identity"),
    named("session.ended", "signed {target} out of a device | signed out of a device"),
    named("session.sign_in", "signed in")
        .by("A visitor")
        .or_failed("could not sign in as {target} | could not sign in"),
    named("session.sign_out", "signed out"),
    named("sessions.ended", "signed {target} out everywhere | signed out everywhere"),
];
