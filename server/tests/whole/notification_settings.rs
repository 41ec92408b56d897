//! What does the page of notification settings ask? Each role about what can reach it, and nobody about anything else.

use domain::identity::{AgencyRole, Role};
use domain::notifications::Kind;

use crate::helpers::TestApp;

#[tokio::test]
async fn a_page_asks_each_role_about_what_can_reach_it_and_about_nothing_else() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    for role in Role::ALL {
        let cookie = app.sign_in(app.person(role, &tenant).await).await;
        let page = app.get("/me/notifications", Some(&cookie)).await.body;
        let asked: Vec<Kind> =
            Kind::ALL.into_iter().filter(|kind| page.contains(&format!("name=\"{kind}\""))).collect();
        let of_agency = AgencyRole::BuiltIn(role);
        let works = matches!(role, Role::AgencyOwner | Role::AgencyAdmin | Role::AgencyStaff);
        let reaching = Kind::ALL.into_iter();
        let reaching: Vec<Kind> = reaching
            .filter(|kind| (works && kind.reaches_member(&of_agency)) || kind.reaches_in_business(role))
            .collect();
        assert_eq!(asked, reaching, "{role:?}");
        assert_eq!(page.contains("Nothing to choose"), reaching.is_empty(), "{role:?}: {page}");
        assert_eq!(page.contains("/do/set_my_notifications"), !reaching.is_empty(), "{role:?}");
    }
}
