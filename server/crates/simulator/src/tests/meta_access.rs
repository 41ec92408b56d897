//! Tests that consents, codes, tokens and accounts of Meta behave as Meta documents them, also when they are refused.

use std::{collections::BTreeMap, time::Duration};

use axum::{Router, extract::Query, routing::get};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    Handle, Reply,
    meta::demo::{
        ANA, BRIGHT_DENTAL_INSTAGRAM, BRIGHT_DENTAL_PAGE, BUSINESS, LUNA_YOGA_PAGE, NUMBER, SECOND_NUMBER,
        SUMMIT_REALTY_PAGE, UNUSABLE_PAGE, WABA, WHATSAPP_CONFIG,
    },
    meta_defaults,
};

const BACK: &str = "http://127.0.0.1:3000/api/integrations/meta/callback";
const SCOPES: &str = "pages_show_list,pages_messaging,pages_manage_metadata,business_management";

fn query(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn get_json(sim: &Handle, path: &str, token: &str) -> (u16, Value) {
    let reply: Reply = sim.call("GET", path, token, &Value::Null).await.unwrap();
    (reply.status, reply.json())
}

fn dialog(sim: &Handle, more: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("client_id", meta_defaults().app_id),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("state", "a&b"),
    ];
    all.extend(more);
    format!("{}/meta/dialog/v23.0/dialog/oauth?{}", sim.base_url(), query(&all))
}

fn landed(back: &str) -> BTreeMap<String, String> {
    assert!(back.starts_with(BACK), "{back}");
    url::Url::parse(back).unwrap().query_pairs().into_owned().collect()
}

/// Allows these pages and everything that is asked for.
async fn allow(sim: &Handle, pages: &[&str]) -> String {
    let mut chosen = vec![("person", ANA), ("decision", "allow"), ("business", BUSINESS)];
    chosen.extend(pages.iter().map(|page| ("page", *page)));
    chosen.extend([("instagram", BRIGHT_DENTAL_INSTAGRAM)]);
    chosen.extend(SCOPES.split(',').map(|scope| ("grant", scope)));
    let back = sim.meta_consent(&dialog(sim, &[("scope", SCOPES)]), &chosen).await.unwrap();
    assert!(back.ends_with("#_=_"));
    let landed = landed(&back);
    assert_eq!(landed["state"], "a&b");
    landed["code"].clone()
}

async fn exchange(sim: &Handle, code: &str, change: &[(&str, &str)]) -> (u16, Value) {
    let defaults = meta_defaults();
    let mut all = BTreeMap::from([
        ("client_id", defaults.app_id),
        ("client_secret", defaults.app_secret),
        ("redirect_uri", BACK),
        ("code", code),
    ]);
    all.extend(change.iter().copied());
    let pairs: Vec<(&str, &str)> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    get_json(sim, &format!("/meta/v23.0/oauth/access_token?{}", query(&pairs)), "").await
}

async fn long_token(sim: &Handle, pages: &[&str]) -> String {
    let code = allow(sim, pages).await;
    let (_, short) = exchange(sim, &code, &[]).await;
    let short = short["access_token"].as_str().unwrap().to_owned();
    let (status, long) = exchange(sim, "", &[("grant_type", "fb_exchange_token"), ("fb_exchange_token", &short)]).await;
    assert_eq!((status, &long["expires_in"]), (200, &json!(5_184_000)), "{long}");
    long["access_token"].as_str().unwrap().to_owned()
}

async fn page_token(sim: &Handle, user: &str, page: &str) -> String {
    let (_, pages) = get_json(sim, "/meta/v23.0/me/accounts?limit=100", user).await;
    let found = pages["data"].as_array().unwrap().iter().find(|row| row["id"] == page);
    found.unwrap_or_else(|| panic!("{pages}"))["access_token"].as_str().unwrap().to_owned()
}

fn code_of(answer: &Value) -> (Option<u64>, Option<u64>) {
    assert!(answer["error"]["fbtrace_id"].is_string() && answer["error"]["message"].is_string(), "{answer}");
    (answer["error"]["code"].as_u64(), answer["error"]["error_subcode"].as_u64())
}

