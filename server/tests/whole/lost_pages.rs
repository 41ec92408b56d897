//! What does a signed-in person see at an address that no page has, and when a page fails? Inside a place of their own its
//! menu stays, with all else that stands around its pages. Of a foreign place they learn nothing, not even whether it exists.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use domain::permission::Right;
use uuid::Uuid;

use crate::authorisation::own_role;
use crate::brands::branded;
use crate::helpers::{Answer, TestApp};

/// Opens an address as a browser does that asks for this language.
async fn open(app: &TestApp, path: &str, language: &str, cookie: Option<&str>) -> Answer {
    let mut request = Request::get(path)
        .header(header::ACCEPT, "text/html,*/*;q=0.8")
        .header(header::ACCEPT_LANGUAGE, language)
        .header("sec-fetch-mode", "navigate");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

/// What stands around a page: its menu, its bell, its brand, the ring of first steps and Find.
const AROUND: [&str; 6] = [
    "aria-label=\"Main\"",
    "data-unread=\"",
    "--accent:light-dark(#",
    "src=\"/brand/",
    "of 5 first steps\"",
    "id=\"find\"",
];

/// Which of these the page has.
fn around(page: &Answer) -> [bool; 6] {
    AROUND.map(|part| page.body.contains(part))
}

/// What lies below a place and is no page of it.
const BELOW: [&str; 4] = ["secret-word-x", "clients/secret-word-x/y/z", "secret-word-x.csv", "live/secret-word-x"];

#[tokio::test]
async fn an_unknown_address_in_ones_own_place_keeps_its_menu() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (agency, business) = (format!("/a/{}", tenant.agency), format!("/b/{}", tenant.business));
    let (english, spanish) = (("en", "Page not found", "Sign out"), ("es", "Página no encontrada", "Cerrar sesión"));
    let in_english = ("es", english.1, english.2);
    for (role, root, languages) in [
        (Role::AgencyAdmin, agency.as_str(), [english, in_english]),
        (Role::AgencyStaff, agency.as_str(), [english, in_english]),
        (Role::AgencyAdmin, business.as_str(), [english, spanish]),
        (Role::BusinessOwner, business.as_str(), [english, spanish]),
        (Role::TeamMember, business.as_str(), [english, spanish]),
        (Role::SuperAdmin, "/admin", [english, in_english]),
        (Role::Support, "/admin", [english, in_english]),
    ] {
        let cookie = app.sign_in(app.person(role, &tenant).await).await;
        for below in BELOW {
            for (language, title, menu) in languages {
                let (path, what) = (format!("{root}/{below}"), format!("{role:?} {root}/{below} {language}"));
                let page = open(&app, &path, language, Some(&cookie)).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{what}");
                assert!(page.body.contains(title) && page.body.contains(menu), "{what}: {}", page.body);
                let crumb = format!("aria-current=\"page\" class=\"crumb text-fg\"><span class=\"truncate\">{title}<");
                assert!(page.body.contains(&crumb), "{what} is called otherwise in the header: {}", page.body);
                assert!(page.body.contains(&format!("href=\"{root}\"")) || root == agency, "{what}: no way home");
                assert!(!page.body.contains("secret-word-x"), "{what} is repeated");
            }
        }
    }
}

#[tokio::test]
async fn a_lost_a_refused_and_a_failed_page_of_a_business_look_like_its_others() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    branded(&app, &tenant).await;
    let root = format!("/b/{}", tenant.business);
    let desk = [Right::AgencyRead, Right::BusinessRead, Right::InboxRead, Right::InboxReply, Right::ToolsApprove];
    let (desk, _) = own_role(&app, &tenant, "Front desk", &desk).await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let member = app.person(Role::TeamMember, &tenant).await;
    let gone = format!("inbox/{}", Uuid::now_v7());
    for (who, user, rings, is_refused) in
        [("owner", owner, true, false), ("desk", desk, true, true), ("member", member, false, true)]
    {
        let cookie = app.sign_in(user).await;
        let home = open(&app, &root, "en", Some(&cookie)).await;
        assert_eq!(around(&home), [true, rings, true, true, false, true], "{who}: {}", home.body);
        let lost = [("secret-word-x", StatusCode::NOT_FOUND), (gone.as_str(), StatusCode::NOT_FOUND)];
        let refused = is_refused.then_some(("assistant", StatusCode::FORBIDDEN));
        for (below, status) in lost.into_iter().chain(refused) {
            let page = open(&app, &format!("{root}/{below}"), "en", Some(&cookie)).await;
            assert_eq!(page.status, status, "{who} {below}");
            assert_eq!(around(&page), around(&home), "{who} {below}: {}", page.body);
        }
        app.base.execute("alter table snippets rename to put_aside").await;
        let failed = open(&app, &format!("{root}/snippets"), "en", Some(&cookie)).await;
        app.base.execute("alter table put_aside rename to snippets").await;
        assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR, "{who}");
        assert_eq!(around(&failed), around(&home), "{who}: {}", failed.body);
    }
}

