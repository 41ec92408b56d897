//! Tests that each state of an integration follows from facts.

use chrono::TimeZone;
use uuid::Uuid;

use super::*;
use crate::credential::{Credential, CredentialKind, Slot, pit_warning};
use crate::integration::Kind;
use crate::{AgencyId, CredentialId, IntegrationId};

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).single().expect("a moment")
}

fn credential(kind: CredentialKind, age: i64) -> Credential {
    Credential {
        id: CredentialId(Uuid::nil()),
        integration: IntegrationId(Uuid::nil()),
        version: 1,
        slot: Slot::Current,
        kind,
        fingerprint: "cred:00000000".into(),
        scopes: vec![],
        issued_at: now() - Duration::days(age),
        expires_at: None,
        refresh_expires_at: (kind != CredentialKind::Pit).then(|| now() + Duration::days(365 - age)),
        last_used_at: None,
        refreshable: kind != CredentialKind::Pit,
    }
}

fn facts() -> Integration {
    Integration {
        id: IntegrationId(Uuid::nil()),
        agency: AgencyId(Uuid::nil()),
        business: None,
        kind: Kind::Gohighlevel,
        is_active: true,
        platform_id: "c".into(),
        platform_name: None,
        parent_platform_id: None,
        scopes_granted: vec![],
        scopes_missing: vec![],
        setup_step: None,
        setup_error: None,
        first_event_at: None,
        credential: Some(credential(CredentialKind::OauthCompany, 1)),
        token_expires_at: Some(now() + Duration::hours(20)),
        connected_at: Some(now() - Duration::days(1)),
        connected_by: None,
        last_event_at: None,
        last_ok_at: Some(now() - Duration::minutes(4)),
        last_error_at: None,
        last_error_code: None,
        needs_reauth_at: None,
        paused_at: None,
        disconnected_at: None,
        suspended_at: None,
        limited_until: None,
        installs_future_locations: Some(true),
        uninstall_asked_at: None,
        uninstalled_at: None,
        uninstall_error: None,
        company: None,
    }
}

fn word(change: impl FnOnce(&mut Integration)) -> State {
    let mut facts = facts();
    change(&mut facts);
    state(Some(&facts), now()).state
}

#[test]
fn each_word_has_its_facts() {
    assert_eq!(state(None, now()).state, State::NotConnected);
    assert_eq!(word(|f| f.connected_at = None), State::Connecting);
    assert_eq!(word(|_| ()), State::Working);
    assert_eq!(word(|f| f.last_ok_at = None), State::Quiet);
    assert_eq!(word(|f| f.last_ok_at = Some(now() - Duration::days(2))), State::Quiet);
    assert_eq!(word(|f| f.credential = Some(credential(CredentialKind::Pit, 76))), State::RenewSoon);
    assert_eq!(word(|f| f.credential = Some(credential(CredentialKind::OauthCompany, 359))), State::RenewSoon);
    assert_eq!(word(|f| f.token_expires_at = Some(now())), State::Expired);
    assert_eq!(word(|f| f.needs_reauth_at = Some(now())), State::Expired);
    assert_eq!(word(|f| f.last_error_at = Some(now())), State::Error);
    assert_eq!(word(|f| f.scopes_missing = vec!["locations.write".into()]), State::Error);
    assert_eq!(word(|f| f.installs_future_locations = Some(false)), State::Error);
    assert_eq!(
        word(|f| f.installs_future_locations = None),
        State::Working,
        "what is not known is not held against it"
    );
    assert_eq!(word(|f| f.suspended_at = Some(now())), State::Suspended);
    assert_eq!(word(|f| f.paused_at = Some(now())), State::Paused);
    assert_eq!(word(|f| f.disconnected_at = Some(now())), State::Disconnected);
}

#[test]
fn an_error_that_is_over_does_not_count_and_what_a_person_did_counts_first() {
    assert_eq!(word(|f| f.last_error_at = Some(now() - Duration::hours(1))), State::Working);
    let both = |f: &mut Integration| {
        f.paused_at = Some(now());
        f.needs_reauth_at = Some(now());
    };
    assert_eq!(word(both), State::Paused);
}

#[test]
fn a_locations_token_that_ended_is_no_trouble_and_one_that_a_person_must_mend_is() {
    let location = |f: &mut Integration| {
        f.parent_platform_id = Some("c".into());
        f.credential = Some(credential(CredentialKind::OauthLocation, 400));
        f.token_expires_at = Some(now() - Duration::days(3));
    };
    assert_eq!(word(location), State::Working);
    let dead = |f: &mut Integration| {
        location(f);
        f.needs_reauth_at = Some(now());
    };
    assert_eq!(word(dead), State::Expired);
}

#[test]
fn the_sentence_says_how_we_know() {
    let because = state(Some(&facts()), now()).because;
    assert_eq!(because, "Connected \u{b7} last used 4 min ago");
    let quiet = Integration { last_ok_at: None, ..facts() };
    assert_eq!(state(Some(&quiet), now()).because, "Connected \u{b7} not used yet");
}

#[test]
fn a_location_has_the_state_of_its_company_while_that_keeps_it_from_working() {
    type Change = fn(&mut Integration);
    let location = |change: Change| {
        let mut company = facts();
        change(&mut company);
        let location = Integration {
            parent_platform_id: Some("c".into()),
            platform_id: "l".into(),
            company: Some(Box::new(company)),
            ..facts()
        };
        state(Some(&location), now())
    };
    assert_eq!(location(|_| ()).state, State::Working);
    assert_eq!(location(|company| company.last_error_at = Some(now())).state, State::Working, "its own calls work");
    let cases: [(Change, State); 5] = [
        (|company| company.needs_reauth_at = Some(now()), State::Expired),
        (|company| company.token_expires_at = Some(now()), State::Expired),
        (|company| company.suspended_at = Some(now()), State::Suspended),
        (|company| company.paused_at = Some(now()), State::Paused),
        (|company| company.is_active = false, State::Disconnected),
    ];
    for (change, wanted) in cases {
        assert_eq!(location(change).state, wanted);
    }
    let ended = location(|company| company.needs_reauth_at = Some(now()));
    assert!(ended.because.contains("Reconnect HighLevel"), "{}", ended.because);
}

#[test]
fn what_a_person_switched_off_says_so_whatever_the_company_does() {
    let company = Integration { needs_reauth_at: Some(now()), ..facts() };
    let off = |location: &mut Integration| {
        location.company = Some(Box::new(company));
        location.paused_at = Some(now());
    };
    assert_eq!(word(off), State::Paused);
}

#[test]
fn a_token_rotated_by_hand_is_announced_three_times() {
    let at = |days| pit_warning(now() - Duration::days(days), now());
    assert_eq!((at(74), at(75), at(86), at(200)), (None, Some(75), Some(85), Some(90)));
}
