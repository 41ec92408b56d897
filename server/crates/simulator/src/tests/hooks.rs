//! Tests that a receiver of the product's webhooks records what it got, checks signatures and answers as it was told.

use serde_json::json;

use crate::Handle;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const HEADERS: [(&str, &str); 3] = [
    ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
    ("webhook-timestamp", "1614265330"),
    ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
];

#[tokio::test]
async fn a_receiver_tells_right_signatures_from_wrong_ones() {
    let sim = Handle::start_frozen().await.unwrap();
    let url = format!("{}/_sim/hooks/crm", sim.base_url());
    let body = br#"{"test": 2432232314}"#;
    sim.set_hook("crm", &json!({ "secret": SECRET })).unwrap();
    assert_eq!(crate::request("POST", &url, &HEADERS, body).await.unwrap().status, 200);
    crate::request("POST", &url, &HEADERS, br#"{"test": 1}"#).await.unwrap();
    crate::request("POST", &url, &[], body).await.unwrap();
    let signatures: Vec<_> = sim.hook("crm").iter().map(|got| got["signature"].as_str().unwrap().to_owned()).collect();
    assert_eq!(signatures, ["valid", "invalid", "missing"]);
    assert_eq!(sim.hook("crm")[0]["body"]["test"], 2_432_232_314_u64);
    assert!(sim.hook("other").is_empty());
}

#[tokio::test]
async fn a_receiver_answers_as_it_was_told_and_then_as_always() {
    let sim = Handle::start_frozen().await.unwrap();
    let url = format!("{}/_sim/hooks/crm", sim.base_url());
    let orders =
        json!({ "answers": [{ "status": 500 }, { "status": 302, "location": "/x" }], "always": { "status": 204 } });
    sim.set_hook("crm", &orders).unwrap();
    let mut answered = Vec::new();
    for _ in 0..4 {
        answered.push(crate::request("POST", &url, &[], b"{}").await.unwrap().status);
    }
    assert_eq!(answered, [500, 302, 204, 204]);
    assert!(sim.set_hook("crm", &json!({ "unknown": 1 })).is_err());
    let page = crate::request("GET", &url, &[("accept", "text/html")], b"").await.unwrap();
    assert!(String::from_utf8_lossy(&page.body).contains("answered 500"));
}
