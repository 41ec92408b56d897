//! The texts in English.

use super::Messages;

pub(super) static MESSAGES: Messages = Messages {
    sign_in: "Sign in",
    sign_in_title: "Sign in to Slipway",
    email: "Email",
    password: "Password",
    forgot: "Forgot your password?",
    idle_hours: |hours| idle(hours, "hour"),
    idle_minutes: |minutes| idle(minutes, "minute"),

    reset_title: "Reset your password",
    reset_text: "We'll email you a link that works once, for 30 minutes.",
    send_link: "Send link",
    back_to_sign_in: "Back to sign-in",
    reset_sent: "If this address has an account, an email with a link is on its way, or arrived in the last few minutes.",

    set_password_title: "Set your password",
    new_password: "New password",
    password_help: "At least 12 characters. A short sentence works well.",
    set_password: "Set password",
    password_set: "Your password is set. Sign in with it.",
    link_over: "This link no longer works",
    get_new_link: "Get a new link",

    accept_title: "Accept your invitation",
    accept: "Accept the invitation",
    accepted: "Invitation accepted.",
    a_colleague: "a colleague",
    set_up_for: |agency, business| format!("{agency} has set up your account for {business}"),
    join: |agency| format!("Join {agency}"),
    invited_as: |by, role, email| format!("{} as {}, with the email {email}.", invites(by), role.to_lowercase()),
    invited_to: |by, role, email, agency| {
        format!("{} to {agency} as {}, with the email {email}.", invites(by), role.to_lowercase())
    },
    go_to_sign_in: "Go to sign-in",
    your_password: "Your password",
    account_exists: "You already have an account with this email. Enter your password to confirm it's you.",
    your_name: "Your name",
    unusable: |why| (why.title(), why.text()),

    confirm_title: "Confirm it's you",
    confirm_text: |purpose| {
        let purpose = purpose.unwrap_or("continue");
        format!("For your security, enter your password to {purpose}. We won't ask again for 10 minutes.")
    },
    confirm: "Confirm",
    cancel: "Cancel",
    code: "Code",
    code_help: "Six digits, or one of your recovery codes.",
    code_help_long: "Six digits from your authenticator app, or one of your recovery codes. If codes are rejected, set your phone's clock to automatic.",
    use_code: "Use a code from your app instead",
    confirm_code: "Confirm with the code",
    someone_else: "Sign in as someone else",

    account: "Account",
    nowhere_title: "Nothing here yet",
    nowhere: "You're not part of an agency or business yet. Ask your team to invite this email address.",
    profile: "Profile",
    save_name: "Save name",
    current_password: "Current password",
    at_least_12: "At least 12 characters.",
    change_password: "Change password",
    password_changed: "Password changed. You're signed out everywhere, so sign in again.",
    second_factor: "Two-factor authentication",
    factor_on: "On: you confirm each sign-in with a code from your app.",
    factor_off: "Off: you sign in with just your password.",
    factor_intro: "You confirm each sign-in with a code from an app on your phone, so a stolen password isn't enough to get in.",
    factor_begin: "Set up an authenticator app",
    factor_until: "Your current app keeps working until you enter a code from the new one. Then the old app, its recovery codes and your other sessions stop working.",
    factor_replace: "Replace it",
    turn_on: "Turn on",
    factor_scan: "Scan this with your authenticator app, or type the key into it. Then enter the code it shows.",
    qr_code: "QR code for your authenticator app",
    factor_key: "Key",
    copy_key: "Copy the key",
    factor_is_on: "Two-factor authentication is on. You'll be asked for a code whenever you sign in.",
    continue_on: "Continue",
    factor_other_app: "Replace it with another app",
    recovery_title: "Your recovery codes",
    recovery_text: "Each works once, for when you don't have your phone. Print this page or keep them somewhere safe: you won't see them again.",
    copy_codes: "Copy all codes",
    manage: "Manage",
    set_up: "Turn on",
    sessions: "Active sessions",
    unknown_browser: "An unknown browser",
    unknown_address: "an unknown address",
    browser_on: |browser, system| format!("{browser} on {system}"),
    last_used: |address| format!("{address} · last used"),
    this_session: "This session",
    sign_out: "Sign out",
    sign_out_everywhere: "Sign out everywhere",
    session_ended: "Signed out of that session.",
    language: "Language",
    language_help: "Used for your account, the pages of your business and the emails you get. Agency pages are in English.",
    save: "Save",
    choose_language: "Choose a language.",
    language_saved: "Language saved.",

    notifications: "Notifications",
    notifications_meta: "Choose what you hear about, and how. Emails go out after two minutes, unless you've already seen the notification in Slipway.",
    no_notifications: (
        "Nothing to choose",
        "You don't get notifications with your current access. Agency teams and business owners do.",
    ),
    saved: "Saved.",
    stop_title: "Stop these emails",
    stop_question: "Stop these emails?",
    stop_text: "You'll still see everything under Notifications in Slipway.",
    stop_these: "Stop these emails",
    stop_all: "Stop all notification emails",
    stopped_title: "Unsubscribed",
    stopped_these: "You won't get these emails anymore.",
    stopped_all: "You won't get any more notification emails.",
    stopped_text: "You'll still see everything under Notifications in Slipway.",
    change_notifications: "Change your notification settings",

    setup_title: "Set up Slipway",
    setup_text: (
        "This Slipway has no admin yet. The first super admin gets in with a one-time link that the server prints: at startup when ",
        " is set, or by this command:",
    ),
};

fn idle(count: u32, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("You were signed out after {count} {unit}{plural} without activity.")
}

fn invites(by: Option<&str>) -> String {
    by.map_or_else(|| "You are invited".to_owned(), |name| format!("{name} invites you"))
}

#[cfg(test)]
mod tests {
    use operations::identity::invitation::Why;

    use super::*;

    #[test]
    fn every_reason_is_said_as_the_form_says_it() {
        for why in Why::ALL {
            assert_eq!((MESSAGES.unusable)(why), (why.title(), why.text()));
        }
    }
}
