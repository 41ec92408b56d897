//! What people can do on the pages of an agency and of the platform, and what is stored afterwards: settings,
//! trash, demo world, search.

use crate::helpers::TestApp;
use axum::http::StatusCode;
use domain::identity::{Reach, Role};
use domain::page::ListQuery;
use domain::snapshot::SeenSnapshot;
use store::tenant::{PlatformTx, Scope, TenantTx};

#[tokio::test]
async fn settings_are_kept_or_come_back_with_what_was_typed() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    let cookie = app.sign_in(user).await;
    let page = format!("/a/{}/settings", tenant.agency);
    let form = |retries: &str| {
        format!("agency={}&max_retries={retries}&jobs_at_once=9&app_address=app.harbor.test", tenant.agency)
    };
    app.post("set_agency_settings", &form("21"), &page, &cookie).await;
    let back = app.browse(&page, Some(&cookie)).await.body;
    assert!(back.contains("a whole number from 0 to 20") && back.contains("value=\"21\""));
    app.post("set_agency_settings", &form("5"), &page, &cookie).await;
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let kept = store::agencies::settings(&mut tx).await.unwrap();
    assert_eq!((kept.max_retries, kept.jobs_at_once, kept.name_marker), (5, 9, false));
    assert_eq!(
        kept.location_page(domain::agency::APP_ADDRESS, "L1"),
        "https://app.harbor.test/v2/location/L1/dashboard"
    );
    assert_eq!(app.audited(user, "agency.settings", "ok").await, 1);
    app.post("rename_agency", &format!("agency={}&name=North+Harbor", tenant.agency), &page, &cookie).await;
    assert!(app.browse(&page, Some(&cookie)).await.body.contains("North Harbor"));
}

#[tokio::test]
async fn the_ring_of_first_steps_stays_until_all_are_done_or_put_aside() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let staff = app.sign_in(app.person(Role::AgencyStaff, &tenant).await).await;
    let (home, team) = (format!("/a/{}", tenant.agency), format!("/a/{}/team", tenant.agency));
    let aside = async |step: &str| {
        app.post("dismiss_step", &format!("agency={}&step={step}", tenant.agency), &home, &cookie).await;
    };
    // A job, a business and two people exist.
    assert!(app.browse(&team, Some(&cookie)).await.body.contains("2 of 5 first steps"));
    assert!(!app.browse(&home, Some(&staff)).await.body.contains("first steps"), "who can't take them isn't asked");
    let form = format!("agency={}&step=nothing", tenant.agency);
    let wrong = app.submit("dismiss_step", &form, Some(&cookie)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    aside("connect").await;
    let page = app.browse(&home, Some(&cookie)).await.body;
    // Shown in the menu and under "More" on a phone, each with its words and its hint.
    assert_eq!(page.matches("3 of 5 first steps").count(), 4);
    assert!(page.contains("line-through") && page.contains("skipped") && page.contains("Go to connections"));
    aside("snapshots").await;
    aside("watch").await;
    assert!(!app.browse(&team, Some(&cookie)).await.body.contains("first steps"));
    assert!(!app.browse(&home, Some(&cookie)).await.body.contains("Get started"));
}

