//! The language of a business: its own people who chose none read pages and mails in it. A person's own choice and the
//! agency's English stay. Pages of a person's account exist in every language, too.

use axum::http::StatusCode;
use domain::UserId;
use domain::identity::Role;
use domain::notifications::Kind;
use operations::secret::Secret;
use store::tenant::{Scope, TenantTx};

use crate::helpers::{Tenant, TestApp, until};
use crate::languages::read;

/// A tenant whose business speaks Spanish because its owner chose so, and the owner's cookie.
async fn spanish(app: &TestApp) -> (Tenant, String) {
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let form = format!("business={}&language=es", tenant.business);
    let chosen = app.submit("set_business_language", &form, Some(&owner)).await;
    assert_eq!(chosen.status, StatusCode::OK, "{}", chosen.body);
    (tenant, owner)
}

#[tokio::test]
async fn people_who_chose_no_language_read_the_business_in_its_own() {
    let app = TestApp::new().await;
    let (tenant, owner) = spanish(&app).await;
    let home = format!("/b/{}", tenant.business);
    let member = app.sign_in(app.person(Role::TeamMember, &tenant).await).await;
    for cookie in [&owner, &member] {
        let page = read(&app, &home, "en", Some(cookie)).await.body;
        assert!(page.contains("<html lang=\"es\"") && page.contains("Su negocio"), "{page}");
    }
    let closed = read(&app, &format!("{home}/assistant"), "en", Some(&member)).await;
    assert_eq!(closed.status, StatusCode::FORBIDDEN);
    for part in ["<html lang=\"es\"", "pida a Business owner el rol «Propietario del negocio», que lo incluye."] {
        assert!(closed.body.contains(part), "a refused page, too: {part}: {}", closed.body);
    }
    let told = read(&app, &home, "en", Some(&owner)).await.body;
    assert!(told.contains("El de su país (English)") && told.contains("value=\"es\" selected"), "{told}");
    // Whoever chose a language, and whoever is of the agency, keeps theirs.
    assert_eq!(app.submit("set_language", "language=en", Some(&member)).await.status, StatusCode::OK);
    let staff = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    for cookie in [&member, &staff] {
        let page = read(&app, &home, "en", Some(cookie)).await.body;
        assert!(page.contains("<html lang=\"en\"") && page.contains("Your business"), "{page}");
    }
    // What is no language changes nothing, and an empty choice leaves it to the country again.
    let wrong = format!("business={}&language=xx", tenant.business);
    let refused = app.submit("set_business_language", &wrong, Some(&owner)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    assert!(refused.body.contains("Elija un idioma."), "{}", refused.body);
    let none = format!("business={}&language=", tenant.business);
    assert_eq!(app.submit("set_business_language", &none, Some(&staff)).await.status, StatusCode::OK);
    assert!(read(&app, &home, "en", Some(&owner)).await.body.contains("Your business"));
}

#[tokio::test]
async fn mails_to_people_of_a_business_are_in_its_language() {
    let app = TestApp::new().await;
    let (tenant, owner) = spanish(&app).await;
    app.base.execute("update sub_accounts set country = 'US'").await;
    let form = format!("business={}&colleague=luz%40nueva.test&role=team_member", tenant.business);
    assert_eq!(app.submit("invite_to_business", &form, Some(&owner)).await.status, StatusCode::OK);
    app.send_mails().await;
    assert!(app.mailed()[0].contains("Aceptar la invitaci"), "{}", app.mailed()[0]);

    let _ = std::fs::remove_dir_all(&app.mails);
    let member = app.person(Role::TeamMember, &tenant).await;
    let email = store::identity::caller(&app.db, member).await.unwrap().unwrap().email;
    let asked = app.submit("request_reset", &format!("email={email}"), None).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let mail = until("a mail", async || {
        app.send_mails().await;
        app.mailed().pop()
    })
    .await;
    assert!(mail.contains("lang=3D\"es\"") || mail.contains("lang=\"es\""), "{mail}");
}

#[tokio::test]
async fn the_pages_of_notifications_and_refused_pages_speak_spanish() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let member = app.sign_in(app.person(Role::TeamMember, &tenant).await).await;
    let owner = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    for (who, path, own, english) in [
        (&owner, "/me/notifications".to_owned(), "Lo habitual: ", "Default: "),
        (&owner, "/me/notifications".to_owned(), "Un agente de IA pide aprobación", "An AI agent needs"),
        (&member, "/me/notifications".to_owned(), "No hay nada que elegir", "Nothing to choose"),
        (&member, format!("/b/{}/assistant", tenant.business), "Con el rol «Miembro del equipo» no puede", "you can't"),
    ] {
        let page = read(&app, &path, "es", Some(who)).await.body;
        assert!(page.contains("<html lang=\"es\"") && page.contains(own), "{path}: {page}");
        assert!(!page.contains(english), "{path} says {english}: {page}");
    }
    let wrong = app.submit("set_my_notifications", "job.failed=pigeon", Some(&member)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
}

#[tokio::test]
async fn the_link_that_stops_emails_asks_in_the_language_of_the_browser() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let link = stop_link(&app, &tenant, app.person(Role::AgencyStaff, &tenant).await).await;
    for (language, asks, kind) in
        [("es", "¿Dejar de recibir estos correos?", "Un trabajo falló"), ("en", "Stop these emails?", "A job failed")]
    {
        let page = read(&app, &link, language, None).await.body;
        assert!(page.contains(asks) && page.contains(kind), "{language}: {page}");
    }
    let ended = read(&app, &format!("/unsubscribe/{}", "0".repeat(64)), "es", None).await.body;
    assert!(ended.contains("Este enlace es demasiado antiguo."), "{ended}");
}

/// The path of a link that stops emails about failed jobs.
async fn stop_link(app: &TestApp, tenant: &Tenant, user: UserId) -> String {
    let (secret, day) = (Secret::new(), std::time::Duration::from_secs(86_400));
    let reach = domain::identity::Reach::All;
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let fresh = (secret.expose(), secret.hash());
    let link = store::notifications::unsubscribe::offer(&mut tx, fresh, user, &[Kind::JobFailed], day).await.unwrap();
    tx.commit().await.unwrap();
    format!("/unsubscribe/{link}")
}
