//! The card of a connection: its state, the reason and its checklist; then its last fourteen days and its facts.

use chrono::{DateTime, Utc};
use domain::credential::{Credential, CredentialKind, PIT_DAYS, pit_warning};
use domain::dates;
use domain::integration::{Integration, IntegrationStatus, StripDay, state};
use kit::labels::integration::tone;
use kit::{Ago, Chip, CopyId, Exact, KeyValue, KeyValues, Region, StatusPill};
use leptos::prelude::*;

use super::checklist::{Checklist, checks};
use super::state::{Connection, ConnectionState};

/// What the connection is and whether it works. What can be done with it are forms of the page, which follow.
#[component]
pub fn ConnectionHead(
    /// The connection.
    state: ConnectionState,
) -> impl IntoView {
    let at = state.at;
    let head = state.connection.map(|connection| view! { <Head connection=connection.integration at/> });
    view! { <Region key="connection" topics="*">{head}</Region> }
}

#[component]
fn Head(connection: Integration, at: DateTime<Utc>) -> impl IntoView {
    let IntegrationStatus { state, because } = state(Some(&connection), at);
    let name = connection.platform_name.clone().unwrap_or_else(|| connection.platform_id.clone());
    let what = if connection.parent_platform_id.is_some() { "HighLevel sub-account" } else { "HighLevel company" };
    let missing = connection.scopes_missing.clone();
    let limited = connection.limited_until.filter(|until| *until > at && connection.is_active);
    let (leaving, stayed) = uninstall_status(&connection);
    let steps = if connection.is_active { checks(&connection) } else { Vec::new() };
    let said = match state.needs_person() {
        true => format!("rounded-control px-3 py-2 {}", tone(state).filled()),
        false => "text-fg-2".to_owned(),
    };
    view! {
        <header class="flex min-h-11 items-center gap-3 border-b border-line px-4 py-2">
            <h2 class="grow text-sm font-semibold">{name}</h2>
            <StatusPill tone=tone(state) evidence=because.clone()>{state.label()}</StatusPill>
        </header>
        <div class="flex min-w-0 flex-col gap-2 p-4">
            <p class="text-sm text-fg-3">{what} " " <CopyId id=connection.platform_id.clone()/></p>
            <p class=said>{because}</p>
            <Checklist checks=steps/>
            {(!missing.is_empty()).then(|| view! { <Missing scopes=missing/> })}
            {limited.map(|until| view! {
                <p class="text-sm text-warn">"HighLevel's limit for today is used up. Jobs wait, and we check again, until " <Exact at=until/> "."</p>
            })}
            {leaving.map(|text| view! { <p class="text-sm text-fg-2">{text}</p> })}
            {stayed.map(|why| view! {
                <p class="text-sm text-warn">{format!("The app could not be removed at HighLevel ({}). Remove it there: Settings, then Integrations.", why.trim_end_matches('.'))}</p>
            })}
        </div>
    }
}

/// How the connection did on the last days, and its facts, folded.
#[component]
pub fn ConnectionFacts(
    /// The connection.
    state: ConnectionState,
) -> impl IntoView {
    let at = state.at;
    let facts = state.connection.map(|connection| view! { <Facts connection at/> });
    view! { <Region key="connection-facts" topics="*">{facts}</Region> }
}

#[component]
fn Facts(connection: Connection, at: DateTime<Utc>) -> impl IntoView {
    let Connection { integration, strip, backup } = connection;
    let ended = integration.needs_reauth_at.is_some();
    // A token that HighLevel refused is of no use, however long it would have lasted.
    let credential = integration.credential.map(|secret| match ended {
        true => Credential { expires_at: None, ..secret },
        false => secret,
    });
    let code = integration.last_error_code.map(|code| format!(" \u{b7} {code}"));
    let failed =
        integration.last_error_at.map(|at| view! { <KeyValue name="Last failed call"><Ago at=at/>{code}</KeyValue> });
    view! {
        <div class="flex min-w-0 flex-col gap-3 px-4 pb-4">
            <History days=strip/>
            <details class="text-sm">
                <summary class="fold w-fit py-1">"Details"</summary>
                <div class="pt-2">
                    <KeyValues>
                        {moment("Last successful call", integration.last_ok_at)}
                        {failed}
                        {moment("Connected", integration.connected_at)}
                        {credential.map(|secret| kept("Access", secret, at))}
                        {backup.map(|secret| kept("Backup access", secret, at))}
                    </KeyValues>
                </div>
            </details>
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
        CredentialKind::OauthCompany
        | CredentialKind::OauthLocation
        | CredentialKind::OauthUser
        | CredentialKind::OauthPage
        | CredentialKind::SystemUser => "OAuth token",
        CredentialKind::ApiKey => "Key",
    };
    let days = if age == 1 { "1 day old".to_owned() } else { format!("{age} days old") };
    view! {
        <KeyValue name=name>
            {kind} " · " {credential.fingerprint.clone()} " · version " {credential.version} " · " {days}
            {credential.last_used_at.map(|at| view! { " · last used " <Ago at=at/> })}
            {rotate.map(|day| view! { <span class=overdue(day)>{rotation(day)}</span> })}
        </KeyValue>
        {credential.expires_at.map(|at| view! { <KeyValue name="Access expires"><Exact at=at/>{credential.refreshable.then_some(" · renews automatically")}</KeyValue> })}
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
        <p class="text-sm text-warn">"These permissions weren't granted. Reconnect and check them:"</p>
        <div class="flex flex-wrap gap-1 py-2">{chips}</div>
    }
}

/// What a day of the history says, and its colour, in the order of the legend.
const DAYS: [(&str, &str); 4] =
    [("bg-ok", "Calls worked"), ("bg-warn", "Some failed"), ("bg-bad", "Calls failed"), ("bg-raised", "No calls")];

const fn kind_of(day: StripDay) -> (&'static str, &'static str) {
    match (day.ok, day.failed) {
        (0, 0) => DAYS[3],
        (_, 0) => DAYS[0],
        (0, _) => DAYS[2],
        _ => DAYS[1],
    }
}

/// The last fourteen days, one box for each, with their dates and what the colours mean.
#[component]
fn History(days: Vec<StripDay>) -> impl IntoView {
    let (Some(first), Some(last)) = (days.first().copied(), days.last().copied()) else { return ().into_any() };
    let date = |day: StripDay| dates::day(day.day);
    let boxes = days.into_iter().map(|day| {
        let (class, word) = kind_of(day);
        let label = format!("{}: {word}", date(day));
        let spoken = label.clone();
        view! { <li class=format!("h-5 w-2 rounded-sm {class}") title=label><span class="sr-only">{spoken}</span></li> }
    });
    let legend = DAYS.map(|(class, word)| {
        view! { <span class="inline-flex items-center gap-1.5"><span class=format!("size-2 rounded-sm {class}")></span>{word}</span> }
    });
    view! {
        <div class="flex flex-wrap items-center gap-x-4 gap-y-2 text-xs text-fg-3">
            <div class="flex items-center gap-2">
                <span class="whitespace-nowrap" aria-hidden="true">{date(first)}</span>
                <ul class="flex gap-1" aria-label="The last 14 days">{boxes.collect_view()}</ul>
                <span class="whitespace-nowrap" aria-hidden="true">{date(last)}</span>
            </div>
            <p class="flex flex-wrap gap-x-3 gap-y-1" aria-hidden="true">{legend.collect_view()}</p>
        </div>
    }
    .into_any()
}
