//! Can people change the name by which others know them?

use axum::http::StatusCode;
use domain::identity::Role;

use crate::helpers::TestApp;

#[tokio::test]
async fn a_person_changes_their_own_name_and_their_team_sees_it() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyOwner, &tenant).await;
    let cookie = app.sign_in(user).await;
    let changed = app.submit("set_my_name", "name=++Maya+Ren%C3%A9e++Okafor", Some(&cookie)).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(app.audited(user, "person.renamed", "ok").await, 1);
    for wrong in ["name=".to_owned(), "name=+%E2%80%8B+".to_owned(), format!("name={}", "x".repeat(121))] {
        let refused = app.submit("set_my_name", &wrong, Some(&cookie)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {}", refused.body);
    }
    for path in ["/me".to_owned(), format!("/a/{}/team", tenant.agency)] {
        let page = app.browse(&path, Some(&cookie)).await.body;
        assert!(page.contains("Maya Renée Okafor"), "{path}: {page}");
    }
}

#[tokio::test]
async fn nobody_without_a_session_changes_a_name() {
    let app = TestApp::new().await;
    let answer = app.submit("set_my_name", "name=Eve", None).await;
    assert!(!answer.status.is_success(), "{}", answer.body);
}
