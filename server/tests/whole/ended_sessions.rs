//! A sign-in in progress does not survive an act that ends every session. Tested for every such act in the one
//! order that matters: the password is accepted, then the act happens, then the session starts.

use axum::http::StatusCode;
use domain::UserId;
use domain::identity::Role;

use crate::helpers::{Tenant, TestApp};
use crate::second_factor::{code_of, whole_session};
use crate::step_up::{PASSWORD, with_password};

/// Every act that ends all sessions of a person.
#[derive(Clone, Copy, Debug)]
enum Act {
    ChangePassword,
    SetPasswordByLink,
    AddFactor,
    SignOutEverywhere,
    EndedByPlatform,
    DisabledAndEnabled,
    PlatformRole,
    FactorReset,
}

const ALL: [Act; 8] = [
    Act::ChangePassword,
    Act::SetPasswordByLink,
    Act::AddFactor,
    Act::SignOutEverywhere,
    Act::EndedByPlatform,
    Act::DisabledAndEnabled,
    Act::PlatformRole,
    Act::FactorReset,
];

/// What the act needs, prepared before the race.
struct Ready {
    operations: Vec<(&'static str, String, Option<String>)>,
}

async fn ready(app: &TestApp, act: Act, user: UserId, admin: &str) -> Ready {
    let own = Some(whole_session(app, user).await);
    let admin = Some(admin.to_owned());
    let new = "nine ships leave at dawn";
    let form = |pairs: &[(&str, &str)]| serde_urlencoded::to_string(pairs).unwrap();
    let operations = match act {
        Act::ChangePassword => {
            vec![("change_password", form(&[("current_password", PASSWORD), ("password", new)]), own)]
        }
        Act::SetPasswordByLink => {
            let secret = web::token::Secret::new();
            let hour = std::time::Duration::from_secs(3600);
            store::invites::reset(&app.db, secret.hash(), user, hour).await.unwrap();
            vec![("set_password", form(&[("token", secret.expose()), ("password", new)]), None)]
        }
        Act::AddFactor => {
            app.submit("begin_second_factor", "", own.as_deref()).await;
            let page = app.browse("/me/second-factor", own.as_deref()).await.body;
            vec![("confirm_second_factor", format!("code={}", code_of(&page)), own)]
        }
        Act::SignOutEverywhere => vec![("sign_out_everywhere", String::new(), own)],
        Act::EndedByPlatform => vec![("end_sessions_of", format!("user={user}"), admin)],
        Act::DisabledAndEnabled => vec![
            ("set_person_disabled", format!("user={user}&disabled=true"), admin.clone()),
            ("set_person_disabled", format!("user={user}&disabled=false"), admin),
        ],
        Act::PlatformRole => vec![("set_platform_role", format!("user={user}&role=support"), admin)],
        Act::FactorReset => vec![("reset_second_factor", format!("user={user}"), admin)],
    };
    Ready { operations }
}

/// The cookie of a sign-in that was held between its password and its session while `meanwhile` happened.
async fn held(app: &TestApp, user: UserId, meanwhile: &Ready) -> String {
    let hold = app.base.hold("session.sign_in").await;
    let form =
        serde_urlencoded::to_string([("email", format!("{user}@example.test").as_str()), ("password", PASSWORD)]);
    let form = form.unwrap();
    let race = async {
        hold.reached().await;
        for (operation, form, cookie) in &meanwhile.operations {
            let done = app.submit(operation, form, cookie.as_deref()).await;
            assert!(
                done.status.is_success() || done.status.is_redirection(),
                "{operation}: {} {}",
                done.status,
                done.body
            );
        }
        hold.release().await;
    };
    let (signed_in, ()) = tokio::join!(app.submit("sign_in", &form, None), race);
    assert_eq!(signed_in.status, StatusCode::OK, "{}", signed_in.body);
    signed_in.cookie().unwrap()
}

async fn somebody(app: &TestApp, tenant: &Tenant) -> UserId {
    let user = app.person(Role::AgencyAdmin, tenant).await;
    with_password(app, user).await;
    user
}

#[tokio::test]
async fn a_sign_in_under_way_ends_with_all_others() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    for act in ALL {
        let user = somebody(&app, &tenant).await;
        let ready = ready(&app, act, user, &admin).await;
        let late = held(&app, user, &ready).await;
        let page = app.get("/me", Some(&late)).await;
        assert!(page.location.starts_with("/login"), "{act:?}: {} {}", page.status, page.location);
    }
    let user = somebody(&app, &tenant).await;
    let undisturbed = held(&app, user, &Ready { operations: Vec::new() }).await;
    assert_eq!(app.get("/me", Some(&undisturbed)).await.status, StatusCode::OK, "without an act it is a sign-in");
}

#[tokio::test]
async fn a_session_of_a_former_version_goes_on_until_it_is_ended() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = somebody(&app, &tenant).await;
    // Its proof has no generation number.
    let former = app.sign_in(user).await;
    app.base.execute("update users set session_generation = 7").await;
    assert_eq!(app.get("/me", Some(&former)).await.status, StatusCode::OK);
    app.submit("sign_out_everywhere", "", Some(&app.sign_in(user).await)).await;
    assert!(app.get("/me", Some(&former)).await.location.starts_with("/login"));
}
