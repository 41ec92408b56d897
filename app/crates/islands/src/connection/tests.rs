//! The card says what is true of a connection, at the time of its state, and its texts stay texts.

use chrono::{DateTime, TimeDelta, Utc};
use domain::integration::{Integration, StripDay};
use kit::Tone;
use leptos::prelude::*;
use uuid::Uuid;

use super::{Connection, ConnectionFacts, ConnectionHead, ConnectionState, checks};
use crate::json::{read, written};

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::hours(hours)
}

fn integration(name: &str) -> Integration {
    let json = serde_json::json!({
        "id": Uuid::nil(), "agency": Uuid::nil(), "business": null, "kind": "GOHIGHLEVEL", "is_active": true,
        "platform_id": "C1", "platform_name": name, "parent_platform_id": null, "scopes_granted": [], "scopes_missing": [],
        "setup_step": null, "credential": credential(), "token_expires_at": null, "connected_at": at(0), "connected_by": null,
        "last_event_at": null, "last_ok_at": at(1), "last_error_at": null, "last_error_code": null, "needs_reauth_at": null,
        "paused_at": null, "disconnected_at": null, "suspended_at": null, "limited_until": null,
        "installs_future_locations": null, "uninstall_asked_at": null, "uninstalled_at": null, "uninstall_error": null
    });
    serde_json::from_value(json).unwrap()
}

fn credential() -> serde_json::Value {
    serde_json::json!({
        "id": Uuid::nil(), "integration": Uuid::nil(), "version": 3, "slot": "current", "kind": "oauth_company",
        "fingerprint": "cred:0a1b2c3d", "scopes": [], "issued_at": at(0), "expires_at": at(24), "refresh_expires_at": null,
        "last_used_at": null, "refreshable": true
    })
}

fn drawn(integration: Integration, hours: i64) -> String {
    let connection = Connection { integration, strip: Vec::new(), backup: None };
    let state = ConnectionState { at: at(hours), connection: Some(connection), forms: String::new() };
    let state: ConnectionState = read(&written(&state)).unwrap();
    // Without the marks that stand between two pieces of text.
    card(state).replace("<!>", "")
}

fn card(state: ConnectionState) -> String {
    Owner::new().with(|| view! { <ConnectionHead state=state.clone()/><ConnectionFacts state/> }.to_html())
}

#[test]
fn the_checklist_is_shown_until_it_is_true() {
    let whole = integration("Harbor Marketing");
    assert!(checks(&whole).iter().all(|check| check.tone == Tone::Ok));
    assert!(!drawn(whole.clone(), 2).contains("Consent given"));
    let fresh = Integration { last_ok_at: None, scopes_missing: vec!["users.write".to_owned()], ..whole.clone() };
    let html = drawn(fresh, 2);
    for text in ["Consent given", "First call worked", ", to come", ", needs you", "users.write"] {
        assert!(html.contains(text), "{text} is missing in {html}");
    }
    let ended = Integration { needs_reauth_at: Some(at(1)), ..whole };
    assert_eq!(checks(&ended)[0].tone, Tone::Warn);
}

#[test]
fn the_state_depends_on_its_own_time() {
    let limited = Integration { limited_until: Some(at(5)), ..integration("Harbor Marketing") };
    assert!(drawn(limited.clone(), 4).contains("limit for today is used up"));
    assert!(!drawn(limited, 6).contains("limit for today is used up"));
}

#[test]
fn a_dead_connection_says_what_to_do_and_not_how_long_its_token_would_have_lasted() {
    let works = drawn(integration("Harbor Marketing"), 2);
    assert!(works.contains("Connected \u{b7} last used 1 hour ago") && works.contains("Access expires"), "{works}");
    let dead = drawn(Integration { needs_reauth_at: Some(at(1)), ..integration("Harbor Marketing") }, 2);
    assert!(dead.contains("HighLevel has disconnected us. Reconnect to continue."), "{dead}");
    assert!(!dead.contains("Access expires") && !dead.contains("last used 1 hour ago"), "{dead}");
}

#[test]
fn the_history_has_dates_and_says_what_its_colours_mean() {
    let day = |n: i64, ok, failed| StripDay { day: at(n * 24).date_naive(), ok, failed };
    let strip = vec![day(0, 3, 0), day(1, 1, 2), day(2, 0, 1), day(3, 0, 0)];
    let connection = Connection { integration: integration("Harbor Marketing"), strip, backup: None };
    let html = card(ConnectionState { at: at(73), connection: Some(connection), forms: String::new() });
    for text in ["Oct 4: Calls worked", "Oct 5: Some failed", "Oct 6: Calls failed", "Oct 7: No calls"] {
        assert!(html.contains(text), "{text} is missing in {html}");
    }
}

#[test]
fn names_stay_text_and_secrets_stay_away() {
    let html = drawn(integration("<img src=x onerror=alert(1)>"), 2);
    assert!(html.contains("&lt;img") && !html.contains("<img"), "{html}");
    assert!(html.contains("cred:0a1b2c3d") && html.contains("version 3"), "{html}");
}

#[test]
fn a_page_without_a_connection_has_an_empty_card() {
    let state = ConnectionState { at: at(0), connection: None, forms: String::new() };
    let html = card(state);
    assert!(html.contains("data-live=\"connection\"") && !html.contains("<h2"), "{html}");
}

#[test]
fn a_connection_arrives_as_it_was_sent() {
    let company = Box::new(integration("Harbor <b>Marketing</b>"));
    let whole = Integration {
        company: Some(company),
        scopes_missing: vec!["users.write".to_owned()],
        installs_future_locations: Some(false),
        setup_error: Some("refused \u{2013} twice".to_owned()),
        paused_at: Some(at(7)),
        ..integration("Harbor")
    };
    let strip = vec![StripDay { day: at(0).date_naive(), ok: 3, failed: 1 }];
    let connection = Connection { backup: whole.credential.clone(), strip, integration: whole };
    let sent = ConnectionState { at: at(9), connection: Some(connection), forms: "0f".to_owned() };
    assert_eq!(read::<ConnectionState>(&written(&sent)), Some(sent));
}