#[tokio::test]
async fn a_lost_and_a_refused_page_of_an_agency_or_the_platform_look_like_their_others() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let agency = format!("/a/{}", tenant.agency);
    let builder = [Right::AgencyRead, Right::AgencyManage, Right::ConnectionsManage, Right::TeamManage];
    let (builder, _) = own_role(&app, &tenant, "Builder", &builder).await;
    let staff = app.person(Role::AgencyStaff, &tenant).await;
    let support = app.person(Role::Support, &tenant).await;
    for (user, root, refused, has) in [
        (builder, agency.as_str(), Some("audit"), [true, true, false, false, true, true]),
        (staff, agency.as_str(), Some("audit"), [true, true, false, false, false, true]),
        (support, "/admin", None, [true, false, false, false, false, true]),
    ] {
        let cookie = app.sign_in(user).await;
        let home = open(&app, root, "en", Some(&cookie)).await;
        assert_eq!(around(&home), has, "{root}: {}", home.body);
        let refused = refused.map(|below| (below, StatusCode::FORBIDDEN));
        for (below, status) in [("secret-word-x", StatusCode::NOT_FOUND)].into_iter().chain(refused) {
            let page = open(&app, &format!("{root}/{below}"), "en", Some(&cookie)).await;
            assert_eq!(page.status, status, "{root}/{below}");
            assert_eq!(around(&page), has, "{root}/{below}: {}", page.body);
        }
    }
}

#[tokio::test]
async fn a_foreign_place_answers_as_one_that_does_not_exist() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let nobody = Uuid::now_v7();
    for role in [Role::AgencyOwner, Role::AgencyStaff, Role::BusinessOwner, Role::TeamMember] {
        let cookie = app.sign_in(app.person(role, &own).await).await;
        let unknown = open(&app, "/secret-word-x", "en", Some(&cookie)).await;
        for below in BELOW {
            for (theirs, none) in [
                (format!("/a/{}/{below}", other.agency), format!("/a/{nobody}/{below}")),
                (format!("/b/{}/{below}", other.business), format!("/b/{nobody}/{below}")),
                (format!("/admin/{below}"), format!("/a/no-such-agency/{below}")),
            ] {
                let [theirs, none] =
                    [open(&app, &theirs, "en", Some(&cookie)).await, open(&app, &none, "en", Some(&cookie)).await];
                assert_eq!(theirs.status, StatusCode::NOT_FOUND, "{role:?} {below}");
                assert_eq!(theirs.body, none.body, "{role:?} {below} tells whether the place exists");
                assert_eq!(theirs.body, unknown.body, "{role:?} {below} is more than an unknown address");
                assert!(!theirs.body.contains("Sign out"), "{role:?} {below}");
            }
        }
    }
}

#[tokio::test]
async fn programs_and_people_who_are_not_signed_in_get_no_page_of_a_place() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    for root in [format!("/a/{}", tenant.agency), format!("/b/{}", tenant.business), "/admin".to_owned()] {
        let path = format!("{root}/secret-word-x");
        let anonymous = open(&app, &path, "en", None).await;
        assert_eq!(anonymous.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!anonymous.body.contains("Sign out"), "{path}");
        let program = app.get(&path, Some(&cookie)).await;
        assert_eq!(program.status, StatusCode::NOT_FOUND, "{path}");
        let problem: serde_json::Value = serde_json::from_str(&program.body).unwrap();
        assert_eq!(problem["status"], 404, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_fails_keeps_the_menu() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let path = format!("/a/{}/phone-routes", tenant.agency);
    assert_eq!(open(&app, &path, "en", Some(&cookie)).await.status, StatusCode::OK);
    app.base.execute("alter table phone_routing rename to put_aside").await;
    let page = open(&app, &path, "en", Some(&cookie)).await;
    app.base.execute("alter table put_aside rename to phone_routing").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    let said = [
        "This page could not be shown",
        "Reload the page",
        "no data was lost",
        "tell support incident",
        "Sign out",
        "href=\"/\"",
        "data-unread=\"",
    ];
    for part in said {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}
