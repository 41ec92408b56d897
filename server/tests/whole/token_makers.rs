//! Does a token do no more than its maker may do, from its making on and whenever that changes?

use axum::http::StatusCode;
use domain::identity::{AgencyRole, Reach, Role};
use domain::permission::{Right, TOKEN_SCOPES, right_of};
use store::tenant::{Scope, TenantTx};

use crate::authorisation::{call, give, own, own_role};
use crate::helpers::TestApp;

#[tokio::test]
async fn a_token_lends_no_more_than_its_maker_has() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let page = format!("/a/{}/tokens", tenant.agency);
    let ask = |scope: &str| format!("agency={}&name=Forms&{scope}=on", tenant.agency);
    // A token for tools belongs to one client, and this form makes none.
    for lent in TOKEN_SCOPES.into_iter().filter(|scope| *scope != "tools") {
        let rights = [Right::AgencyRead, Right::TokensManage, right_of(lent).unwrap()];
        let (user, role) = own_role(&app, &tenant, lent, &rights).await;
        let cookie = app.sign_in(user).await;
        let shown = app.get(&page, Some(&cookie)).await.body;
        for scope in TOKEN_SCOPES {
            // A scope may stand for a right that everybody here has.
            let may = rights.contains(&right_of(scope).unwrap());
            assert_eq!(shown.contains(&format!("name=\"{scope}\"")), may, "{lent}: {scope} on the form");
            let answer = app.submit("create_token", &ask(scope), Some(&cookie)).await;
            let wanted = if may { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            assert_eq!(answer.status, wanted, "{lent}: {scope} {}", answer.body);
        }
        give(&app, &tenant, user, own(role), Reach::Listed).await;
        let answer = app.submit("create_token", &ask(lent), Some(&cookie)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{lent} over clients they do not have");
        assert!(!app.get(&page, Some(&cookie)).await.body.contains("/do/create_token"), "nothing to offer");
    }
}

#[tokio::test]
async fn a_token_ends_with_what_its_maker_may_do() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let maker = app.person(Role::AgencyAdmin, &tenant).await;
    let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let page = format!("/a/{}/tokens", tenant.agency);
    let made = app.token_by(Some(maker), &tenant, &["provisioning", "snapshots"]).await;
    let servers = app.token(&tenant, &["snapshots"]).await;
    let platforms = app.person(Role::SuperAdmin, &tenant).await;
    let platforms = app.token_by(Some(platforms), &tenant, &["snapshots"]).await;
    let status = async |secret: &str, path: &str| call(&app, "GET", path, Some(secret)).await.status;
    let (snapshots, jobs) = ("/api/v1/snapshots", "/api/v1/provisioning/jobs");
    assert_eq!((status(&made, snapshots).await, status(&made, jobs).await), (StatusCode::OK, StatusCode::OK));
    let shown = app.get(&page, Some(&owner)).await.body;
    assert!(shown.contains("Agency admin") && !shown.contains("Refused"), "the page says whose it is");

    give(&app, &tenant, maker, AgencyRole::BuiltIn(Role::AgencyAdmin), Reach::Listed).await;
    assert_eq!(status(&made, snapshots).await, StatusCode::FORBIDDEN, "they no longer have all clients");
    let (_, role) = own_role(&app, &tenant, "Reader", &[Right::AgencyRead, Right::ProvisionRead]).await;
    give(&app, &tenant, maker, own(role), Reach::All).await;
    let now = (status(&made, snapshots).await, status(&made, jobs).await);
    assert_eq!(now, (StatusCode::OK, StatusCode::FORBIDDEN), "each scope has its own right");
    assert!(app.get(&page, Some(&owner)).await.body.contains("Refused"), "the page says that it ended");

    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    store::memberships::remove_from_agency(&mut tx, maker).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(status(&made, snapshots).await, StatusCode::UNAUTHORIZED, "they left");
    assert_eq!(status(&servers, snapshots).await, StatusCode::OK, "one made at the server belongs to nobody");
    assert_eq!(status(&platforms, snapshots).await, StatusCode::OK);
    app.base.execute("update users set disabled_at = now() where platform_role is not null").await;
    assert_eq!(status(&platforms, snapshots).await, StatusCode::UNAUTHORIZED, "disabled");
}
