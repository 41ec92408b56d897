//! Languages: who reads Spanish gets pages and mails in it, by browser, by choice, or by the country of the business.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use store::tenant::{Scope, TenantTx};

use crate::conversations::fill;
use crate::helpers::{Answer, TestApp};

/// Opens a page as a browser that asks for this language.
pub async fn read(app: &TestApp, path: &str, language: &str, cookie: Option<&str>) -> Answer {
    let mut request = Request::get(path).header(header::ACCEPT_LANGUAGE, language).header("sec-fetch-mode", "navigate");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_page_is_in_the_language_that_the_browser_asks_for() {
    let app = TestApp::new().await;
    for (language, lang, text) in [
        ("es-MX,es;q=0.9,en;q=0.8", "<html lang=\"es\"", "Iniciar sesión"),
        ("en-US,en;q=0.9", "<html lang=\"en\"", "Sign in"),
        ("de", "<html lang=\"en\"", "Sign in"),
    ] {
        let page = read(&app, "/login", language, None).await;
        assert!(page.body.contains(lang) && page.body.contains(text), "{language}: {}", page.body);
    }
}

#[tokio::test]
async fn the_chosen_language_wins_on_business_pages_and_agency_pages_stay_english() {
    let app = TestApp::new().await;
    let mut tenant = app.tenant().await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    fill(&app, &mut tenant, owner).await;
    let client = app.sign_in(owner).await;
    let home = format!("/b/{}", tenant.business);
    assert!(read(&app, &home, "en", Some(&client)).await.body.contains("Your business"));
    let chosen = app.submit("set_language", "language=es", Some(&client)).await;
    assert_eq!(chosen.status, StatusCode::OK, "{}", chosen.body);
    for path in [
        home.clone(),
        format!("{home}/integrations"),
        format!("{home}/integrations/incoming"),
        format!("{home}/integrations/choose/{}", tenant.choice),
        format!("{home}/inbox"),
        format!("{home}/inbox/{}", tenant.conversation),
        format!("{home}/contacts"),
        format!("{home}/find?q=a"),
        format!("{home}/contacts/{}", tenant.contact),
        format!("{home}/contacts/{}/merge", tenant.contact),
        format!("{home}/snippets"),
        format!("{home}/scheduled"),
        format!("{home}/assistant"),
        format!("{home}/assistant/knowledge"),
        format!("{home}/assistant/knowledge/{}", tenant.knowledge),
        format!("{home}/assistant/answers"),
        format!("{home}/assistant/answers/{}", tenant.answer),
        format!("{home}/assistant/try"),
        format!("{home}/assistant/rehearsals"),
        format!("{home}/assistant/rehearsals/{}", tenant.rehearsal),
        "/me".to_owned(),
    ] {
        let page = read(&app, &path, "en", Some(&client)).await.body;
        assert!(page.contains("<html lang=\"es\"") && page.contains("Cerrar sesión"), "{path}: {page}");
        for english in [
            "Your business",
            "Skip to content",
            "Edit details",
            "Connections",
            "Sign out",
            "Search names or phones",
            "Find a page",
            "Snooze until tomorrow",
            "Unassigned",
            "Send later",
            "Nothing is scheduled",
            "Connect WhatsApp",
            "Assistant draft",
            "Handed over",
        ] {
            assert!(!page.contains(english), "{path} says {english}: {page}");
        }
    }
    let wrong = app.submit("set_language", "language=xx", Some(&client)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);

    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    assert_eq!(app.submit("set_language", "language=es", Some(&owner)).await.status, StatusCode::OK);
    let clients = app.get(&format!("/a/{}/clients", tenant.agency), Some(&owner)).await;
    assert!(!clients.body.contains("<html lang=\"es\""), "{}", clients.body);
}

#[tokio::test]
async fn the_owner_of_a_business_in_mexico_is_invited_in_spanish() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    app.base.execute("update sub_accounts set country = 'MX'").await;
    let form = format!("agency={}&business={}&email=ana%40nueva.test", tenant.agency, tenant.business);
    assert_eq!(app.submit("invite_owner", &form, Some(&owner)).await.status, StatusCode::OK);
    app.send_mails().await;
    let mail = app.mailed().remove(0);
    for part in ["Aceptar la invitaci", "funciona una sola vez"] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    assert!(!mail.contains("Accept the invitation"), "{mail}");
}

#[tokio::test]
async fn a_spanish_browser_makes_a_spanish_account_whose_mails_are_in_spanish() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let form = format!("agency={}&business={}&email=luz%40nueva.test", tenant.agency, tenant.business);
    assert_eq!(app.submit("invite_owner", &form, Some(&owner)).await.status, StatusCode::OK);
    app.send_mails().await;
    let token = app.mailed_secret();
    let page = read(&app, &format!("/invite/{token}"), "es", None).await.body;
    assert!(page.contains("Aceptar la invitación"), "{page}");
    let accept = Request::post("/do/accept_invite")
        .header(header::ACCEPT_LANGUAGE, "es")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(format!("token={token}&name=Luz&password=nueve+barcos+salen+al+alba")));
    let accepted = app.send(accept.unwrap()).await;
    assert_eq!(accepted.location, format!("/b/{}", tenant.business), "{}", accepted.body);
    let account = store::identity::auth_user(&app.db, "luz@nueva.test").await.unwrap().unwrap();
    let mut tx = TenantTx::begin(&app.db, Scope::Person(account.id)).await.unwrap();
    let kept = store::identity::language(&mut tx, account.id).await.unwrap();
    assert_eq!(kept.map(domain::language::Language::key), Some("es"));
}
