//! The card of a connection: its state, the reason, its checklist, its facts, and its last fourteen days.

use chrono::{DateTime, Utc};
use domain::credential::{Credential, CredentialKind, PIT_DAYS, pit_warning};
use domain::integration::{Integration, StripDay, state};
use kit::labels::integration::tone;
use kit::{Ago, Chip, CopyId, Exact, KeyValue, KeyValues, Region, StatusPill};
use leptos::prelude::*;

use super::checklist::{Checklist, checks};
use super::state::{Connection, ConnectionState};

/// What the card shows, without its actions, which are forms of the page.
#[component]
pub fn ConnectionCard(
    /// The connection.
    state: ConnectionState,
) -> impl IntoView {
    let at = state.at;
    let facts = state.connection.map(|connection| view! { <Facts connection at/> });
    view! { <Region key="connection" topics="*">{facts}</Region> }
}

#[component]
fn Facts(connection: Connection, at: DateTime<Utc>) -> impl IntoView {
    let Connection { integration: connection, strip, backup } = connection;
    let integration_status = state(Some(&connection), at);
    let name = connection.platform_name.clone().unwrap_or_else(|| connection.platform_id.clone());
    let what = if connection.parent_platform_id.is_some() { "HighLevel location" } else { "HighLevel company" };
    let credential = connection
        .credential
        .clone()
        .map(|secret| Credential { refreshable: secret.refreshable && connection.needs_reauth_at.is_none(), ..secret });
    let missing = connection.scopes_missing.clone();
    let limited = connection.limited_until.filter(|until| *until > at && connection.is_active);
    let (leaving, stayed) = uninstall_status(&connection);
    let steps = if connection.is_active { checks(&connection) } else { Vec::new() };
    view! {
        <header class="flex min-h-11 items-center gap-3 border-b border-line px-4 py-2">
            <h2 class="grow text-sm font-semibold">{name}</h2>
            <StatusPill tone=tone(integration_status.state) evidence=integration_status.because.clone()>{integration_status.state.label()}</StatusPill>
        </header>
        <div class="min-w-0 p-4">
            <p class="text-sm text-fg-3">{what} " " <CopyId id=connection.platform_id.clone()/></p>
            <p class="py-2 text-fg-2">{integration_status.because}</p>
            <Checklist checks=steps/>
            {(!missing.is_empty()).then(|| view! { <Missing scopes=missing/> })}
            {limited.map(|until| view! {
                <p class="pb-2 text-sm text-warn">"HighLevel's limit for today is used up. Jobs wait, and the connection is looked at again, until " <Exact at=until/> "."</p>
            })}
            {leaving.map(|text| view! { <p class="pb-2 text-sm text-fg-2">{text}</p> })}
            {stayed.map(|why| view! {
                <p class="pb-2 text-sm text-warn">{format!("The app could not be removed at HighLevel ({}). Remove it there: Settings, then Integrations.", why.trim_end_matches('.'))}</p>
            })}
            <KeyValues>
                {moment("Last call that worked", connection.last_ok_at)}
                {moment("Last call that failed", connection.last_error_at)}
                {moment("Connected", connection.connected_at)}
                {credential.map(|secret| kept("Secret", secret, at))}
                {backup.map(|secret| kept("Emergency token", secret, at))}
            </KeyValues>
            <Fortnight days=strip/>
        </div>
    }
}

/// What happened to the app at HighLevel after a disconnect: a message about the removal, or the error that
/// prevented it.
fn uninstall_status(connection: &Integration) -> (Option<&'static str>, Option<String>) {
    if connection.is_active || connection.uninstall_asked_at.is_none() {
        return (None, None);
    }
    match (&connection.uninstall_error, connection.uninstalled_at) {
        (Some(why), _) => (None, Some(why.clone())),
        (None, Some(_)) => (Some("The app was removed at HighLevel, and our keys were deleted."), None),
        (None, None) => (Some("The app is being removed at HighLevel."), None),
    }
}

fn moment(name: &'static str, at: Option<DateTime<Utc>>) -> Option<AnyView> {
    at.map(|at| view! { <KeyValue name=name><Ago at=at/></KeyValue> }.into_any())
}

/// What can be shown of a secret without revealing it.
fn kept(name: &'static str, credential: Credential, at: DateTime<Utc>) -> AnyView {
    let age = credential.age_days(at);
    let rotate = (credential.kind == CredentialKind::Pit).then(|| pit_warning(credential.issued_at, at)).flatten();
    let kind = match credential.kind {
        CredentialKind::Pit => "Private token",
        CredentialKind::OauthCompany | CredentialKind::OauthLocation => "OAuth token",
        CredentialKind::ApiKey => "Key",
    };
    let days = if age == 1 { "1 day old".to_owned() } else { format!("{age} days old") };
    view! {
        <KeyValue name=name>
            {kind} " · " {credential.fingerprint.clone()} " · version " {credential.version} " · " {days}
            {credential.last_used_at.map(|at| view! { " · last used " <Ago at=at/> })}
            {rotate.map(|day| view! { <span class=overdue(day)>{rotation(day)}</span> })}
        </KeyValue>
        {credential.expires_at.map(|at| view! { <KeyValue name="Token good until"><Exact at=at/>{credential.refreshable.then_some(" · renews itself")}</KeyValue> })}
    }
    .into_any()
}

/// The warning for a private token at each of the ages in `PIT_WARNINGS`.
fn rotation(day: i64) -> String {
    if day < PIT_DAYS {
        format!(" · past {day} days: make a new one in HighLevel and save it below before day {PIT_DAYS}")
    } else {
        format!(" · past {PIT_DAYS} days: make a new one in HighLevel and save it below now")
    }
}

const fn overdue(day: i64) -> &'static str {
    if day < PIT_DAYS { "text-warn" } else { "text-bad" }
}

#[component]
fn Missing(scopes: Vec<String>) -> impl IntoView {
    let chips = scopes.into_iter().map(|scope| view! { <Chip>{scope}</Chip> }).collect_view();
    view! {
        <p class="text-sm text-warn">"These permissions were not granted. Connect again and tick them:"</p>
        <div class="flex flex-wrap gap-1 py-2">{chips}</div>
    }
}

/// The last fourteen days, one bar per day.
#[component]
fn Fortnight(days: Vec<StripDay>) -> impl IntoView {
    if days.is_empty() {
        return ().into_any();
    }
    let marks = days.into_iter().map(|day| {
        let (class, word) = match (day.ok, day.failed) {
            (0, 0) => ("bg-raised", "nothing tried"),
            (_, 0) => ("bg-ok", "worked"),
            (0, _) => ("bg-bad", "failed"),
            _ => ("bg-warn", "worked and failed"),
        };
        let label = format!("{}: {word}", day.day);
        let spoken = label.clone();
        view! { <li class=format!("h-5 w-2 rounded-sm {class}") title=label><span class="sr-only">{spoken}</span></li> }
    });
    view! { <ul class="flex gap-1 pt-4" aria-label="Last fourteen days">{marks.collect_view()}</ul> }.into_any()
}
