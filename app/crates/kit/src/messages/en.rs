//! The texts in English.

use super::Messages;

pub(super) static MESSAGES: Messages = Messages {
    skip: "Skip to content",
    place_and_menu: "Workspace and menu",
    main: "Main",
    main_short: "Main, short",
    way_back: "Breadcrumbs",
    more: "More",
    your_menu: "Your menu",
    account: "Account",
    keys: "Keyboard shortcuts",
    shortcuts: [
        ("\u{2191} \u{2193}", "Move through results"),
        ("/", "Search this page"),
        ("C", "Create a client"),
        ("J", "Next row"),
        ("K", "Previous row"),
        ("X", "Select row"),
        ("O", "Switch workspace"),
        ("?", "Show shortcuts"),
    ],
    then: "then",
    single_keys: "Enable single-key shortcuts",
    close: "Close",
    sign_out: "Sign out",
    theme: "Theme",
    system: "System",
    light: "Light",
    dark: "Dark",
    switch_workspace: "Switch workspace",
    area,
    places,
    nav: |label| label,
    approvals: |count| {
        if count.is_empty() { "Approvals".to_owned() } else { format!("Approvals, {count} waiting") }
    },
    lost: "You're offline, or the server isn't responding. This page shows what was loaded before and updates by itself once you're back.",
    clear_search: "Clear search",
    undo: "Undo",
    not_now: "Not now",
    optional: "optional",
    new_tab: " (opens in a new tab)",
    fix_fields: |count| {
        if count == 1 { "Please fix one field.".to_owned() } else { format!("Please fix {count} fields.") }
    },
};

fn area(key: &str) -> &'static str {
    match key {
        "platform" => "Platform",
        "agency" => "Agency",
        "business" => "Business",
        _ => "Account",
    }
}

fn places(key: &str) -> &'static str {
    match key {
        "platform" => "Platform",
        "agency" => "Agencies",
        "business" => "Businesses",
        _ => "Account",
    }
}
