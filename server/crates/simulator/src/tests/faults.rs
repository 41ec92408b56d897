//! What does a caller see when something goes wrong, and what does the world say afterwards?

use std::io::ErrorKind;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Connected, new_location};
use crate::demo::HARBOR;

fn named(connected: &Connected, name: &str) -> usize {
    let world = connected.sim.world();
    world["ghl"]["locations"].as_array().unwrap().iter().filter(|location| location["name"] == name).count()
}

#[tokio::test]
async fn a_withheld_create_is_in_the_journal_and_in_the_world_and_search_finds_it_later() {
    let connected = Connected::start().await;
    connected
        .sim
        .faults(json!([{"match": {"method": "POST", "path": "/locations/"}, "times": 1, "fault": "reset_after"}]))
        .unwrap();
    assert!(connected.sim.call("POST", "/locations/", &connected.company, &new_location("Lost ·7F3K")).await.is_err());
    assert_eq!(named(&connected, "Lost ·7F3K"), 1);
    let call = connected.sim.journal().last().cloned().unwrap();
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
    let newest = async || connected.as_company("GET", &search, json!(null)).await.json()["locations"][0].clone();
    assert_ne!(newest().await["name"], "Lost ·7F3K");
    connected.advance(3_000);
    let found = newest().await;
    assert_eq!(found["id"], call["created"]);
    // The fault was for one call only.
    assert_eq!(connected.as_company("POST", "/locations/", new_location("Next")).await.status, 200);
}

#[tokio::test]
async fn a_reset_before_leaves_nothing_but_a_line_in_the_journal() {
    let connected = Connected::start().await;
    connected.sim.faults(json!([{"match": {"path": "/locations"}, "fault": "reset_before"}])).unwrap();
    assert!(connected.sim.call("POST", "/locations/", &connected.company, &new_location("Never")).await.is_err());
    assert_eq!(named(&connected, "Never"), 0);
    let call = connected.sim.journal().last().cloned().unwrap();
    assert_eq!((&call["outcome"], &call["answer"]), (&json!("not_executed"), &json!("withheld")));
}

/// Not a polite end of the connection: the peer's kernel reports a reset.
#[tokio::test]
async fn a_reset_is_a_real_one() {
    let connected = Connected::start().await;
    connected.sim.faults(json!({"fault": "reset_after", "times": 2})).unwrap();
    for _ in 0..2 {
        let addr = connected.sim.base_url().trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(b"GET /companies/x HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let error = stream.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
}

#[tokio::test]
async fn a_timeout_executes_and_never_answers() {
    let connected = Connected::start().await;
    // The connection is held for one real millisecond, then cut.
    connected.sim.faults(json!({"match": {"path": "/locations/"}, "fault": "timeout", "delay_ms": 1})).unwrap();
    assert!(connected.sim.call("POST", "/locations/", &connected.company, &new_location("Slow")).await.is_err());
    assert_eq!(named(&connected, "Slow"), 1);
    assert_eq!(connected.sim.journal().last().unwrap()["answer"], "withheld");
}

#[tokio::test]
async fn a_status_answers_as_a_gateway_would_and_executes_only_when_told() {
    let connected = Connected::start().await;
    let rule = |executed: Value| json!({"match": {"path": "/locations/"}, "fault": "status", "status": 502, "executed": executed});
    connected.sim.faults(json!([rule(json!(null)), rule(json!(true))])).unwrap();
    let first = connected.as_company("POST", "/locations/", new_location("Gateway")).await;
    assert_eq!((first.status, first.header("content-type")), (502, Some("text/html")));
    assert_eq!(named(&connected, "Gateway"), 0);
    assert_eq!(connected.as_company("POST", "/locations/", new_location("Gateway")).await.status, 502);
    assert_eq!(named(&connected, "Gateway"), 1);
    let outcomes: Vec<Value> =
        connected.sim.journal().iter().rev().take(2).map(|call| call["outcome"].clone()).collect();
    assert_eq!(outcomes, [json!("executed"), json!("not_executed")]);
}

#[tokio::test]
async fn broken_and_empty_bodies_come_with_a_good_status() {
    let connected = Connected::start().await;
    connected.sim.faults(json!([{"fault": "truncated"}, {"fault": "empty"}])).unwrap();
    let path = format!("/companies/{HARBOR}");
    let truncated = connected.as_company("GET", &path, json!(null)).await;
    assert_eq!((truncated.status, truncated.json()), (200, json!(null)));
    assert!(truncated.body.starts_with(b"{"));
    let empty = connected.as_company("GET", &path, json!(null)).await;
    assert_eq!((empty.status, empty.body.len()), (200, 0));
    assert_eq!(connected.as_company("GET", &path, json!(null)).await.json()["company"]["id"], HARBOR);
}

#[tokio::test]
async fn a_probability_hits_for_ever_and_in_the_same_order_with_the_same_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let connected = Connected::start().await;
        connected
            .sim
            .faults(
                json!([{"match": {"prefix": "/companies"}, "fault": "status", "status": 500, "p": 0.3, "seed": 11}]),
            )
            .unwrap();
        let mut run = Vec::new();
        for _ in 0..60 {
            run.push(connected.as_company("GET", &format!("/companies/{HARBOR}"), json!(null)).await.status);
        }
        assert!((5..40).contains(&run.iter().filter(|status| **status == 500).count()));
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused() {
    let connected = Connected::start().await;
    for rule in [
        json!({"fault": "explode"}),
        json!({"fault": "status"}),
        json!({"fault": "delay", "p": 2.0}),
        json!({"fault": "delay", "when": 1}),
    ] {
        assert!(connected.sim.faults(rule.clone()).is_err(), "{rule}");
    }
    assert_eq!(connected.sim.world()["faults"], json!([]));
}

#[tokio::test]
async fn a_call_whose_caller_hung_up_is_carried_out_all_the_same() {
    let connected = Connected::start().await;
    connected.sim.faults(json!([{"match": {"path": "/locations/"}, "fault": "delay", "delay_ms": 20}])).unwrap();
    let addr = connected.sim.base_url().trim_start_matches("http://").to_owned();
    let body = new_location("Hung up").to_string();
    let head = format!(
        "POST /locations/ HTTP/1.1\r\nhost: {addr}\r\nauthorization: Bearer {}\r\nversion: 2021-07-28\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        connected.company,
        body.len()
    );
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // The fault was met once the simulator has read the call; only then is the line cut.
    while connected.sim.world()["faults"][0]["hits"] != json!(1) {
        tokio::task::yield_now().await;
    }
    drop(stream);
    while connected.sim.journal().last().unwrap()["path"] != "/locations/" {
        tokio::task::yield_now().await;
    }
    assert_eq!(named(&connected, "Hung up"), 1);
}