#[tokio::test]
async fn an_agency_goes_to_the_trash_by_its_name_and_comes_back() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let member = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let home = format!("/a/{}", tenant.agency);
    let form = |deleted: bool, name: &str| format!("agency={}&deleted={deleted}&confirm={name}", tenant.agency);
    let wrong = app.submit("set_agency_deleted", &form(true, "Another"), Some(&admin)).await;
    assert_eq!(wrong.status, StatusCode::CONFLICT);
    assert_eq!(app.get(&home, Some(&member)).await.status, StatusCode::OK);
    let name = format!("agency-{}", tenant.agency);
    assert_eq!(app.submit("set_agency_deleted", &form(true, &name), Some(&admin)).await.status, StatusCode::OK);
    assert_eq!(app.get(&home, Some(&member)).await.status, StatusCode::NOT_FOUND);
    let trash = app.browse("/admin/agencies?view=trash", Some(&admin)).await.body;
    assert!(trash.contains(&name) && trash.contains("30 days") && trash.contains("Restore"));
    assert_eq!(app.submit("set_agency_deleted", &form(false, ""), Some(&admin)).await.status, StatusCode::OK);
    assert_eq!(app.get(&home, Some(&member)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_business_comes_back_from_the_trash() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let owner = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    let scope = Scope::AgencyBusiness {
        user: None,
        agency: tenant.agency,
        business: tenant.business,
        reach: Reach::All,
        listed: Vec::new(),
    };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    store::businesses::remove(&mut tx, tenant.business).await.unwrap();
    tx.commit().await.unwrap();
    let home = format!("/b/{}", tenant.business);
    assert_eq!(app.get(&home, Some(&owner)).await.status, StatusCode::NOT_FOUND);
    let trash = app.browse("/admin/businesses?view=trash", Some(&admin)).await.body;
    assert!(trash.contains("/do/restore_business"));
    let form = format!("agency={}&business={}", tenant.agency, tenant.business);
    assert_eq!(app.submit("restore_business", &form, Some(&admin)).await.status, StatusCode::OK);
    assert_eq!(app.get(&home, Some(&owner)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_snapshot_gets_a_niche_and_is_found_by_it() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let seen = [("s1", "Dental Pro"), ("s2", "Yoga Flow")].map(|(id, name)| SeenSnapshot {
        ghl_snapshot_id: id.to_owned(),
        name: name.to_owned(),
        kind: None,
    });
    store::snapshots::sync(&mut tx, &seen).await.unwrap();
    let rows = store::snapshots::list(&mut tx, &ListQuery::default()).await.unwrap().rows;
    let id = rows.iter().find(|row| row.name == "Dental Pro").unwrap().id;
    tx.commit().await.unwrap();
    let page = format!("/a/{}/snapshots", tenant.agency);
    let form =
        |niche: &str| format!("agency={}&snapshot={id}&niche={niche}&description=For+recall+campaigns", tenant.agency);
    let refused = app.submit("describe_snapshot", &form(&"x".repeat(61)), Some(&cookie)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    assert!(!app.browse(&page, Some(&cookie)).await.body.contains("For recall campaigns"));
    app.post("describe_snapshot", &form("Teeth"), &page, &cookie).await;
    let all = app.browse(&page, Some(&cookie)).await.body;
    assert!(all.contains("For recall campaigns") && all.contains("view=niche%3ATeeth") && all.contains("Yoga Flow"));
    let found = app.browse(&format!("{page}?view=niche%3ATeeth"), Some(&cookie)).await.body;
    assert!(found.contains("Dental Pro") && !found.contains("Yoga Flow"));
}

#[tokio::test]
async fn a_demo_world_without_a_simulator_leaves_nothing_half_made() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let answer = app.submit("seed_demo", "", Some(&admin)).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{}", answer.body);
    assert!(answer.body.contains("simulator"));
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    assert!(store::agencies::find_ref(&mut tx, "harbor").await.unwrap().is_none());
}

#[tokio::test]
async fn the_first_page_says_what_is_ready_and_offers_both_ways() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
    let page = app.browse("/admin/start", Some(&admin)).await.body;
    for text in
        ["Database", "Migrations", "Encryption key", "Public address", "Email", "Clock", "/do/seed_demo", "Start clean"]
    {
        assert!(page.contains(text), "the page lacks {text}");
    }
}

#[tokio::test]
async fn only_what_one_reaches_is_found() {
    let app = TestApp::new().await;
    let (own, other) = (app.tenant().await, app.tenant().await);
    let hidden = app.base.business(own.agency).await;
    let admin = app.sign_in(app.person(Role::AgencyAdmin, &own).await).await;
    let staff = app.sign_in(app.person(Role::AgencyStaff, &own).await).await;
    let form = format!("agency={}&q=business-", own.agency);
    let found = app.submit("find", &form, Some(&admin)).await.body;
    assert!(found.contains(&own.business.to_string()) && found.contains(&hidden.to_string()));
    assert!(!found.contains(&other.business.to_string()));
    let found = app.submit("find", &form, Some(&staff)).await.body;
    assert!(found.contains(&own.business.to_string()) && !found.contains(&hidden.to_string()));
    let page = |q: &str| format!("/a/{}/find?q={q}", own.agency);
    assert!(app.browse(&page("te"), Some(&admin)).await.body.contains("/team"));
    assert!(
        app.browse(&page("bright"), Some(&admin)).await.body.contains(&own.job.to_string()),
        "jobs by the client's name"
    );
    let people = app.browse(&page("example.test"), Some(&staff)).await.body;
    assert!(!people.contains("Agency admin"), "staff do not see the team");
}

#[tokio::test]
async fn a_client_is_given_to_a_colleague_and_taken_from_them() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let admin = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    // Staff of the agency to whom no client is assigned yet.
    let staff = app.base.person(Role::AgencyStaff, Some(tenant.agency), None).await;
    let (staff_cookie, owner) = (app.sign_in(staff).await, app.person(Role::BusinessOwner, &tenant).await);
    let page = format!("/a/{}/clients/{}", tenant.agency, tenant.business);
    let (list, team) = (format!("/a/{}/clients", tenant.agency), format!("/a/{}/team", tenant.agency));
    assert_eq!(app.get(&page, Some(&staff_cookie)).await.status, StatusCode::NOT_FOUND);
    assert!(app.browse(&list, Some(&staff_cookie)).await.body.contains("No clients are assigned to you yet"));

    let form = |user, business| format!("agency={}&business={business}&user={user}", tenant.agency);
    app.post("assign_client", &form(staff, tenant.business), &page, &admin).await;
    assert_eq!(app.get(&page, Some(&staff_cookie)).await.status, StatusCode::OK, "from their next click on");
    let refused = app.submit("assign_client", &form(staff, tenant.business), Some(&staff_cookie)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "staff give nothing: {}", refused.body);
    let elsewhere = app.submit("assign_client", &form(staff, other.business), Some(&admin)).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND, "{}", elsewhere.body);
    // An owner of the business remains its owner.
    let own = app.submit("assign_client", &form(owner, tenant.business), Some(&admin)).await;
    assert_eq!(own.status, StatusCode::NOT_FOUND, "{}", own.body);
    assert!(app.browse(&team, Some(&admin)).await.body.contains("1 client<"));

    app.post("unassign_client", &form(staff, tenant.business), &page, &admin).await;
    assert_eq!(app.get(&page, Some(&staff_cookie)).await.status, StatusCode::NOT_FOUND);
    let again = app.submit("unassign_client", &form(staff, tenant.business), Some(&admin)).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_owner_is_invited_once_and_removed_and_a_decoy_name_opens_nobody_elses_client() {
    let app = TestApp::new().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let admin = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let staff = app.person(Role::AgencyStaff, &tenant).await;
    let foreign = app.person(Role::AgencyStaff, &other).await;
    let page = format!("/a/{}/clients/{}", tenant.agency, tenant.business);
    let form = |more: String| format!("agency={}&business={}&{more}", tenant.agency, tenant.business);
    let invite = async |email: String| app.submit("invite_owner", &form(format!("email={email}")), Some(&admin)).await;
    assert_eq!(invite(format!("{staff}%40example.test")).await.status, StatusCode::UNPROCESSABLE_ENTITY, "a colleague");
    app.post("invite_owner", &form("email=wrong%40example.test".to_owned()), &page, &admin).await;
    app.post("invite_owner", &form("email=right%40example.test".to_owned()), &page, &admin).await;
    let shown = app.browse(&page, Some(&admin)).await.body;
    assert!(shown.contains("right@example.test"), "{shown}");
    // The activity names the former one still, so what is open is read where it is kept.
    let (agency, business) = (tenant.agency, tenant.business);
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let open: Vec<_> = store::invites::list(&mut tx).await.unwrap().into_iter().map(|invite| invite.email).collect();
    tx.commit().await.unwrap();
    assert_eq!(open, ["right@example.test"], "the next ends the former");
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let second = invite("third%40example.test".to_owned()).await;
    assert_eq!(second.status, StatusCode::CONFLICT, "it has an owner: {}", second.body);
    let cookie = app.sign_in(owner).await;
    let own = format!("/b/{}", tenant.business);
    assert_eq!(app.get(&own, Some(&cookie)).await.status, StatusCode::OK);
    app.post("remove_client_member", &form(format!("user={owner}")), &page, &admin).await;
    assert_eq!(app.get(&own, Some(&cookie)).await.status, StatusCode::NOT_FOUND);

    // Each agency's client has the other client's id as its slug.
    app.base
        .execute("update sub_accounts a set slug = b.id::text from sub_accounts b where a.agency_id <> b.agency_id")
        .await;
    let before = app.written().await;
    for (operation, more) in [
        ("assign_client", format!("user={staff}")),
        ("unassign_client", format!("user={foreign}")),
        ("invite_owner", "email=x%40example.test".to_owned()),
        ("remove_client_member", format!("user={foreign}")),
        ("withdraw_client_invite", format!("invite={foreign}")),
        ("resend_client_invite", format!("invite={foreign}")),
        ("copy_client_invite_link", format!("invite={foreign}")),
    ] {
        let form = format!("agency={}&business={}&{more}", tenant.agency, other.business);
        assert_eq!(app.submit(operation, &form, Some(&admin)).await.status, StatusCode::NOT_FOUND, "{operation}");
    }
    assert_eq!(app.written().await, before);
}

#[tokio::test]
async fn of_two_clients_with_one_short_name_the_one_that_is_meant_opens() {
    let app = TestApp::new().await;
    let (one, two) = (app.tenant().await, app.tenant().await);
    app.base.execute("update sub_accounts set slug = 'bright-dental', name = 'Bright of ' || agency_id").await;
    let user = app.person(Role::BusinessOwner, &one).await;
    let cookie = app.sign_in(user).await;
    let page = app.browse("/b/bright-dental", Some(&cookie)).await;
    assert_eq!(page.status, StatusCode::OK, "the only one of theirs");
    let (agency, business) = (two.agency, two.business);
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    store::memberships::add_to_business(&mut tx, user, Role::TeamMember).await.unwrap();
    tx.commit().await.unwrap();
    let page = app.browse("/b/bright-dental", Some(&cookie)).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    for tenant in [&one, &two] {
        let path = format!("/b/{}", tenant.business);
        assert!(page.body.contains(&format!("href=\"{path}\"")), "{}", page.body);
        let own = app.browse(&path, Some(&cookie)).await;
        assert!(own.status == StatusCode::OK && own.body.contains(&format!("Bright of {}", tenant.agency)), "{path}");
    }
}

#[tokio::test]
async fn the_page_of_snapshots_says_how_far_the_list_was_read_and_what_to_do() {
    use domain::snapshot::sync::SyncFailure;
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let cookie = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let page = format!("/a/{}/snapshots", tenant.agency);
    let shows = async |words: &str, button: &str| {
        let body = app.browse(&page, Some(&cookie)).await.body;
        assert!(body.contains(words) && body.contains(button), "{words}: {body}");
    };
    let agency = async || {
        let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
        TenantTx::begin(&app.db, scope).await.unwrap()
    };
    shows("Connect HighLevel to see your snapshots", "/connections").await;
    let refused = app.submit("sync_snapshots", &format!("agency={}", tenant.agency), Some(&cookie)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    let mut tx = agency().await;
    let new = store::integrations::NewConnection {
        kind: domain::integration::Kind::Gohighlevel,
        platform_id: "C1",
        name: Some("Harbor"),
        parent: None,
    };
    store::integrations::upsert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    shows("Snapshots haven't been synced yet", "/do/sync_snapshots").await;
    app.post("sync_snapshots", &format!("agency={}", tenant.agency), &page, &cookie).await;
    shows("We're reading the list from HighLevel", "data-live=\"state\"").await;
    let mut tx = agency().await;
    store::snapshots::syncs::failed(&mut tx, SyncFailure::Unavailable, Some("Internal Server Error")).await.unwrap();
    tx.commit().await.unwrap();
    shows("HighLevel had a problem while we were reading your snapshots.", "Retry").await;
    shows("Internal Server Error", "Last tried").await;
    let mut tx = agency().await;
    store::snapshots::sync(&mut tx, &[]).await.unwrap();
    tx.commit().await.unwrap();
    shows("There are no snapshots in your HighLevel account", "Create New Snapshot").await;
    let steps = app.browse(&format!("/a/{}", tenant.agency), Some(&cookie)).await.body;
    assert!(steps.contains("of 5 first steps"), "{steps}");
}
