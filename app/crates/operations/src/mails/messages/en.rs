//! The texts in English.

use domain::notifications::{Kind, Severity, shown};
use domain::permission::Right;
use domain::usage::grouped;

use super::{Messages, Request, Words};

pub(super) static MESSAGES: Messages = Messages {
    accept: "Accept the invitation",
    link_ends: "The link works once, for 7 days. A new invitation replaces it.",
    account_set_up: |agency, business| format!("{agency} has set up your account for {business}"),
    invites_you_as: |inviter, role| format!("{inviter} invites you as {}.", role.to_lowercase()),
    set_password_to_sign_in: "Set a password to sign in:",
    invited_subject: |agency| format!("You are invited to {agency}"),
    invited_to: |inviter, agency, role| match inviter {
        None => format!("You are invited to {agency} as {}.", role.to_lowercase()),
        Some(inviter) => format!("{inviter} invites you to {agency} as {}.", role.to_lowercase()),
    },

    platform_subject: "You are invited to run Slipway",
    platform_text: |origin, role| {
        format!("You are invited to Slipway at {origin} as {}. Set your password here:", role.to_lowercase())
    },
    set_your_password: "Set your password",
    platform_link: "The link works once, for 72 hours. A new invitation replaces it.",
    reset_subject: "Set a new password",
    reset_text: "Someone, probably you, asked for a new password for your account.",
    minutes: |count| match count {
        1 => "1 minute".to_owned(),
        count => format!("{count} minutes"),
    },
    hours: |count| format!("{count} hours"),
    reset_link: |lasting| {
        format!(
            "The link works once, for {lasting}. If it wasn't you, you can ignore this email. Your password stays the same."
        )
    },

    asks_subject: |name, place| format!("{name} requests access to {place}"),
    asks_for_right: Words {
        text: |Request { name, email, role, place, what }| {
            format!("{name} ({email}), {role} at {place}, asks for permission to {what}.")
        },
        what_to_do: "If that is right, give them a role that includes it:",
    },
    right: Right::words,
    asks_for_client: Words {
        text: |Request { name, email, role, place, what }| {
            format!("{name} ({email}), {role} at {place}, asks to open the client {what}.")
        },
        what_to_do: "If that is right, assign the client to them on its page:",
    },
    open_team: "Open the team",
    open_client: "Open the client",
    asks_or_nothing: "If not, do nothing.",

    reconnect: "Reconnect HighLevel",
    company_lost: "HighLevel no longer accepts our connection to your agency. Running jobs wait, and new clients can't be provisioned until it is renewed. It takes a minute:",
    location_subject: "Reconnect a client's sub-account",
    location_lost: |name| {
        format!(
            "HighLevel no longer accepts our connection to the sub-account of {name}. We can't reach it until it is connected again:"
        )
    },

    event: shown::sentence,
    detail: |_, detail| detail.to_owned(),
    event_button,
    calls_wait: |count| match count {
        1 => "It's waiting for your decision and won't do anything until then. The request expires after a day."
            .to_owned(),
        count => format!(
            "{count} calls are waiting for your decision, and nothing happens until then. Requests expire after a day."
        ),
    },
    decide: "Review",
    several: |first, more| match more {
        0 => first.to_owned(),
        more => format!("{first}, and {} more", grouped(more, ',')),
    },
    summary: |first, more| match more {
        0 => format!("Daily summary: {first}"),
        more => format!("Daily summary: {first}, and {} more", grouped(more, ',')),
    },
    and_more: |count| format!("and {} more", grouped(count, ',')),
    group: |severity| match severity {
        Severity::NeedsYou => "Needs attention",
        Severity::Finished => "Finished",
        Severity::Info => "Good to know",
    },
    repeated: |said, times, last| format!("{said} \u{b7} {times} times, last on {last}"),
    open_notifications: "Open notifications",
    why: "You get this email because your notification settings ask for it.",
    choose: "Notification settings",
    stop: "Stop these emails",

    test_subject: "Email works",
    test_text: |origin| format!("Emails from Slipway at {origin} reach you. There's nothing to do."),
};

const fn event_button(kind: Kind) -> &'static str {
    match kind {
        Kind::JobFailed => "See what happened",
        Kind::JobNeedsInput => "Answer",
        Kind::JobFinished | Kind::ClientCreated | Kind::FilesLimit | Kind::ToolApproval => "Open the client",
        Kind::BatchFinished => "Open your clients",
        Kind::ConnectionLost | Kind::ConnectionRestored | Kind::ConnectionEnding => "Open connections",
        Kind::TodoAssigned => "Open your to-dos",
        Kind::InvitationAccepted => "Open the team",
        Kind::WebhookDisabled => "Open webhooks",
        Kind::ConversationHandedOver => "Open the inbox",
        Kind::UsageLimit => "Open usage",
    }
}
