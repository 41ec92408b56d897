//! An agency's brand reaches what its clients see: mails, invitations, the pages of a business. Nobody else changes
//! it, and what is uploaded is a picture.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::identity::Role;

use crate::helpers::{Answer, Tenant, TestApp};
use crate::mails::link;

/// A PNG of one pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk-M9QDwADhgGAWjR9awAAAABJRU5ErkJggg";

/// Brand of an agency whose owner chose everything.
pub async fn branded(app: &TestApp, tenant: &Tenant) -> String {
    let owner = app.sign_in(app.person(Role::AgencyOwner, tenant).await).await;
    let form = format!("agency={}&accent=%23fff3a0&reply_to=hello%40harbor.test&logo_file={PIXEL}", tenant.agency);
    let done = app.submit("set_brand", &form, Some(&owner)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    owner
}

/// Sends a form with a file as a browser does.
async fn upload(app: &TestApp, cookie: &str, fields: &[(&str, &str)], file: &[u8]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    body.extend(b"--x\r\nContent-Disposition: form-data; name=\"logo_file\"; filename=\"logo.png\"\r\n");
    body.extend(b"Content-Type: image/png\r\n\r\n");
    body.extend(file);
    body.extend(b"\r\n--x--\r\n");
    let request = Request::post("/do/set_brand")
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body));
    app.send(request.unwrap()).await
}

#[tokio::test]
async fn a_brand_reaches_mails_invitations_and_the_business() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = branded(&app, &tenant).await;
    let form = format!("agency={}&business={}&email=x%40y.test", tenant.agency, tenant.business);
    assert_eq!(app.submit("invite_owner", &form, Some(&owner)).await.status, StatusCode::OK);
    app.send_mails().await;
    let mail = app.mailed().remove(0);
    assert!(mail.contains("Reply-To: hello@harbor.test") && mail.contains("via Slipway"), "{mail}");
    assert!(mail.contains(&format!("/brand/{}?v", tenant.agency)), "{mail}");
    let page = app.browse(&link(&mail), None).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for part in ["has set up your account for", "/brand/", "--accent:light-dark(#"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let client = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    for path in ["", "/integrations"] {
        let page = app.browse(&format!("/b/{}{path}", tenant.business), Some(&client)).await.body;
        assert!(page.contains("/brand/") && page.contains("--accent:light-dark(#"), "{path}: {page}");
        assert!(page.contains("Managed by") && !page.contains("good for"), "{path}: {page}");
    }
}

