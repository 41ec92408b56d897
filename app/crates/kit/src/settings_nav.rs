//! The navigation of an agency's settings: one line of links above each of their pages.

use leptos::prelude::*;

use crate::tabs::{Tab, Tabs};

/// The sections of the settings page, by the id of their part of the page.
const SECTIONS: [(&str, &str); 5] = [
    ("agency", "Agency"),
    ("brand", "Brand"),
    ("provisioning", "Provisioning"),
    ("highlevel", "HighLevel"),
    ("danger", "Danger zone"),
];

/// The navigation.
#[component]
pub fn SettingsNav(
    /// Address of the settings page: `/a/harbor/settings`.
    base: String,
    /// True on the page of the notification defaults.
    #[prop(optional)]
    notifications: bool,
) -> impl IntoView {
    let mut tabs: Vec<Tab> =
        SECTIONS.iter().map(|(id, label)| Tab::new(*label, format!("{base}#{id}"), false)).collect();
    tabs.insert(2, Tab::new("Notifications", format!("{base}/notifications"), notifications));
    view! { <div class="pb-4"><Tabs label="Settings" tabs=tabs/></div> }
}
