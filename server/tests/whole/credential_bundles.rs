//! Do the HighLevel tokens of an agency's clients come whole from one installation into another, once, and with the key of the
//! bundle alone?

use chrono::{TimeZone, Utc};
use domain::audit::filter;
use domain::credential::CredentialKind;
use domain::identity::Reach;
use operations::Refusal;
use operations::integrations::bundle::{self, Outcome};
use operations::integrations::tenant_credentials as credentials;
use secrecy::{ExposeSecret, SecretString};
use store::credentials::NewSecret;
use store::tenant::{Scope, TenantTx};

use crate::helpers::{Tenant, TestApp};
use crate::tenant_credentials::{hand_over, in_business, operator};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const OTHER_KEY: &str = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const ACCESS: &str = "access-token-of-a-bundle";
const REFRESH: &str = "refresh-token-of-a-bundle";
/// The agency of either installation: `bay`.
const BAY: &str = "update agencies set slug = 'bay' where slug like 'agency-%'";
/// The client of either installation: `demo`.
const NAMED: &str = "update sub_accounts set slug = 'demo' where name like 'business-%'";

fn agency_of(tenant: &Tenant) -> Scope {
    Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() }
}

/// An installation with the client `demo`.
async fn installed() -> (TestApp, Tenant) {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    app.base.execute(BAY).await;
    app.base.execute(NAMED).await;
    (app, tenant)
}

/// An installation whose client `demo` has tokens with all that comes with them.
async fn connected() -> (TestApp, Tenant) {
    let (app, tenant) = installed().await;
    hand_over(&app, &tenant).await;
    let mut tx = in_business(&app, &tenant).await;
    let location = format!("L{}", tenant.business);
    let known = store::integrations::location(&mut tx, &location).await.unwrap().unwrap();
    let secret = NewSecret {
        kind: CredentialKind::OauthLocation,
        access: SecretString::from(ACCESS),
        refresh: Some(SecretString::from(REFRESH)),
        scopes: vec!["contacts.readonly".to_owned()],
        expires_at: Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).single(),
        refresh_expires_at: Utc.with_ymd_and_hms(2031, 1, 1, 0, 0, 0).single(),
    };
    store::credentials::put(&mut tx, &app.vault, known.id, &secret).await.unwrap();
    tx.commit().await.unwrap();
    (app, tenant)
}

#[tokio::test]
async fn tokens_come_whole_into_another_installation_once_and_with_their_key_alone() {
    let (here, from) = connected().await;
    let key = SecretString::from(KEY);
    let made = bundle::export(&operator(&here, &from), &here.vault, &key).await.unwrap();
    assert_eq!(made.clients, 1);
    assert!(![ACCESS, REFRESH].iter().any(|word| made.text.contains(word)), "{}", made.text);

    let (there, to) = installed().await;
    let (actor, vault) = (operator(&there, &to), &there.vault);
    let refused = bundle::import(&actor, vault, &SecretString::from(OTHER_KEY), &made.text, None).await;
    assert!(matches!(refused, Err(Refusal::Store(store::Error::Sealed(_)))), "{refused:?}");
    let none = credentials::get(&actor, vault, "demo", "a test").await;
    assert!(matches!(none, Err(Refusal::NotFound)), "{none:?}");

    let taken = bundle::import(&actor, vault, &key, &made.text, None).await.unwrap();
    assert!(matches!(taken.as_slice(), [(client, Ok(Outcome::Stored))] if client == "demo"), "{taken:?}");
    let own = credentials::get(&operator(&here, &from), &here.vault, "demo", "a test").await.unwrap();
    let stored = credentials::get(&actor, vault, "demo", "a test").await.unwrap();
    assert_eq!((&stored.location, &stored.scopes), (&own.location, &own.scopes));
    assert_eq!((stored.expires_at, stored.refresh_expires_at), (own.expires_at, own.refresh_expires_at));
    assert_eq!(stored.access.expose_secret(), ACCESS);
    assert_eq!(stored.refresh.as_ref().map(ExposeSecret::expose_secret), Some(REFRESH));

    let again = bundle::import(&actor, vault, &key, &made.text, None).await.unwrap();
    assert!(matches!(again.as_slice(), [(_, Ok(Outcome::Kept))]), "{again:?}");
    let kept = credentials::get(&actor, vault, "demo", "a test").await.unwrap();
    assert_eq!(kept.version, stored.version, "an older bundle replaces nothing");
}

#[tokio::test]
async fn a_client_that_is_not_there_or_has_another_sub_account_is_left_out() {
    let (here, from) = connected().await;
    let key = SecretString::from(KEY);
    let made = bundle::export(&operator(&here, &from), &here.vault, &key).await.unwrap();
    let there = TestApp::new().await;
    let to = there.tenant().await;
    there.base.execute(BAY).await;
    let actor = operator(&there, &to);
    let absent = bundle::import(&actor, &there.vault, &key, &made.text, None).await.unwrap();
    assert!(matches!(absent.as_slice(), [(_, Err(Refusal::NotFound))]), "{absent:?}");

    there.base.execute(NAMED).await;
    let mut tx = in_business(&there, &to).await;
    store::businesses::set_location(&mut tx, to.business, "another").await.unwrap();
    tx.commit().await.unwrap();
    let other = bundle::import(&actor, &there.vault, &key, &made.text, None).await.unwrap();
    assert!(matches!(other.as_slice(), [(_, Err(Refusal::Invalid(_)))]), "{other:?}");
    let none = credentials::get(&actor, &there.vault, "demo", "a test").await;
    assert!(matches!(none, Err(Refusal::NotFound)), "{none:?}");
}

