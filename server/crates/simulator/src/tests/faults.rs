//! Tests what a caller sees when a fault hits, and what the world contains afterwards.

use std::io::ErrorKind;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{InstalledSimulator, new_location};
use crate::demo::HARBOR;

fn named(installed: &InstalledSimulator, name: &str) -> usize {
    let world = installed.sim.world();
    world["ghl"]["locations"].as_array().unwrap().iter().filter(|location| location["name"] == name).count()
}

#[tokio::test]
async fn a_withheld_create_is_in_the_journal_and_in_the_world_and_search_finds_it_later() {
    let installed = InstalledSimulator::start().await;
    installed
        .sim
        .faults(json!([{"match": {"method": "POST", "path": "/locations/"}, "times": 1, "fault": "reset_after"}]))
        .unwrap();
    assert!(installed.sim.call("POST", "/locations/", &installed.company, &new_location("Lost ·7F3K")).await.is_err());
    assert_eq!(named(&installed, "Lost ·7F3K"), 1);
    let call = installed.sim.journal().last().cloned().unwrap();
    assert_eq!(
        (&call["outcome"], &call["answer"], &call["status"]),
        (&json!("executed"), &json!("withheld"), &json!(200))
    );
    assert_eq!(
        (&call["token"], &call["resource"], &call["fault"]),
        (&json!("company"), &json!(HARBOR), &json!("reset_after"))
    );
    assert_eq!(call["body"]["name"], "Lost ·7F3K");
    let search = format!("/locations/search?companyId={HARBOR}&order=desc&limit=1");
    let newest = async || installed.as_company("GET", &search, json!(null)).await.json()["locations"][0].clone();
    assert_ne!(newest().await["name"], "Lost ·7F3K");
    installed.advance(3_000);
    let found = newest().await;
    assert_eq!(found["id"], call["created"]);
    // The fault was set for one call only.
    assert_eq!(installed.as_company("POST", "/locations/", new_location("Next")).await.status, 200);
}

#[tokio::test]
async fn a_reset_before_leaves_nothing_but_a_line_in_the_journal() {
    let installed = InstalledSimulator::start().await;
    installed.sim.faults(json!([{"match": {"path": "/locations"}, "fault": "reset_before"}])).unwrap();
    assert!(installed.sim.call("POST", "/locations/", &installed.company, &new_location("Never")).await.is_err());
    assert_eq!(named(&installed, "Never"), 0);
    let call = installed.sim.journal().last().cloned().unwrap();
    assert_eq!((&call["outcome"], &call["answer"]), (&json!("not_executed"), &json!("withheld")));
}

