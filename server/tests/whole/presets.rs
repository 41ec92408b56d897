//! Presets of new clients: saved from the form, which begins with one, and deleted.

use axum::http::StatusCode;
use domain::identity::Role;

use crate::helpers::TestApp;

#[tokio::test]
async fn a_preset_is_saved_from_the_form_begins_another_and_is_deleted() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyStaff, &tenant).await).await;
    // The address of the agency with its slug, to which every form leads back.
    let page = format!("/a/agency-{}/provisioning/new", tenant.agency);
    let form = |name: &str, zone: &str| {
        let agency = tenant.agency.to_string();
        serde_urlencoded::to_string([
            ("agency", agency.as_str()),
            ("preset", name),
            ("/client/name", "Bright <Dental>"),
            ("/client/country", "US"),
            ("/client/timezone", zone),
            ("/tags", "vip, dental"),
            ("/invite_owner", "on"),
        ])
        .unwrap()
    };
    let saved = app.post("save_preset", &form("Dental <b>", "America/New_York"), &page, &cookie).await;
    assert_eq!((saved.status, saved.location.as_str()), (StatusCode::SEE_OTHER, page.as_str()));
    let back = app.browse(&page, Some(&cookie)).await.body;
    assert!(back.contains("Bright &lt;Dental&gt;"), "the form is as it was");
    assert!(back.contains("Dental &lt;b&gt;") && !back.contains("Dental <b>"));
    let id = back.split("provisioning/new?preset=").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();

    let begun = app.browse(&format!("{page}?preset={id}"), Some(&cookie)).await.body;
    assert!(begun.contains("vip, dental") && !begun.contains("Bright &lt;Dental&gt;"), "a preset knows no client");

    for (name, zone, field) in [("", "America/New_York", "preset"), ("Moon", "Moon/Crater", "/client/timezone")] {
        app.post("save_preset", &form(name, zone), &page, &cookie).await;
        let refused = app.browse(&page, Some(&cookie)).await.body;
        assert!(refused.contains(&format!("id=\"error-{field}\"")), "{field}: {refused}");
    }
    let gone = app.post("remove_preset", &format!("agency={}&id={id}", tenant.agency), &page, &cookie).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    app.browse(&page, Some(&cookie)).await;
    assert!(!app.browse(&page, Some(&cookie)).await.body.contains("?preset="));
}