#[tokio::test]
async fn a_code_works_once_with_its_own_address_for_ten_minutes() {
    let sim = Handle::start_frozen().await.unwrap();
    let code = allow(&sim, &[BRIGHT_DENTAL_PAGE]).await;
    for (change, expected) in [
        (("redirect_uri", "http://127.0.0.1:3000/"), (Some(100), Some(36008))),
        (("redirect_uri", ""), (Some(100), Some(36008))),
        (("client_id", "1"), (Some(101), None)),
        (("client_secret", "wrong"), (Some(1), None)),
        (("code", "nonsense"), (Some(100), None)),
    ] {
        let (status, answer) = exchange(&sim, &code, &[change]).await;
        assert_eq!((status, code_of(&answer)), (400, expected), "{change:?}");
    }
    let (status, answer) = exchange(&sim, &code, &[]).await;
    assert_eq!((status, &answer["token_type"]), (200, &json!("bearer")), "{answer}");
    assert_eq!(code_of(&exchange(&sim, &code, &[]).await.1), (Some(100), Some(36009)));
    let late = allow(&sim, &[BRIGHT_DENTAL_PAGE]).await;
    sim.advance(Duration::from_secs(600));
    assert_eq!(code_of(&exchange(&sim, &late, &[]).await.1), (Some(100), Some(36007)));
    let journal = json!(sim.journal()).to_string();
    assert!(!journal.contains(meta_defaults().app_secret) && !journal.contains(&code));
}

#[tokio::test]
async fn the_dialog_shows_its_choices_and_denying_leads_back() {
    let sim = Handle::start_frozen().await.unwrap();
    let shown = crate::request("GET", &dialog(&sim, &[("scope", SCOPES)]), &[], b"").await.unwrap();
    let html = String::from_utf8(shown.body).unwrap();
    for text in ["Ana Lee", "Bright Dental", "@brightdental", "without messages", "pages_messaging", "Deny"] {
        assert!(html.contains(text), "{text}");
    }
    let denied = landed(&sim.meta_consent(&dialog(&sim, &[("scope", SCOPES)]), &[("decision", "deny")]).await.unwrap());
    assert_eq!((denied["error"].as_str(), denied["state"].as_str()), ("access_denied", "a&b"));
    for wrong in [("client_id", "1"), ("redirect_uri", "https://evil.example/"), ("response_type", "token")] {
        let at = dialog(&sim, &[("scope", SCOPES), wrong]);
        assert_eq!(crate::request("GET", &at, &[], b"").await.unwrap().status, 400, "{wrong:?}");
    }
}

#[tokio::test]
async fn pages_are_listed_in_pages_with_their_tasks_and_instagram_accounts() {
    let sim = Handle::start_frozen().await.unwrap();
    let all = [BRIGHT_DENTAL_PAGE, LUNA_YOGA_PAGE, SUMMIT_REALTY_PAGE, UNUSABLE_PAGE];
    let user = long_token(&sim, &all).await;
    let mut path =
        "/meta/v23.0/me/accounts?limit=3&fields=id,tasks,access_token,instagram_business_account{id,username}"
            .to_owned();
    let mut rows = Vec::new();
    for _ in 0..3 {
        let (status, answer) = get_json(&sim, &path, &user).await;
        assert_eq!(status, 200, "{answer}");
        rows.extend(answer["data"].as_array().unwrap().clone());
        let Some(next) = answer["paging"]["next"].as_str() else { break };
        path = next.strip_prefix(&sim.base_url()).unwrap().to_owned();
    }
    let found: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(found, all);
    assert_eq!(rows[0]["instagram_business_account"]["username"], "brightdental");
    assert!(rows[2].get("instagram_business_account").is_none());
    assert_eq!(rows[3]["tasks"], json!(["ANALYZE"]));
}