#[tokio::test]
async fn a_logo_is_a_picture_of_our_own_making_and_everybody_sees_it() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let path = format!("/brand/{}", tenant.agency);
    assert_eq!(app.get(&path, None).await.status, StatusCode::NOT_FOUND);
    let agency = tenant.agency.to_string();
    let fields = [("agency", agency.as_str()), ("accent", "#1d4ed8"), ("reply_to", "")];
    let mut hiding = URL_SAFE_NO_PAD.decode(PIXEL).unwrap();
    hiding.extend(b"<script>alert(1)</script>");
    let done = upload(&app, &owner, &fields, &hiding).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let logo = app.get(&path, None).await;
    assert_eq!(logo.status, StatusCode::OK);
    assert!(!logo.body.contains("<script>"), "what stood behind the picture is gone");
    // A picture may be larger than other forms: what stands behind it makes this one 600 KiB.
    hiding.resize(600 * 1024, 0);
    let done = upload(&app, &owner, &fields, &hiding).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    for bad in [b"<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>".as_slice(), b"\x89PNG\r\n\x1a\n", b"MZ"] {
        let refused = upload(&app, &owner, &fields, bad).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    }
    let large = upload(&app, &owner, &fields, &vec![0; domain::brand::LARGEST_LOGO + 1]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", large.body);
    let huge = upload(&app, &owner, &fields, &vec![0; 2 * domain::brand::LARGEST_LOGO]).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", huge.body);
    assert_eq!(app.get(&path, None).await.status, StatusCode::OK, "the good one stays");
    let removed = format!("agency={agency}&remove_logo=on");
    assert_eq!(app.submit("set_brand", &removed, Some(&owner)).await.status, StatusCode::OK);
    assert_eq!(app.get(&path, None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_brand_takes_colours_and_addresses_and_nothing_else() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    for bad in ["accent=red", "accent=%23fff;}body{display:none", "reply_to=nobody", "logo_file=!!"] {
        let refused = app.submit("set_brand", &format!("agency={}&{bad}", tenant.agency), Some(&owner)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}: {}", refused.body);
    }
}

#[tokio::test]
async fn a_business_corrects_its_details_and_invites_a_colleague() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let client = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let business = tenant.business;
    let form = format!("business={business}&phone=%28305%29+555-0100&website=https%3A%2F%2Fbright.example&city=Miami");
    let done = app.submit("change_own_details", &form, Some(&client)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let page = app.browse(&format!("/b/{business}"), Some(&client)).await.body;
    assert!(page.contains("+1 305-555-0100") && page.contains("Miami"), "{page}");
    let wrong = app.submit("change_own_details", &format!("business={business}&phone=12"), Some(&client)).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("\"phone\""), "{}", wrong.body);

    let form = format!("business={business}&colleague=t%40new.test&role=team_member");
    let invited = app.submit("invite_to_business", &form, Some(&client)).await;
    assert_eq!(invited.status, StatusCode::OK, "{}", invited.body);
    app.send_mails().await;
    let mail = app.mailed().remove(0);
    let token = app.mailed_secret();
    assert!(mail.contains("has set up your account for"), "{mail}");
    let form = format!("token={token}&name=Tess&password=nine+ships+leave+at+dawn");
    let accepted = app.submit("accept_invite", &form, None).await;
    assert_eq!(accepted.location, format!("/b/{business}"), "signed in, at the business: {}", accepted.body);

    let agency_role = format!("business={business}&colleague=t%40new.test&role=agency_owner");
    let refused = app.submit("invite_to_business", &agency_role, Some(&client)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    let member = app.sign_in(app.person(Role::TeamMember, &tenant).await).await;
    for (operation, form) in [
        ("change_own_details", format!("business={business}&city=X")),
        ("invite_to_business", format!("business={business}&colleague=a%40b.test&role=team_member")),
    ] {
        let refused = app.submit(operation, &form, Some(&member)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{operation}: {}", refused.body);
    }
}

#[tokio::test]
async fn a_new_link_ends_the_one_before() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let agency = tenant.agency;
    let form = format!("agency={agency}&email=new%40y.test&role=agency_staff");
    assert_eq!(app.submit("invite_colleague", &form, Some(&owner)).await.status, StatusCode::OK);
    app.send_mails().await;
    let first = link(&app.mailed().remove(0));
    let page = format!("/a/{agency}/team");
    let invite = |body: &str| {
        let at = body.find("name=\"invite\" value=\"").unwrap() + 21;
        body[at..at + 36].to_owned()
    };
    let id = invite(&app.browse(&page, Some(&owner)).await.body);
    let form = format!("agency={agency}&invite={id}");
    assert_eq!(app.submit("copy_invite_link", &form, Some(&owner)).await.status, StatusCode::OK);
    let shown = app.browse(&page, Some(&owner)).await.body;
    let copied = link(&shown);
    assert_ne!(first, copied);
    assert_eq!(app.browse(&first, None).await.status, StatusCode::CONFLICT, "the mailed link ended");
    assert_eq!(app.browse(&copied, None).await.status, StatusCode::OK);
    assert!(!app.browse(&page, Some(&owner)).await.body.contains("/invite/"), "it is shown once");

    assert_eq!(app.submit("resend_invite", &form, Some(&owner)).await.status, StatusCode::OK);
    app.send_mails().await;
    let again = link(app.mailed().last().unwrap());
    let ended = app.browse(&copied, None).await;
    assert!(
        ended.status == StatusCode::CONFLICT && ended.body.contains("This invitation has expired"),
        "{}",
        ended.body
    );
    assert_eq!(app.browse(&again, None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_was_idle_for_long_reads_why_they_sign_in_again() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let page = format!("/b/{}", tenant.business);
    assert_eq!(app.browse(&page, Some(&cookie)).await.status, StatusCode::OK);
    app.base.execute("update sessions set last_seen_at = now() - interval '13 hours', idle_seconds = 43200").await;
    let sent = app.get(&page, Some(&cookie)).await;
    assert!(sent.location.starts_with("/login?") && sent.location.ends_with("&idle=720"), "{}", sent.location);
    let told = app.browse(&sent.location, None).await.body;
    assert!(told.contains("You were signed out after 12 hours without activity."), "{told}");
    assert!(!app.get(&page, None).await.location.contains("idle="), "nobody was signed in");
}
