//! Tests that the window of Embedded Signup tells the page that opened it what was set up, and goes back with a code that lives
//! for thirty seconds.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    Handle,
    meta::demo::{NUMBER, WABA, WHATSAPP_CONFIG},
    meta_defaults,
};

const BACK: &str = "http://127.0.0.1:3000/api/integrations/meta/callback";
const EXTRAS: &str = r#"{"setup":{},"sessionInfoVersion":"3","version":"v4"}"#;

fn query(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn asked() -> Vec<(&'static str, &'static str)> {
    vec![
        ("client_id", meta_defaults().app_id),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("state", "a&b"),
        ("config_id", WHATSAPP_CONFIG),
    ]
}

/// The last page of the window that ends like this: its messages and the address that it goes back to.
async fn end(sim: &Handle, number: &str, ending: &str) -> Result<(Vec<Value>, String), u16> {
    let mut form: Vec<(&str, &str)> = asked();
    form.extend([("number", number), ("ending", ending)]);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let address = format!("{}/meta/dialog/v23.0/dialog/oauth/signup", sim.base_url());
    let reply = crate::request("POST", &address, &headers, query(&form).as_bytes()).await.unwrap();
    if reply.status != 200 {
        return Err(reply.status);
    }
    let html = String::from_utf8(reply.body).unwrap();
    let data = |name: &str| {
        let (_, rest) = html.split_once(&format!("data-{name}=\"")).unwrap();
        rest.split('"').next().unwrap().replace("&quot;", "\"").replace("&amp;", "&")
    };
    assert_eq!(data("origin"), "http://127.0.0.1:3000");
    let texts: Vec<String> = serde_json::from_str(&data("messages")).unwrap();
    Ok((texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect(), data("back")))
}

async fn exchange(sim: &Handle, back: &str) -> (u16, Value) {
    let back = url::Url::parse(back).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    assert!(back.as_str().starts_with(BACK) && back.as_str().contains("state=a%26b"), "{back}");
    let defaults = meta_defaults();
    let pairs = [
        ("client_id", defaults.app_id),
        ("client_secret", defaults.app_secret),
        ("redirect_uri", BACK),
        ("code", &code),
    ];
    let reply = sim.call("GET", &format!("/meta/v23.0/oauth/access_token?{}", query(&pairs)), "", &Value::Null).await;
    let reply = reply.unwrap();
    (reply.status, reply.json())
}

#[tokio::test]
async fn only_a_dialog_that_asks_for_the_signup_is_one() {
    let sim = Handle::start_frozen().await.unwrap();
    for (extras, is_signup) in [
        (EXTRAS, true),
        ("", false),
        ("{", false),
        (r#"{"setup":{"channel":"IG_API_ONBOARDING"},"version":"v4"}"#, false),
        (r#"{"version":"v4"}"#, false),
    ] {
        let mut link = asked();
        link.extend([("display", "popup"), ("extras", extras)]);
        let address = format!("{}/meta/dialog/v23.0/dialog/oauth?{}", sim.base_url(), query(&link));
        let reply = crate::request("GET", &address, &[], b"").await.unwrap();
        let html = String::from_utf8(reply.body).unwrap();
        assert_eq!((reply.status, html.contains("Simulated Embedded Signup")), (200, is_signup), "{extras}");
    }
}

#[tokio::test]
async fn a_signup_tells_what_was_set_up_and_its_code_lives_for_thirty_seconds() {
    let sim = Handle::start_frozen().await.unwrap();
    let (told, back) = end(&sim, NUMBER, "finish").await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["type"], &told[0]["event"]), (&json!("WA_EMBEDDED_SIGNUP"), &json!("FINISH")));
    assert_eq!(
        (&told[0]["data"]["phone_number_id"], &told[0]["data"]["waba_id"]),
        (&json!(NUMBER), &json!(WABA)),
        "{told:?}"
    );
    let (status, answer) = exchange(&sim, &back).await;
    assert_eq!((status, answer.get("expires_in")), (200, None), "a business's token: {answer}");
    assert_eq!(exchange(&sim, &back).await.1["error"]["error_subcode"], 36009);
    let (_, late) = end(&sim, NUMBER, "finish").await.unwrap();
    sim.advance(Duration::from_secs(30));
    assert_eq!(exchange(&sim, &late).await.1["error"]["error_subcode"], 36007);
}

#[tokio::test]
async fn every_other_end_is_told_as_documented() {
    let sim = Handle::start_frozen().await.unwrap();
    for (ending, events, has_code) in [
        ("finish_twice", vec!["FINISH", "FINISH"], true),
        ("finish_alone", vec!["FINISH"], false),
        ("code_alone", vec![], true),
        ("only_account", vec!["FINISH_ONLY_WABA"], true),
        ("in_app", vec!["FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"], true),
        ("cancel", vec!["CANCEL"], false),
        ("error", vec!["CANCEL"], false),
        ("deny", vec![], false),
    ] {
        let (told, back) = end(&sim, NUMBER, ending).await.unwrap();
        let found: Vec<&str> = told.iter().filter_map(|message| message["event"].as_str()).collect();
        assert_eq!((found, back.contains("code=AQ")), (events, has_code), "{ending}");
        assert_eq!(back.contains("error=access_denied"), ending == "deny", "{ending}");
    }
    assert_eq!(end(&sim, "1", "finish").await, Err(400));
    assert_eq!(end(&sim, NUMBER, "otherwise").await, Err(400));
}