#[tokio::test]
async fn a_page_that_is_deselected_later_loses_its_token_and_the_others_do_not() {
    let sim = Handle::start_frozen().await.unwrap();
    let user = long_token(&sim, &[BRIGHT_DENTAL_PAGE, LUNA_YOGA_PAGE]).await;
    let (kept, lost) =
        (page_token(&sim, &user, BRIGHT_DENTAL_PAGE).await, page_token(&sim, &user, LUNA_YOGA_PAGE).await);
    allow(&sim, &[BRIGHT_DENTAL_PAGE]).await;
    assert_eq!(get_json(&sim, "/meta/v23.0/me", &kept).await.1["id"], BRIGHT_DENTAL_PAGE);
    let (status, answer) = get_json(&sim, "/meta/v23.0/me", &lost).await;
    assert_eq!((status, code_of(&answer)), (401, (Some(190), None)));
}

#[tokio::test]
async fn a_permission_that_was_not_ticked_is_declined_and_needed() {
    let sim = Handle::start_frozen().await.unwrap();
    let chosen = [("person", ANA), ("decision", "allow"), ("page", BRIGHT_DENTAL_PAGE), ("grant", "pages_show_list")];
    let back = sim.meta_consent(&dialog(&sim, &[("scope", SCOPES)]), &chosen).await.unwrap();
    let (_, answer) = exchange(&sim, &landed(&back)["code"], &[]).await;
    let user = answer["access_token"].as_str().unwrap();
    let (_, permissions) = get_json(&sim, "/meta/v23.0/me/permissions", user).await;
    let rows = permissions["data"].as_array().unwrap();
    assert!(rows.contains(&json!({"permission": "pages_messaging", "status": "declined"})), "{permissions}");
    let page = page_token(&sim, user, BRIGHT_DENTAL_PAGE).await;
    let path = format!("/meta/v23.0/{BRIGHT_DENTAL_PAGE}/subscribed_apps?subscribed_fields=messages");
    let reply = sim.call("POST", &path, &page, &Value::Null).await.unwrap();
    assert_eq!((reply.status, reply.json()["error"]["code"].clone()), (403, json!(200)));
}

#[tokio::test]
async fn permissions_of_an_earlier_consent_stay_unless_they_are_declined() {
    let sim = Handle::start_frozen().await.unwrap();
    let user = long_token(&sim, &[BRIGHT_DENTAL_PAGE]).await;
    let chosen = [
        ("person", ANA),
        ("decision", "allow"),
        ("page", BRIGHT_DENTAL_PAGE),
        ("grant", "whatsapp_business_management"),
    ];
    sim.meta_consent(&dialog(&sim, &[("scope", "whatsapp_business_management,pages_messaging")]), &chosen)
        .await
        .unwrap();
    let (_, permissions) = get_json(&sim, "/meta/v23.0/me/permissions", &user).await;
    let rows = permissions["data"].as_array().unwrap();
    for (permission, status) in
        [("whatsapp_business_management", "granted"), ("pages_show_list", "granted"), ("pages_messaging", "declined")]
    {
        assert!(rows.contains(&json!({"permission": permission, "status": status})), "{permissions}");
    }
}

#[tokio::test]
async fn tokens_die_of_every_cause_with_its_subcode() {
    for subcode in [json!(463), json!(460), json!(458), json!(467), json!(492), Value::Null] {
        let sim = Handle::start_frozen().await.unwrap();
        let user = long_token(&sim, &[BRIGHT_DENTAL_PAGE]).await;
        let order = json!({"what": "token", "account": BRIGHT_DENTAL_PAGE, "subcode": subcode, "message": "Anything."});
        assert!(sim.meta_expire(&order).unwrap() > 0);
        let (status, answer) = get_json(&sim, "/meta/v23.0/me", &user).await;
        assert_eq!((status, code_of(&answer)), (401, (Some(190), subcode.as_u64())), "{answer}");
        assert_eq!(answer["error"]["message"], "Anything.");
        let app = format!("{}|{}", meta_defaults().app_id, meta_defaults().app_secret);
        let (_, debug) = get_json(&sim, &format!("/meta/v23.0/debug_token?input_token={user}"), &app).await;
        assert_eq!((&debug["data"]["is_valid"], &debug["data"]["error"]["subcode"]), (&json!(false), &subcode));
    }
}

