//! What has to be true of a connection, one line each, so that whoever connects sees where it stands.

use domain::integration::Integration;
use kit::{StatusIcon, Tone};
use leptos::prelude::*;

/// One line of the checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What has to be true.
    pub words: &'static str,
    /// `Ok`, `Waiting` while it is not known yet, or `Warn` if a person has to do something.
    pub tone: Tone,
}

/// The checklist of a connection, in the order in which it is filled.
#[must_use]
pub fn checks(connection: &Integration) -> Vec<Check> {
    let check = |words, done: bool, otherwise| Check { words, tone: if done { Tone::Ok } else { otherwise } };
    let ended = if connection.needs_reauth_at.is_some() { Tone::Warn } else { Tone::Waiting };
    let consented = connection.connected_at.is_some() && connection.needs_reauth_at.is_none();
    vec![
        check("Consent given", consented, ended),
        check("Key received", connection.credential.is_some(), ended),
        check("Account found", connection.platform_name.is_some(), Tone::Waiting),
        check("Permissions complete", connection.scopes_missing.is_empty(), Tone::Warn),
        check("First call worked", connection.last_ok_at.is_some(), Tone::Waiting),
    ]
}

/// The checklist, until every line of it is true.
#[component]
pub(super) fn Checklist(checks: Vec<Check>) -> impl IntoView {
    let open = checks.iter().any(|check| check.tone != Tone::Ok);
    open.then(|| {
        let lines = checks
            .into_iter()
            .map(|check| {
                let (word, text) = match check.tone {
                    Tone::Ok => (", done", "text-fg-2"),
                    Tone::Warn => (", needs you", "text-fg"),
                    _ => (", to come", "text-fg-3"),
                };
                view! {
                    <li class=format!("flex items-center gap-2 {text}") data-row=check.words>
                        <StatusIcon tone=check.tone/>
                        <span>{check.words}<span class="sr-only">{word}</span></span>
                    </li>
                }
            })
            .collect_view();
        view! { <ol class="flex flex-wrap gap-x-5 gap-y-1.5 py-2 text-sm" aria-label="Connecting">{lines}</ol> }
    })
}
