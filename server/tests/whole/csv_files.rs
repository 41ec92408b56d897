//! The audit log as a file: with the filters of its page, for whoever may read it, and without formulas.

use axum::http::{StatusCode, header};
use domain::identity::Role;

use crate::helpers::TestApp;

#[tokio::test]
async fn the_audit_log_is_downloaded_with_its_filters_and_no_cell_is_a_formula() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let staff = app.sign_in(app.person(Role::AgencyStaff, &tenant).await).await;
    for name in ["=HYPERLINK(1)", "Night shift"] {
        let form =
            [("agency", tenant.agency.to_string()), ("name", name.to_owned()), ("rights[]", "clients.read".to_owned())];
        let made = app.submit("make_role", &serde_urlencoded::to_string(form).unwrap(), Some(&admin)).await;
        assert!(made.status.is_success(), "{}", made.body);
    }
    let file = format!("/a/{}/audit.csv", tenant.agency);
    let page = app.browse(&format!("/a/{}/audit?q=role", tenant.agency), Some(&admin)).await.body;
    assert!(page.contains("/audit.csv?q=role"), "the page leads to it with its search");
    let answer = app.get(&file, Some(&admin)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
    assert!(answer.body.contains(",'=HYPERLINK(1),") && answer.body.contains(",Night shift,"), "{}", answer.body);
    let none = app.get(&format!("{file}?action.is=nothing"), Some(&admin)).await.body;
    assert_eq!(none.lines().count(), 1, "only the names of the columns: {none}");
    assert_eq!(app.audited_object(&tenant.agency.to_string(), "audit.downloaded").await, 2);
    let refused = app.get(&file, Some(&staff)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
}
