//! May an owner of a business give a colleague another role, and whose role does nobody change?

use axum::http::StatusCode;
use domain::UserId;
use domain::identity::Role;
use domain::permission::{Right, allows};
use operations::{BusinessActor, Refusal, own_business};
use scraper::{Html, Selector};

use crate::authorisation::own_role;
use crate::helpers::{Tenant, TestApp};
use crate::languages::read;

fn form(tenant: &Tenant, user: UserId, role: &str) -> String {
    format!("business={}&user={user}&role={role}", tenant.business)
}

async fn actor(app: &TestApp, tenant: &Tenant, user: UserId) -> BusinessActor {
    let caller = store::identity::caller(&app.db, user).await.unwrap().unwrap();
    let place = domain::access::businesses(&caller, &tenant.business.to_string()).remove(0);
    BusinessActor::new(app.db.clone(), user, place)
}

#[tokio::test]
async fn a_colleague_who_becomes_an_owner_opens_what_was_refused_at_the_next_click() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (owner, member) = (app.person(Role::BusinessOwner, &tenant).await, app.person(Role::TeamMember, &tenant).await);
    let (owners, members) = (app.sign_in(owner).await, app.sign_in(member).await);
    let home = format!("/b/{}", tenant.business);
    let closed = format!("{home}/assistant");
    let opened = async || app.browse(&closed, Some(&members)).await.status;
    assert_eq!(opened().await, StatusCode::FORBIDDEN);
    // The second of two clicks changes nothing.
    for (role, status, rows) in [
        (Role::BusinessOwner, StatusCode::OK, 1),
        (Role::BusinessOwner, StatusCode::OK, 1),
        (Role::TeamMember, StatusCode::FORBIDDEN, 2),
    ] {
        let answer = app.post("set_colleague_role", &form(&tenant, member, role.key()), &home, &owners).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, home.as_str()));
        let told = format!("Role changed to {}. Takes effect immediately.", role.label());
        assert!(app.browse(&home, Some(&owners)).await.body.contains(&told), "{told}");
        assert_eq!(opened().await, status, "{role:?}");
        assert_eq!(app.audited(owner, "member.role_changed", "ok").await, rows, "{role:?}");
    }
}

#[tokio::test]
async fn a_choice_of_roles_stands_beside_each_colleague_whose_role_one_may_change() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let member = app.sign_in(app.person(Role::TeamMember, &tenant).await).await;
    let home = format!("/b/{}", tenant.business);
    let selects = Selector::parse("form[action='/do/set_colleague_role'] select[name='role']").unwrap();
    let chosen = Selector::parse("option[selected]").unwrap();
    // Whoever is made by a test is called by their role.
    for (language, label) in [("en", "Role for Team member"), ("es", "Rol de Team member")] {
        let page = Html::parse_document(&read(&app, &home, language, Some(&owner)).await.body);
        let found: Vec<_> = page.select(&selects).collect();
        let labels: Vec<_> = found.iter().filter_map(|select| select.value().attr("aria-label")).collect();
        assert_eq!(labels, [label], "none for one's own role");
        let now: Vec<_> = found[0].select(&chosen).filter_map(|option| option.value().attr("value")).collect();
        assert_eq!(now, ["team_member"]);
        let page = Html::parse_document(&read(&app, &home, language, Some(&member)).await.body);
        assert_eq!(page.select(&selects).count(), 0, "a team member gives no roles");
    }
}

#[tokio::test]
async fn nobody_changes_their_own_role_or_a_strangers_or_gives_more_than_they_may() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let (owner, member) = (app.person(Role::BusinessOwner, &tenant).await, app.person(Role::TeamMember, &tenant).await);
    let (stranger, assigned) =
        (app.person(Role::TeamMember, &other).await, app.person(Role::AgencyStaff, &tenant).await);
    // Somebody of the agency who has what a team member has, and may invite.
    let rights = Right::ALL.into_iter().filter(|right| allows(Role::TeamMember, *right));
    let rights: Vec<Right> = rights.chain([Right::AgencyRead, Right::BusinessInvite]).collect();
    let (desk, _) = own_role(&app, &tenant, "Front desk", &rights).await;
    let (owners, members, desks) = (app.sign_in(owner).await, app.sign_in(member).await, app.sign_in(desk).await);
    let strangers = app.sign_in(app.person(Role::BusinessOwner, &other).await).await;
    for (cookie, user, role, status, text) in [
        (&owners, owner, "team_member", StatusCode::CONFLICT, "You can't change your own role."),
        (&owners, stranger, "business_owner", StatusCode::NOT_FOUND, ""),
        (&owners, assigned, "business_owner", StatusCode::NOT_FOUND, ""),
        (&owners, member, "agency_admin", StatusCode::CONFLICT, "Choose a role you can grant."),
        (&owners, member, "captain", StatusCode::CONFLICT, "Choose a role."),
        (&strangers, member, "business_owner", StatusCode::NOT_FOUND, ""),
        (&members, member, "business_owner", StatusCode::FORBIDDEN, ""),
        (&members, owner, "team_member", StatusCode::FORBIDDEN, ""),
        (&desks, member, "business_owner", StatusCode::CONFLICT, "Choose a role you can grant."),
        (&desks, owner, "team_member", StatusCode::CONFLICT, "Their role has more access than yours"),
    ] {
        let answer = app.submit("set_colleague_role", &form(&tenant, user, role), Some(cookie)).await;
        assert!(
            answer.status == status && answer.body.contains(text),
            "{user} {role}: {} {}",
            answer.status,
            answer.body
        );
    }
    for user in [owner, member, stranger, assigned] {
        assert_eq!(app.audited_object(&user.to_string(), "member.role_changed").await, 0, "{user}");
    }
}

#[tokio::test]
async fn the_last_owner_who_can_sign_in_stays_one_also_for_the_agency() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (owner, other) =
        (app.person(Role::BusinessOwner, &tenant).await, app.person(Role::BusinessOwner, &tenant).await);
    let agency = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
    let home = format!("/b/{}", tenant.business);
    app.base.execute(format!("update users set disabled_at = now() where id = '{other}'").leak()).await;
    let form = form(&tenant, owner, "team_member");
    let posted = app.post("set_colleague_role", &form, &home, &agency).await;
    assert_eq!(posted.status, StatusCode::SEE_OTHER);
    let page = app.browse(&home, Some(&agency)).await.body;
    let why = "A business needs at least one owner. Make someone else an owner first.";
    assert!(page.contains(why), "{page}");
    assert_eq!(page.matches("form-errors").count(), 1, "at the form that was sent, and at no other: {page}");
    assert_eq!(app.submit("set_colleague_role", &form, Some(&agency)).await.status, StatusCode::CONFLICT);
    app.base.execute(format!("update users set disabled_at = null where id = '{other}'").leak()).await;
    assert_eq!(app.submit("set_colleague_role", &form, Some(&agency)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn of_two_owners_who_change_each_other_at_once_one_stays() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (one, two) = (app.person(Role::BusinessOwner, &tenant).await, app.person(Role::BusinessOwner, &tenant).await);
    let (first, second) = (actor(&app, &tenant, one).await, actor(&app, &tenant, two).await);
    let (demoted, late) = tokio::join!(
        own_business::change_role(&first, two, Role::TeamMember),
        own_business::change_role(&second, one, Role::TeamMember)
    );
    let refused = [&demoted, &late].into_iter().filter(|end| matches!(end, Err(Refusal::Forbidden(_)))).count();
    assert!(refused == 1 && demoted.is_ok() != late.is_ok(), "{demoted:?} {late:?}");
}
