//! What a person can make us mail to a stranger: few mails a day, with no text of theirs that reads as an address,
//! each with the one link that works. A program that follows every link and presses every button accepts nothing.

use axum::http::StatusCode;
use domain::AgencyId;
use domain::feature::{self, Audited};
use domain::identity::{Reach, Role};
use domain::work::Mail;
use slipway::boot::mails::MailComposer;
use store::mail_limits::{self, PER_SENDER_AND_ADDRESS};
use store::tenant::{PlatformTx, Scope, TenantTx};
use worker::Mailer as _;

use crate::helpers::{Tenant, TestApp};
use crate::mails::link;
use crate::step_up::{PASSWORD, with_password};
use crate::writes::wrote;

/// Every server function that mails an address that the caller chooses, with a form that contains
/// `x@stranger.test`.
fn mailing(tenant: &Tenant) -> [(&'static str, String, bool); 5] {
    let (agency, business) = (tenant.agency, tenant.business);
    let to = "x%40stranger.test";
    [
        ("invite_colleague", format!("agency={agency}&email={to}&role=agency_staff"), false),
        ("invite_owner", format!("agency={agency}&business={business}&email={to}"), false),
        ("create_agency", format!("name=X&slug=x-{}&owner={to}", &agency.to_string()[..8]), true),
        ("invite_to_agency", format!("agency={agency}&owner={to}"), true),
        ("invite_to_platform", format!("email={to}&role=support"), true),
    ]
}

/// A transaction of an agency.
async fn of(app: &TestApp, agency: AgencyId) -> TenantTx {
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    TenantTx::begin(&app.db, scope).await.unwrap()
}

/// Counts a mail of an agency, or of the platform, to the stranger.
async fn count(app: &TestApp, agency: Option<AgencyId>) {
    const TO: &str = "X@stranger.test";
    match agency {
        Some(agency) => {
            let mut tx = of(app, agency).await;
            mail_limits::take_in(&mut tx, TO).await.unwrap().unwrap();
            tx.commit().await.unwrap();
        }
        None => {
            let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
            mail_limits::take_in_platform(&mut tx, TO).await.unwrap().unwrap();
            tx.commit().await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_unknown_address_gets_few_mails_a_day_by_whatever_endpoint() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let of_business = format!("business={}&colleague=x%40stranger.test&role=team_member", tenant.business);
    let all = mailing(&tenant).into_iter().chain([("invite_to_business", of_business, false)]).collect::<Vec<_>>();
    let invites = feature::operations().filter(|one| matches!(one.audited, Audited::As("invite.made")));
    for one in invites.filter(|one| one.sample.iter().any(|(_, value)| value.contains('@'))) {
        assert!(all.iter().any(|(name, ..)| *name == one.name), "{} mails whom its form names: try it here", one.name);
    }
    for (operation, form, platform) in all {
        app.base.execute("delete from auth_throttles").await;
        let (cookie, agency) = if platform { (&admin, None) } else { (&owner, Some(tenant.agency)) };
        for _ in 0..PER_SENDER_AND_ADDRESS {
            count(&app, agency).await;
        }
        let mut known = app.writes().await;
        let full = app.submit(operation, &form, Some(cookie)).await;
        assert_eq!(full.status, StatusCode::TOO_MANY_REQUESTS, "{operation}: {}", full.body);
        assert!(full.body.contains("as many emails today"), "{operation}: {}", full.body);
        let again = async || drop(app.submit(operation, &form, Some(cookie)).await);
        let tables = wrote(async || app.writes().await, &mut known, again).await;
        assert!(tables.is_empty(), "{operation}: nothing is queued either: {tables:?}");
        let other = app.submit(operation, &form.replace("x%40stranger", "y%40stranger"), Some(cookie)).await;
        assert_eq!(other.status, StatusCode::OK, "somebody else, {operation}: {}", other.body);
        app.base.execute("update auth_throttles set created_at = created_at - interval '25 hours'").await;
        let tomorrow = app.submit(operation, &form.replace("slug=x", "slug=z"), Some(cookie)).await;
        assert_eq!(tomorrow.status, StatusCode::OK, "{operation}: {}", tomorrow.body);
        app.base.execute("delete from one_time_tokens").await;
    }
}

#[tokio::test]
async fn an_address_has_one_open_invitation_and_an_agency_so_many_mails() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let form = format!("agency={}&email=x%40stranger.test&role=agency_staff", tenant.agency);
    for _ in 0..3 {
        assert_eq!(app.submit("invite_colleague", &form, Some(&owner)).await.status, StatusCode::OK);
        app.send_mails().await;
    }
    let links: Vec<String> = app.mailed().iter().map(|mail| link(mail)).collect();
    assert_eq!(links.len(), 3);
    for (n, link) in links.iter().enumerate() {
        let page = app.browse(link, None).await;
        assert_eq!(page.status == StatusCode::OK, n == 2, "{n}: {}", page.status);
        assert!(n == 2 || page.body.contains("canceled or replaced"), "{}", page.body);
    }
    app.base.execute("update auth_throttles set failures = 500 where key_hash = sha256(convert_to('mails of|' || (select id from agencies limit 1), 'UTF8'))").await;
    let full = app.submit("invite_colleague", &form.replace("x%40", "z%40"), Some(&owner)).await;
    assert!(
        full.status == StatusCode::TOO_MANY_REQUESTS && full.body.contains("Your agency reached today's limit"),
        "{}",
        full.body
    );
}

#[tokio::test]
async fn owners_mails_of_jobs_are_few_to_one_address() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    app.base.execute("update sub_accounts set email = 'owner@stranger.test', name = 'Locked! Verify at https://evil.example/now'").await;
    let mailer = mail::Mailer::folder(app.mails.clone(), "Slipway <a@b.test>").unwrap();
    let composer = MailComposer::new(app.db.clone(), mailer, "http://127.0.0.1:3000".into());
    for sent in 0..8 {
        // As if nobody had been invited before.
        app.base.execute("update one_time_tokens set expires_at = now()").await;
        let outcome = composer.send(Some(tenant.agency), Some(tenant.business), Mail::InviteOwner).await;
        assert_eq!(outcome.is_ok(), sent < 5, "{outcome:?}");
    }
    let sent = app.mailed();
    assert_eq!(sent.len(), 5);
    assert!(sent.iter().all(|mail| !mail.contains("evil.example") && !mail.contains("https://")), "{}", sent[0]);
    assert!(sent[0].contains("Verify at https evil example now"), "{}", sent[0]);
}

#[tokio::test]
async fn a_mail_that_waits_is_counted_once_and_its_invitation_says_so() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    app.person(Role::AgencyStaff, &tenant).await;
    app.break_mails();
    for (operation, form, platform) in mailing(&tenant) {
        let done = app.submit(operation, &form, Some(if platform { &admin } else { &owner })).await;
        assert_eq!(done.status, StatusCode::OK, "{operation} holds although no mail leaves: {}", done.body);
    }
    assert_eq!(app.mails_counted("x@stranger.test").await, 5);
    let pages = [format!("/a/{}/team", tenant.agency), format!("/a/{}/clients/{}", tenant.agency, tenant.business)];
    // The invitation as an owner ended the one as a colleague, whose mail is given back.
    for _ in 0..=PER_SENDER_AND_ADDRESS {
        app.send_mails().await;
        for page in &pages {
            let shown = app.browse(page, Some(&owner)).await.body;
            assert!(shown.to_lowercase().contains("invitation not sent yet"), "{page}: {shown}");
        }
        assert_eq!(app.mails_counted("x@stranger.test").await, 4, "an attempt does not count again");
    }
    app.mend_mails();
    app.send_mails().await;
    assert_eq!((app.mailed().len(), app.mails_counted("x@stranger.test").await), (4, 4));
    for page in &pages {
        let shown = app.browse(page, Some(&owner)).await.body;
        assert!(!shown.to_lowercase().contains("invitation not sent yet"), "{page}: {shown}");
    }
}