/// The connection does not end gracefully: the peer's kernel reports a reset.
#[tokio::test]
async fn a_reset_is_a_real_one() {
    let installed = InstalledSimulator::start().await;
    installed.sim.faults(json!({"fault": "reset_after", "times": 2})).unwrap();
    for _ in 0..2 {
        let addr = installed.sim.base_url().trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(b"GET /companies/x HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let error = stream.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
}

#[tokio::test]
async fn a_timeout_executes_and_never_answers() {
    let installed = InstalledSimulator::start().await;
    // The connection is held for one real millisecond and then reset.
    installed.sim.faults(json!({"match": {"path": "/locations/"}, "fault": "timeout", "delay_ms": 1})).unwrap();
    assert!(installed.sim.call("POST", "/locations/", &installed.company, &new_location("Slow")).await.is_err());
    assert_eq!(named(&installed, "Slow"), 1);
    assert_eq!(installed.sim.journal().last().unwrap()["answer"], "withheld");
}

#[tokio::test]
async fn a_delayed_call_goes_on_when_the_faults_are_cleared() {
    let installed = InstalledSimulator::start().await;
    installed.sim.faults(json!({"match": {"path": "/locations/"}, "fault": "delay", "delay_ms": 600_000_000})).unwrap();
    let create = installed.as_company("POST", "/locations/", new_location("Late"));
    let cleared = async {
        while installed.sim.call("GET", "/_sim/faults", "", &json!(null)).await.unwrap().json()[0]["hits"] != 1 {}
        assert_eq!(named(&installed, "Late"), 0, "it is executed after its delay");
        installed.sim.clear_faults().unwrap();
    };
    let (created, ()) = tokio::join!(create, cleared);
    assert_eq!((created.status, named(&installed, "Late")), (200, 1));
}

#[tokio::test]
async fn a_status_answers_as_a_gateway_would_and_executes_only_when_told() {
    let installed = InstalledSimulator::start().await;
    let rule = |executed: Value| json!({"match": {"path": "/locations/"}, "fault": "status", "status": 502, "executed": executed});
    installed.sim.faults(json!([rule(json!(null)), rule(json!(true))])).unwrap();
    let first = installed.as_company("POST", "/locations/", new_location("Gateway")).await;
    assert_eq!((first.status, first.header("content-type")), (502, Some("text/html")));
    assert_eq!(named(&installed, "Gateway"), 0);
    assert_eq!(installed.as_company("POST", "/locations/", new_location("Gateway")).await.status, 502);
    assert_eq!(named(&installed, "Gateway"), 1);
    let outcomes: Vec<Value> =
        installed.sim.journal().iter().rev().take(2).map(|call| call["outcome"].clone()).collect();
    assert_eq!(outcomes, [json!("executed"), json!("not_executed")]);
}

#[tokio::test]
async fn broken_and_empty_bodies_come_with_a_good_status() {
    let installed = InstalledSimulator::start().await;
    installed.sim.faults(json!([{"fault": "truncated"}, {"fault": "empty"}])).unwrap();
    let path = format!("/companies/{HARBOR}");
    let truncated = installed.as_company("GET", &path, json!(null)).await;
    assert_eq!((truncated.status, truncated.json()), (200, json!(null)));
    assert!(truncated.body.starts_with(b"{"));
    let empty = installed.as_company("GET", &path, json!(null)).await;
    assert_eq!((empty.status, empty.body.len()), (200, 0));
    assert_eq!(installed.as_company("GET", &path, json!(null)).await.json()["company"]["id"], HARBOR);
}

#[tokio::test]
async fn a_probability_hits_for_ever_and_in_the_same_order_with_the_same_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let installed = InstalledSimulator::start().await;
        installed
            .sim
            .faults(
                json!([{"match": {"prefix": "/companies"}, "fault": "status", "status": 500, "p": 0.3, "seed": 11}]),
            )
            .unwrap();
        let mut run = Vec::new();
        for _ in 0..60 {
            run.push(installed.as_company("GET", &format!("/companies/{HARBOR}"), json!(null)).await.status);
        }
        assert!((5..40).contains(&run.iter().filter(|status| **status == 500).count()));
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused() {
    let installed = InstalledSimulator::start().await;
    for rule in [
        json!({"fault": "explode"}),
        json!({"fault": "status"}),
        json!({"fault": "delay", "p": 2.0}),
        json!({"fault": "delay", "when": 1}),
    ] {
        assert!(installed.sim.faults(rule.clone()).is_err(), "{rule}");
    }
    assert_eq!(installed.sim.world()["faults"], json!([]));
}

#[tokio::test]
async fn a_call_whose_caller_hung_up_is_carried_out_all_the_same() {
    let installed = InstalledSimulator::start().await;
    installed.sim.faults(json!([{"match": {"path": "/locations/"}, "fault": "delay", "delay_ms": 20}])).unwrap();
    let addr = installed.sim.base_url().trim_start_matches("http://").to_owned();
    let body = new_location("Hung up").to_string();
    let head = format!(
        "POST /locations/ HTTP/1.1\r\nhost: {addr}\r\nauthorization: Bearer {}\r\nversion: 2021-07-28\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        installed.company,
        body.len()
    );
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // The fault's hit is counted once the simulator has read the call. Only then is it safe to close the
    // connection.
    while installed.sim.world()["faults"][0]["hits"] != json!(1) {
        tokio::task::yield_now().await;
    }
    drop(stream);
    while installed.sim.journal().last().unwrap()["path"] != "/locations/" {
        tokio::task::yield_now().await;
    }
    assert_eq!(named(&installed, "Hung up"), 1);
}