#[tokio::test]
async fn a_wrong_proof_is_refused_and_a_right_one_is_not() {
    let sim = Handle::start_frozen().await.unwrap();
    let user = long_token(&sim, &[BRIGHT_DENTAL_PAGE]).await;
    let right = crate::meta::proof(meta_defaults().app_secret, &user);
    assert_eq!(get_json(&sim, &format!("/meta/v23.0/me?appsecret_proof={right}"), &user).await.0, 200);
    let (_, answer) = get_json(&sim, "/meta/v23.0/me?appsecret_proof=00", &user).await;
    assert_eq!(code_of(&answer), (Some(100), None));
    sim.meta_app(&json!({"proofRequired": true})).unwrap();
    assert_eq!(code_of(&get_json(&sim, "/meta/v23.0/me", &user).await.1), (Some(100), None));
}

async fn business_token(sim: &Handle) -> String {
    let signed_up = sim.meta_embedded_signup(&json!({"waba": WABA})).unwrap();
    let message: Value = serde_json::from_str(signed_up["message"].as_str().unwrap()).unwrap();
    assert_eq!(message["data"]["phone_number_id"], NUMBER);
    let (status, answer) = exchange(sim, signed_up["code"].as_str().unwrap(), &[("redirect_uri", "")]).await;
    assert_eq!((status, answer.get("expires_in")), (200, None), "{answer}");
    answer["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn embedded_signup_yields_a_business_token_within_thirty_seconds() {
    let sim = Handle::start_frozen().await.unwrap();
    let token = business_token(&sim).await;
    let app = format!("{}|{}", meta_defaults().app_id, meta_defaults().app_secret);
    let (_, debug) = get_json(&sim, &format!("/meta/v23.0/debug_token?input_token={token}"), &app).await;
    let granular = debug["data"]["granular_scopes"].as_array().unwrap();
    assert!(granular.contains(&json!({"scope": "whatsapp_business_management", "target_ids": [WABA]})), "{debug}");
    let (_, numbers) = get_json(&sim, &format!("/meta/v23.0/{WABA}/phone_numbers"), &token).await;
    assert_eq!((&numbers["data"][0]["id"], &numbers["data"][1]["id"]), (&json!(SECOND_NUMBER), &json!(NUMBER)));
    let late = sim.meta_embedded_signup(&json!({"waba": WABA})).unwrap();
    sim.advance(Duration::from_secs(30));
    let (_, answer) = exchange(&sim, late["code"].as_str().unwrap(), &[("redirect_uri", "")]).await;
    assert_eq!(code_of(&answer), (Some(100), Some(36007)));
}

#[tokio::test]
async fn a_configuration_grants_all_or_nothing_and_yields_a_business_token() {
    let sim = Handle::start_frozen().await.unwrap();
    let chosen = [("person", ANA), ("decision", "allow"), ("business", BUSINESS), ("waba", WABA)];
    let back = sim.meta_consent(&dialog(&sim, &[("config_id", WHATSAPP_CONFIG)]), &chosen).await.unwrap();
    let (_, answer) = exchange(&sim, &landed(&back)["code"], &[]).await;
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(
        get_json(&sim, &format!("/meta/v23.0/{WABA}?fields=id,name,currency"), token).await.1["currency"],
        "USD"
    );
}

#[tokio::test]
async fn the_first_pin_is_the_pin_and_a_wrong_one_is_counted() {
    let sim = Handle::start_frozen().await.unwrap();
    let token = business_token(&sim).await;
    let register = async |number: &str, pin: &str| {
        let body = json!({"messaging_product": "whatsapp", "pin": pin});
        let path = format!("/meta/v23.0/{number}/register");
        let answer = sim.call("POST", &path, &token, &body).await.unwrap().json();
        answer["error"]["code"].as_u64().unwrap_or(0)
    };
    assert_eq!(register(NUMBER, "12345").await, 100);
    assert_eq!(register(SECOND_NUMBER, "123456").await, 133_006);
    assert_eq!(register(NUMBER, "123456").await, 0);
    for _ in 0..5 {
        assert_eq!(register(NUMBER, "654321").await, 133_005);
    }
    assert_eq!(register(NUMBER, "123456").await, 133_008);
    sim.advance(Duration::from_secs(1_800));
    assert_eq!(register(NUMBER, "123456").await, 0);
    let (_, number) = get_json(&sim, &format!("/meta/v23.0/{NUMBER}?fields=status,platform_type"), &token).await;
    assert_eq!(number, json!({"id": NUMBER, "status": "CONNECTED", "platform_type": "CLOUD_API"}));
}

#[tokio::test]
async fn instagram_login_has_its_own_ids_and_rules_of_refresh() {
    let sim = Handle::start_frozen().await.unwrap();
    let defaults = meta_defaults();
    let scope = "instagram_business_basic,instagram_business_manage_messages";
    let asked =
        [("client_id", defaults.ig_app_id), ("redirect_uri", BACK), ("response_type", "code"), ("scope", scope)];
    let at = format!("{}/meta/ig/oauth/authorize?{}", sim.base_url(), query(&asked));
    let mut chosen = vec![("decision", "allow"), ("instagram", BRIGHT_DENTAL_INSTAGRAM)];
    chosen.extend(scope.split(',').map(|scope| ("grant", scope)));
    let back = sim.meta_consent(&at, &chosen).await.unwrap();
    assert!(back.ends_with("#_"));
    let form = query(&[
        ("client_id", defaults.ig_app_id),
        ("client_secret", defaults.ig_app_secret),
        ("grant_type", "authorization_code"),
        ("redirect_uri", BACK),
        ("code", &landed(&back)["code"]),
    ]);
    let url = format!("{}/meta/ig/oauth/access_token", sim.base_url());
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = crate::request("POST", &url, &headers, form.as_bytes()).await.unwrap().json();
    assert_eq!(answer["user_id"], json!(17_841_400_000_000_001_u64), "{answer}");
    let again = crate::request("POST", &url, &headers, form.as_bytes()).await.unwrap().json();
    assert_eq!(again["error_type"], "OAuthException");
    let short = answer["access_token"].as_str().unwrap();
    let renew = async |kind: &str, path: &str, token: &str| {
        let more = query(&[("grant_type", kind), ("client_secret", defaults.ig_app_secret), ("access_token", token)]);
        get_json(&sim, &format!("/meta/ig/{path}?{more}"), "").await
    };
    let (_, long) = renew("ig_exchange_token", "access_token", short).await;
    let long = long["access_token"].as_str().unwrap();
    let (_, me) = get_json(&sim, "/meta/ig/v23.0/me?fields=id,user_id,username", long).await;
    assert!(me["user_id"] == BRIGHT_DENTAL_INSTAGRAM && me["id"] != me["user_id"], "{me}");
    assert_eq!(renew("ig_refresh_token", "refresh_access_token", long).await.0, 400);
    sim.advance(Duration::from_secs(24 * 3_600));
    assert_eq!(renew("ig_refresh_token", "refresh_access_token", long).await.0, 200);
    sim.advance(Duration::from_secs(60 * 24 * 3_600));
    assert_eq!(code_of(&renew("ig_refresh_token", "refresh_access_token", long).await.1), (Some(190), Some(463)));
}

/// A callback that knows one verify token.
async fn repeat(Query(asked): Query<BTreeMap<String, String>>) -> String {
    let known = asked["hub.verify_token"] == meta_defaults().verify_token;
    if known { asked["hub.challenge"].clone() } else { "no".to_owned() }
}

#[tokio::test]
async fn a_callback_that_repeats_the_challenge_is_kept_and_another_is_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, Router::new().route("/hook", get(repeat))).await });
    let sim = Handle::start_frozen().await.unwrap();
    assert!(sim.meta_subscribe_webhook(&json!({"url": url, "verify_token": "wrong"})).await.is_err());
    sim.meta_subscribe_webhook(&json!({"url": url})).await.unwrap();
    assert_eq!(sim.world()["meta"]["apps"][0]["callbackUrl"], json!(url));
}
