//! Tests that the pages and their buttons work, and that requests from other origins are refused.

use serde_json::json;

use super::{InstalledSimulator, new_location};
use crate::{Handle, Reply};

async fn get(sim: &Handle, path: &str) -> (u16, String) {
    let reply = crate::request("GET", &format!("{}{path}", sim.base_url()), &[], b"").await.unwrap();
    (reply.status, String::from_utf8_lossy(&reply.body).into_owned())
}

async fn submit(sim: &Handle, path: &str, form: &str, origin: &str) -> Reply {
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", origin)];
    crate::request("POST", &format!("{}{path}", sim.base_url()), &headers, form.as_bytes()).await.unwrap()
}

#[tokio::test]
async fn the_page_shows_the_world_and_hostile_names_stay_text() {
    let installed = InstalledSimulator::start().await;
    let mut body = new_location("<script>alert(1)</script>");
    body["snapshotId"] = json!(crate::demo::DENTAL_PRO);
    installed.as_company("POST", "/locations/", body).await;
    installed.sim.faults(json!({"match": {"path": "/<b>"}, "fault": "delay"})).unwrap();
    let (status, html) = get(&installed.sim, "/_sim?said=%3Ci%3E").await;
    assert_eq!(status, 200);
    for text in
        ["Harbor Marketing", "Tidewater Agency", "&lt;script&gt;", "0 of 9 asset groups", "plan too low", "&lt;i&gt;"]
    {
        assert!(html.contains(text), "{text}");
    }
    assert!(!html.contains("<script") && !html.contains("/<b>"));
}

#[tokio::test]
async fn every_button_works_as_a_plain_form() {
    let installed = InstalledSimulator::start().await;
    let sim = &installed.sim;
    let own = sim.base_url();
    for (path, form) in [
        ("/_sim/faults", "fault=status&method=POST&path=%2Flocations%2F&times=2&status=502&delay_ms="),
        ("/_sim/faults/clear", ""),
        ("/_sim/knobs", "search_lag_ms=0&snapshot_mode=failed&rate_headers=false&webhook_url="),
        ("/_sim/expire", "what=access&companyId=HarborMktg0000000001"),
        ("/_sim/ghl/events", "type=INSTALL&companyId=HarborMktg0000000001"),
        ("/_sim/company", "id=TidewaterAg000000002&plan=497"),
        ("/_sim/location", "id=BrightDental00000001&active=false"),
        ("/_sim/pit", "companyId=HarborMktg0000000001"),
        ("/_sim/clock", "minutes=10"),
        ("/_sim/reset", "all=true"),
    ] {
        let reply = submit(sim, path, form, &own).await;
        assert_eq!(reply.status, 303, "{path}");
        assert!(reply.header("location").unwrap().starts_with("/_sim?said="), "{path}");
        if path == "/_sim/knobs" {
            assert_eq!(sim.world()["knobs"]["snapshot_mode"], "failed");
        }
    }
    assert_eq!(submit(sim, "/_sim/clock", " {\"advance_ms\": 1}", &own).await.status, 200);
    assert_eq!(submit(sim, "/_sim/reset", "all=true", "https://evil.example").await.status, 403);
}

#[tokio::test]
async fn the_journal_can_be_read_from_a_number_on() {
    let installed = InstalledSimulator::start().await;
    for _ in 0..5 {
        installed.as_company("GET", "/nothing", json!(null)).await;
    }
    let read = async |query: &str| {
        let (_, body) = get(&installed.sim, &format!("/_sim/journal{query}")).await;
        let calls: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
        calls.iter().map(|call| call["n"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(read("").await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(read("?since=4").await, [5, 6]);
    assert_eq!(read("?since=2&limit=2").await, [3, 4]);
    assert!(read("?since=99").await.is_empty());
}

#[tokio::test]
async fn mails_are_listed_read_and_nothing_beside_them() {
    let folder = std::env::temp_dir().join(format!("slipway-simulator-mail-{}", crate::ids::new_id(10)));
    let mails = folder.join("mail");
    std::fs::create_dir_all(&mails).unwrap();
    std::fs::write(folder.join("secret.txt"), "not a mail").unwrap();
    std::fs::write(
        mails.join("one two.eml"),
        "To: ana@new.example\nSubject: Your invitation\n\nOpen http://127.0.0.1:3000/invite/abc now.",
    )
    .unwrap();
    let given = mails.clone();
    let sim = Handle::start_with(move |config| config.mail_dir = Some(given)).await.unwrap();
    let (_, list) = get(&sim, "/_sim/mail").await;
    assert!(
        list.contains("Your invitation") && list.contains("<a href=\"http://127.0.0.1:3000/invite/abc\">"),
        "{list}"
    );
    assert!(list.contains("/_sim/mail/one%20two.eml"));
    assert_eq!(get(&sim, "/_sim/mail/one%20two.eml").await.0, 200);
    assert_eq!(get(&sim, "/_sim/mail/..%2Fsecret.txt").await.0, 404);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_switch_that_is_unknown_or_set_to_nonsense_is_refused_whole() {
    let sim = Handle::start_frozen().await.unwrap();
    let before = sim.world()["knobs"].clone();
    for knobs in [
        json!({"speed": 1}),
        json!({"search_lag_ms": "soon"}),
        json!({"install_event": "maybe"}),
        json!({"snapshot_mode": "odd"}),
        json!([]),
        json!({"search_lag_ms": 0, "speed": 1}),
    ] {
        assert!(sim.knobs(&knobs).is_err(), "{knobs}");
    }
    assert_eq!(sim.world()["knobs"], before);
}
