//! The audit log as a page of sentences and as a file: with the same filters, for whoever may read it and has just proved
//! who they are, without formulas.

use axum::http::{StatusCode, header};
use chrono::TimeDelta;
use domain::audit::Actor;
use domain::identity::{Reach, Role};
use serde_json::json;
use store::audit::{self, Act};
use store::tenant::{Scope, TenantTx};
use uuid::Uuid;

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

#[tokio::test]
async fn a_file_is_sent_page_by_page_and_asks_for_a_fresh_proof() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let user = app.person(Role::AgencyAdmin, &tenant).await;
    let scope = Scope::Agency { user: Some(user), agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    for number in 0..250 {
        let act = Act::new("preset.saved", "preset").payload(json!({ "name": format!("Preset {number}") }));
        audit::record(&mut tx, act).await.unwrap();
    }
    tx.commit().await.unwrap();
    let file = format!("/a/{}/audit.csv?kind=jobs&q=preset", tenant.agency);
    let old = app.signed_in(user, TimeDelta::minutes(11)).await;
    let asked = app.browse(&file, Some(&old)).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    assert!(
        asked.location.starts_with("/me/confirm?next=") && asked.location.contains("audit.csv"),
        "{}",
        asked.location
    );
    assert_eq!(app.audited_object(&tenant.agency.to_string(), "audit.downloaded").await, 0, "nothing was sent");
    let text = app.get(&file, Some(&app.sign_in(user).await)).await.body;
    let presets = (0..250).filter(|number| text.contains(&format!(" saved the preset Preset {number},"))).count();
    assert_eq!((presets, text.lines().count()), (250, 251), "every page of it, once");
    assert!(text.starts_with("\u{feff}Time (UTC),"), "the names of the columns come first");
}

#[tokio::test]
async fn the_page_says_who_did_what_and_leaves_out_what_happens_all_the_time() {
    let app = TestApp::new().await;
    let (tenant, client) = (app.tenant().await, Uuid::now_v7());
    let admin = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let gone = Uuid::now_v7();
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let saved = || Act::new("preset.saved", "preset").object(client).payload(json!({ "name": "Dental" }));
    for act in [
        Act::new("credential.opened", "credential").by(Actor::Worker, None),
        Act::new("tries.throttled", "endpoint"),
        saved().by(Actor::Person, Some(owner.0)),
        Act::new("role.removed", "role").payload(json!({ "name": "Launcher" })).by(Actor::Person, Some(gone)),
        saved().by(Actor::Worker, None),
        saved().by(Actor::Worker, None),
    ] {
        audit::record(&mut tx, act).await.unwrap();
    }
    tx.commit().await.unwrap();
    let read = async |query: &str| {
        let page = app.browse(&format!("/a/{}/audit{query}", tenant.agency), Some(&admin)).await.body;
        text_of(&page)
    };
    let page = read("").await;
    for sentence in ["A former user deleted the role Launcher", "Slipway slowed down repeated tries", "2 times"] {
        assert!(page.contains(sentence), "{sentence}: {page}");
    }
    // A client's own people are named too, though they are no members of the agency.
    assert!(page.contains("Business owner saved the preset Dental") && !page.contains("Somebody"), "{page}");
    // The filter offers whoever is gone as well; of the sentences only one is theirs.
    let (filter, list) = page.split_once("Download CSV").unwrap();
    assert_eq!((filter.matches("A former user").count(), list.matches("A former user").count()), (1, 1), "{page}");
    assert!(!page.contains("used HighLevel access"), "{page}");
    assert!(read("?system=yes").await.contains("Slipway used HighLevel access"), "with the switch");
    let team = read("?kind=team").await;
    assert!(team.contains("deleted the role Launcher") && !team.contains("saved the preset"), "{team}");
    let nobody = read(&format!("?person={}", Uuid::now_v7())).await;
    assert!(!nobody.contains("deleted the role"), "{nobody}");
    let then = read("?to=2020-01-01").await;
    assert!(!then.contains("deleted the role") && then.contains("Until 2020-01-01"), "{then}");
}

/// The text of a page, without its markup.
fn text_of(page: &str) -> String {
    let main = page.split_once("<main").map_or(page, |(_, main)| main);
    let pieces = main.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text);
    pieces.collect()
}