#[tokio::test]
async fn wishes_of_a_whole_team_are_few_mails_to_one_person() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    app.person(Role::AgencyOwner, &tenant).await;
    let form = format!("agency={}&right=AuditRead", tenant.agency);
    for _ in 0..8 {
        let staff = app.sign_in(app.person(Role::AgencyStaff, &tenant).await).await;
        let asked = app.submit("ask_access", &form, Some(&staff)).await;
        assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    }
    app.send_mails().await;
    assert_eq!(app.mailed().len(), 5);
}

#[tokio::test]
async fn names_in_mails_are_no_addresses() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    app.base.execute("update agencies set name = 'Your bank account is locked. Verify at http://evil.example/verify now, or lose it'").await;
    let form = format!("agency={}&email=x%40stranger.test&role=agency_staff", tenant.agency);
    assert_eq!(app.submit("invite_colleague", &form, Some(&owner)).await.status, StatusCode::OK);
    app.send_mails().await;
    let sent = app.mailed().remove(0);
    assert!(!sent.contains("evil.example") && !sent.contains("http://evil") && !sent.contains("or lose it"), "{sent}");
}

#[tokio::test]
async fn a_link_alone_accepts_nothing_for_somebody_known() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let user = app.base.person(Role::BusinessOwner, None, None).await;
    with_password(&app, user).await;
    let form = format!("agency={}&email={user}%40example.test&role=agency_staff", tenant.agency);
    let invited = async || {
        app.submit("invite_colleague", &form, Some(&owner)).await;
        app.send_mails().await;
        app.mailed_secret()
    };
    let token = invited().await;
    let page = app.browse(&format!("/invite/{token}"), None).await.body;
    assert!(
        page.contains("autocomplete=\"username\"") && page.contains(&format!("value=\"{user}@example.test\"")),
        "{page}"
    );
    assert!(page.contains("autocomplete=\"current-password\""));
    for pressed in [format!("token={token}"), format!("token={token}&password=wrong&name=X")] {
        let refused = app.submit("accept_invite", &pressed, None).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    }
    // Nor for a person who is signed in as somebody else.
    let refused = app.submit("accept_invite", &format!("token={token}"), Some(&owner)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    let accept = serde_urlencoded::to_string([("token", token.as_str()), ("password", PASSWORD)]).unwrap();
    let accepted = app.submit("accept_invite", &accept, None).await;
    assert!(accepted.location.starts_with("/a/"), "signed in, at the agency: {}", accepted.location);
    let second = app.browse(&format!("/invite/{token}"), None).await.body;
    assert!(second.contains("was already accepted"), "{second}");

    let mut tx = of(&app, tenant.agency).await;
    store::memberships::remove_from_agency(&mut tx, user).await.unwrap();
    tx.commit().await.unwrap();
    // A session of the account is as good as its password.
    let (token, own) = (invited().await, app.sign_in(user).await);
    let page = app.browse(&format!("/invite/{token}"), Some(&own)).await.body;
    assert!(!page.contains("name=\"password\""), "{page}");
    let accepted = app.submit("accept_invite", &format!("token={token}"), Some(&own)).await;
    assert!(accepted.location.starts_with("/a/"), "{} {}", accepted.location, accepted.body);
}

#[tokio::test]
async fn every_new_password_stands_beside_its_account() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyOwner, &tenant).await;
    with_password(&app, user).await;
    let cookie = app.sign_in(user).await;
    let secret = web::token::Secret::new();
    store::invites::reset(&app.db, secret.hash(), user, std::time::Duration::from_secs(60)).await.unwrap();
    app.submit(
        "invite_colleague",
        &format!("agency={}&email=new%40stranger.test&role=agency_staff", tenant.agency),
        Some(&cookie),
    )
    .await;
    app.send_mails().await;
    let invite = app.mailed_secret();
    let own = format!("{user}@example.test");
    for (path, cookie, email) in [
        (format!("/password/{}", secret.expose()), None, own.as_str()),
        (format!("/invite/{invite}"), None, "new@stranger.test"),
        ("/me".to_owned(), Some(cookie.as_str()), own.as_str()),
    ] {
        let page = app.browse(&path, cookie).await.body;
        let names = page.matches("autocomplete=\"username\"").count();
        assert!(names == 1 && page.contains("autocomplete=\"new-password\""), "{path}: {page}");
        assert!(page.contains(&format!("value=\"{email}\"")), "{path}: {page}");
    }
}