#[tokio::test]
async fn a_bundle_of_another_agency_is_taken_in_only_if_that_agency_is_named() {
    let (here, from) = connected().await;
    let key = SecretString::from(KEY);
    let made = bundle::export(&operator(&here, &from), &here.vault, &key).await.unwrap();
    let there = TestApp::new().await;
    let to = there.tenant().await;
    // A client of the same short name: nothing else tells the two apart.
    there.base.execute(NAMED).await;
    let (actor, vault) = (operator(&there, &to), &there.vault);
    for named in [None, Some("harbor")] {
        let refused = bundle::import(&actor, vault, &key, &made.text, named).await;
        let Err(Refusal::Invalid(errors)) = &refused else { panic!("{named:?}: {refused:?}") };
        assert!(errors[0].detail.contains("\"bay\""), "{errors:?}");
    }
    let none = credentials::get(&actor, vault, "demo", "a test").await;
    assert!(matches!(none, Err(Refusal::NotFound)), "{none:?}");
    let taken = bundle::import(&actor, vault, &key, &made.text, Some("bay")).await.unwrap();
    assert!(matches!(taken.as_slice(), [(_, Ok(Outcome::Stored))]), "{taken:?}");
}

#[tokio::test]
async fn tokens_that_come_from_highlevel_meanwhile_are_kept() {
    let (here, from) = connected().await;
    let key = SecretString::from(KEY);
    let made = bundle::export(&operator(&here, &from), &here.vault, &key).await.unwrap();
    let (there, to) = installed().await;
    let location = format!("L{}", from.business);
    let mut tx = in_business(&there, &to).await;
    store::businesses::set_location(&mut tx, to.business, &location).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = in_business(&there, &to).await;
    let business = Some(to.business);
    let connected = store::integrations::upsert_location(&mut tx, business, &location, "", None).await.unwrap();
    let newer = NewSecret {
        kind: CredentialKind::OauthLocation,
        access: SecretString::from("newer-access-token"),
        refresh: None,
        scopes: Vec::new(),
        expires_at: None,
        refresh_expires_at: None,
    };
    store::credentials::put(&mut tx, &there.vault, connected, &newer).await.unwrap();
    let (actor, vault, text) = (operator(&there, &to), there.vault.clone(), made.text.clone());
    let late = tokio::spawn(async move { bundle::import(&actor, &vault, &SecretString::from(KEY), &text, None).await });
    while !late.is_finished() && !there.base.waits_for_a_lock().await {}
    tx.commit().await.unwrap();
    let late = late.await.unwrap().unwrap();
    assert!(matches!(late.as_slice(), [(_, Ok(Outcome::Kept))]), "{late:?}");
    let kept = credentials::get(&operator(&there, &to), &there.vault, "demo", "a test").await.unwrap();
    assert_eq!(kept.access.expose_secret(), "newer-access-token");
}

#[tokio::test]
async fn an_export_is_one_row_of_the_audit_log_with_how_many_it_opened() {
    let (here, from) = connected().await;
    let before = here.base.contents().await.into_iter().find(|(table, _)| table.ends_with("audit_events")).unwrap().1;
    let key = SecretString::from(KEY);
    let made = bundle::export(&operator(&here, &from), &here.vault, &key).await.unwrap();
    let after = here.base.contents().await.into_iter().find(|(table, _)| table.ends_with("audit_events")).unwrap().1;
    let opened = |log: &str| log.matches("credential.opened").count();
    assert_eq!(opened(&after), opened(&before), "{after}");
    assert_eq!((after.matches("credential.exported").count(), made.clients), (1, 1), "{after}");
    let mut tx = TenantTx::begin(&here.db, agency_of(&from)).await.unwrap();
    let client = from.business.to_string();
    let acts =
        store::audit::list(&mut tx, &filter::query([("client", client.as_str())].into_iter())).await.unwrap().rows;
    let told: Vec<String> =
        acts.iter().map(domain::audit::sentence::plain).filter(|one| one.contains("export")).collect();
    let [told] = told.as_slice() else { panic!("the client reads it once: {told:?}") };
    assert!(told.starts_with("Whoever runs the server opened HighLevel access of business-"), "{told}");
    let acts = store::audit::list(&mut tx, &filter::query(std::iter::empty())).await.unwrap().rows;
    assert_eq!(acts.iter().filter(|act| act.action.starts_with("credential.")).count(), 1, "the agency reads it once");
    let act = acts.iter().find(|act| act.action == "credential.exported").unwrap();
    let told = domain::audit::sentence::plain(act);
    assert_eq!(told, "Whoever runs the server exported the HighLevel access of 1 client");
    assert_eq!(act.object_id.as_deref(), Some(from.agency.to_string().as_str()));
}

#[tokio::test]
async fn nothing_is_opened_for_a_key_that_seals_nothing() {
    let (here, from) = connected().await;
    let refused = bundle::export(&operator(&here, &from), &here.vault, &SecretString::from("hush")).await.err();
    assert!(matches!(refused, Some(Refusal::Store(store::Error::Sealed(_)))), "{refused:?}");
    let log = here.base.contents().await.into_iter().find(|(table, _)| table.ends_with("audit_events")).unwrap().1;
    assert!(log.contains("credential.stored"), "{log}");
    assert!(!log.contains("an export") && !log.contains("credential.exported"), "{log}");
}
