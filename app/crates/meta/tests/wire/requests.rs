//! Is each request the one of the contract: method, address, proof, token and body?

use meta::auth::{self, Way};
use meta::people::Platform;
use meta::send::{Channel, Content, Outgoing, Recipient, Sender};
use meta::templates::NewTemplate;
use meta::whatsapp::CodeMethod;
use meta::{accounts, debug_token, instagram, people, send, templates, whatsapp};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::server::{Act, Seen, Server};
use crate::world::{Caller, PROOF, header, line, meta};

const DONE: &str = r#"{"success":true}"#;
const NONE: &str = r#"{"data":[]}"#;

/// Makes `$call` against a server that gives `$answer`, requires success, and returns the result and the request.
macro_rules! made {
    ($answer:expr, |$meta:ident, $caller:ident| $call:expr) => {{
        let server = Server::play(vec![Act::json(200, $answer)]).await;
        let ($meta, $caller) = (meta(&server.url), Caller::new());
        let result = $call.await;
        assert!(result.is_ok(), "{:?}", result.err());
        (result.unwrap(), server.seen().remove(0))
    }};
}

/// The request has the caller's token in its header and, if it is a Facebook token, the proof at the end of its address.
fn assert_signed(seen: &Seen, expected: &str, body: &str) {
    let joint = if expected.contains('?') { '&' } else { '?' };
    assert_eq!(line(seen), format!("{expected}{joint}{PROOF}"));
    assert_token_and_body(seen, body);
}

fn assert_token_and_body(seen: &Seen, body: &str) {
    assert_eq!(header(seen, "authorization"), Some("Bearer EAAEXAMPLEPAGETOKENA"));
    assert!(!seen.line.contains("access_token="), "{}", seen.line);
    assert_eq!(seen.body, body);
}

fn redirect() -> Url {
    Url::parse("https://app.example.com/api/integrations/meta/callback").unwrap()
}

#[tokio::test]
async fn consent_pages_ask_for_what_each_way_needs() {
    let base = Url::parse("http://127.0.0.1:1").unwrap();
    let plain = meta(&base);
    let url = |way, again| auth::consent_url(&plain, way, &redirect(), "st&te", again).to_string();
    let facebook = url(Way::Facebook, false);
    let start = "https://dialog.example.com/v23.0/dialog/oauth?client_id=990000000000001\
                 &redirect_uri=https%3A%2F%2Fapp.example.com%2Fapi%2Fintegrations%2Fmeta%2Fcallback&state=st%26te&response_type=code";
    assert!(facebook.starts_with(start), "{facebook}");
    assert!(facebook.contains("&scope=pages_messaging%2Cpages_manage_metadata%2C") && !facebook.contains("rerequest"));
    assert!(url(Way::Facebook, true).ends_with("&auth_type=rerequest"));
    let login = url(Way::InstagramLogin, true);
    let start = "https://ig-dialog.example.com/oauth/authorize?client_id=880000000000001&";
    assert!(login.starts_with(start) && login.ends_with("&force_reauth=true"), "{login}");
    assert!(login.contains("scope=instagram_business_basic%2Cinstagram_business_manage_messages"));

    let mut settings = crate::world::settings(&base);
    settings.config_id = Some("555".into());
    let configured = meta::Meta::new(plain.outbound().clone(), settings);
    let whatsapp = auth::consent_url(&configured, Way::Whatsapp, &redirect(), "s", false).to_string();
    assert!(whatsapp.ends_with("&config_id=555&override_default_response_type=true"), "{whatsapp}");
    assert!(!auth::consent_url(&configured, Way::Facebook, &redirect(), "s", false).as_str().contains("config_id"));
    let signup = auth::signup_url(&configured, &redirect(), "s").unwrap();
    let asked: std::collections::HashMap<String, String> = signup.query_pairs().into_owned().collect();
    let extras: serde_json::Value = serde_json::from_str(&asked["extras"]).unwrap();
    assert!(signup.as_str().starts_with(&whatsapp) && asked["display"] == "popup", "{signup}");
    assert!(extras["setup"].is_object() && extras["version"] == "v4", "{extras}");
    assert!(auth::signup_url(&plain, &redirect(), "s").is_none(), "the signup needs a configuration");
}

#[tokio::test]
async fn codes_and_tokens_are_exchanged_as_the_app() {
    let answer = r#"{"access_token":"EAAEXAMPLE","token_type":"bearer","expires_in":5183944}"#;
    let (grant, seen) = made!(answer, |meta, caller| auth::exchange(&meta, caller.about(), "AQB", Some(&redirect())));
    assert_eq!(
        line(&seen),
        "GET /v23.0/oauth/access_token?client_id=990000000000001&client_secret=test-app-secret&code=AQB\
         &redirect_uri=https%3A%2F%2Fapp.example.com%2Fapi%2Fintegrations%2Fmeta%2Fcallback"
    );
    assert_eq!((grant.token.expose_secret(), header(&seen, "authorization")), ("EAAEXAMPLE", None));
    let (_, seen) = made!(answer, |meta, caller| auth::exchange(&meta, caller.about(), "AQB", None));
    assert!(line(&seen).ends_with("&code=AQB"), "a code of the signup window has no redirect");
    let (_, seen) = made!(answer, |meta, caller| auth::long_lived(&meta, caller.about(), caller.token()));
    assert!(line(&seen).ends_with("&grant_type=fb_exchange_token&fb_exchange_token=EAAEXAMPLEPAGETOKENA"));

    let facts = r#"{"data":{"app_id":"990000000000001","is_valid":true,"expires_at":0}}"#;
    let (facts, seen) = made!(facts, |meta, caller| debug_token::facts(&meta, caller.about(), caller.token()));
    assert_eq!(line(&seen), "GET /v23.0/debug_token?input_token=EAAEXAMPLEPAGETOKENA");
    assert_eq!(header(&seen, "authorization"), Some("Bearer 990000000000001|test-app-secret"));
    assert!(facts.is_ours("990000000000001"));
}

#[tokio::test]
async fn instagram_login_has_hosts_and_secrets_of_its_own() {
    let short =
        r#"{"access_token":"IGAASHORT","user_id":17841400000000001,"permissions":["instagram_business_basic"]}"#;
    let (short, seen) = made!(short, |meta, caller| instagram::exchange(&meta, caller.about(), "AQD", &redirect()));
    assert_eq!(line(&seen), "POST /ig-token/oauth/access_token");
    assert_eq!(
        seen.body,
        "client_id=880000000000001&client_secret=test-ig-secret&grant_type=authorization_code\
         &redirect_uri=https%3A%2F%2Fapp.example.com%2Fapi%2Fintegrations%2Fmeta%2Fcallback&code=AQD"
    );
    let long = r#"{"access_token":"IGAALONG","token_type":"bearer","expires_in":5184000}"#;
    let token: SecretString = short.token;
    let (got, seen) = made!(long, |meta, caller| instagram::long_lived(&meta, caller.about(), &token));
    let expected =
        "GET /ig/access_token?grant_type=ig_exchange_token&client_secret=test-ig-secret&access_token=IGAASHORT";
    assert_eq!((line(&seen), got.token.expose_secret()), (expected, "IGAALONG"));
    let (_, seen) = made!(long, |meta, caller| instagram::refresh(&meta, caller.about(), &got.token));
    assert_eq!(line(&seen), "GET /ig/refresh_access_token?grant_type=ig_refresh_token&access_token=IGAALONG");

    let me = r#"{"id":"24000000000000001","user_id":"17841400000000001"}"#;
    let (_, seen) = made!(me, |meta, caller| instagram::me(&meta, caller.instagram()));
    let fields = "id%2Cuser_id%2Cusername%2Cname%2Cprofile_picture_url%2Caccount_type";
    assert_eq!(line(&seen), format!("GET /ig/v23.0/me?fields={fields}"), "no proof");
    assert_token_and_body(&seen, "");
    let (_, seen) = made!(DONE, |meta, caller| instagram::subscribe(&meta, caller.instagram(), "178"));
    let fields = "messages%2Cmessaging_postbacks%2Cmessaging_seen%2Cmessage_reactions%2Cmessaging_referral";
    assert_eq!(line(&seen), format!("POST /ig/v23.0/178/subscribed_apps?subscribed_fields={fields}"));
    let (_, seen) = made!(DONE, |meta, caller| instagram::unsubscribe(&meta, caller.instagram(), "178"));
    assert_eq!(line(&seen), "DELETE /ig/v23.0/178/subscribed_apps");
}

#[tokio::test]
async fn assets_are_read_subscribed_and_left() {
    let (_, seen) = made!(NONE, |meta, caller| auth::permissions(&meta, caller.call()));
    assert_signed(&seen, "GET /v23.0/me/permissions?limit=100", "");
    let (_, seen) = made!(DONE, |meta, caller| auth::revoke(&meta, caller.call(), "122"));
    assert_signed(&seen, "DELETE /v23.0/122/permissions", "");
    let (_, seen) = made!(NONE, |meta, caller| accounts::portfolios(&meta, caller.call()));
    assert_signed(&seen, "GET /v23.0/me/businesses?fields=id%2Cname&limit=100", "");
    let (_, seen) = made!(DONE, |meta, caller| accounts::subscribe(&meta, caller.call(), "201"));
    let fields = accounts::SUBSCRIBED.join("%2C");
    assert_signed(&seen, &format!("POST /v23.0/201/subscribed_apps?subscribed_fields={fields}"), "");
    let (_, seen) = made!(NONE, |meta, caller| accounts::subscriptions(&meta, caller.call(), "201"));
    assert_signed(&seen, "GET /v23.0/201/subscribed_apps", "");
    let (_, seen) = made!(DONE, |meta, caller| whatsapp::subscribe(&meta, caller.call(), "102"));
    assert_signed(&seen, "POST /v23.0/102/subscribed_apps", "{}");
    let (_, seen) = made!(DONE, |meta, caller| whatsapp::unsubscribe(&meta, caller.call(), "102"));
    assert_signed(&seen, "DELETE /v23.0/102/subscribed_apps", "");
    let (_, seen) =
        made!(r#"{"name":"Ada"}"#, |meta, caller| people::get(&meta, caller.call(), Platform::Messenger, "710"));
    assert_signed(&seen, "GET /v23.0/710?fields=name%2Cprofile_pic", "");
}

#[tokio::test]
async fn pages_are_read_to_the_end_by_cursor_and_never_by_the_address_that_comes_along() {
    let page = |id: u32, rest: &str| {
        let paging = format!(r#""paging":{{"cursors":{{"before":"b","after":"c{id}"}}{rest}}}"#);
        Act::json(200, &format!(r#"{{"data":[{{"id":"{id}","access_token":"EAA"}},{{"odd":1}}],{paging}}}"#))
    };
    let next = r#","next":"https://evil.example.com/?access_token=EAA""#;
    let server = Server::play(vec![page(1, next), page(2, next), page(3, "")]).await;
    let (meta, caller) = (meta(&server.url), Caller::new());
    let pages = accounts::pages(&meta, caller.call()).await.unwrap();
    assert_eq!(pages.iter().map(|page| page.id.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
    let seen = server.seen();
    let cursors = seen.iter().map(|seen| line(seen).split('&').find(|part| part.starts_with("after=")));
    assert_eq!(cursors.collect::<Vec<_>>(), [None, Some("after=c1"), Some("after=c2")]);
    assert!(seen.iter().all(|seen| line(seen).ends_with(PROOF)));
}

#[tokio::test]
async fn numbers_are_verified_registered_and_released() {
    let (_, seen) = made!(NONE, |meta, caller| whatsapp::numbers(&meta, caller.call(), "102"));
    assert!(line(&seen).starts_with("GET /v23.0/102/phone_numbers?fields=id%2Cdisplay_phone_number%2C"), "{seen:?}");
    let (_, seen) = made!(DONE, |meta, caller| whatsapp::register(&meta, caller.call(), "106", "123456"));
    assert_signed(&seen, "POST /v23.0/106/register", r#"{"messaging_product":"whatsapp","pin":"123456"}"#);
    let (_, seen) = made!(DONE, |meta, caller| whatsapp::deregister(&meta, caller.call(), "106"));
    assert_signed(&seen, "POST /v23.0/106/deregister", r#"{"messaging_product":"whatsapp"}"#);
    let (_, seen) = made!(DONE, |meta, caller| whatsapp::set_pin(&meta, caller.call(), "106", "654321"));
    assert_signed(&seen, "POST /v23.0/106", r#"{"pin":"654321"}"#);
    let (_, seen) =
        made!(DONE, |meta, caller| whatsapp::request_code(&meta, caller.call(), "106", CodeMethod::Sms, "en_US"));
    assert_signed(&seen, "POST /v23.0/106/request_code", r#"{"code_method":"SMS","language":"en_US"}"#);
    let (_, seen) = made!(DONE, |meta, caller| whatsapp::verify_code(&meta, caller.call(), "106", "123830"));
    assert_signed(&seen, "POST /v23.0/106/verify_code", r#"{"code":"123830"}"#);
}

#[tokio::test]
async fn templates_are_listed_submitted_and_deleted() {
    let (_, seen) = made!(NONE, |meta, caller| templates::list_all(&meta, caller.call(), "102"));
    assert!(line(&seen).starts_with("GET /v23.0/102/message_templates?fields=id%2Cname%2Cstatus%2C"), "{seen:?}");
    let new = NewTemplate {
        name: "hello".into(),
        language: "en_US".into(),
        category: "UTILITY".into(),
        parameter_format: "positional",
        components: vec![],
    };
    let (submitted, seen) =
        made!(r#"{"id":1689,"status":"PENDING"}"#, |meta, caller| templates::add(&meta, caller.call(), "102", &new));
    let body =
        r#"{"name":"hello","language":"en_US","category":"UTILITY","parameter_format":"positional","components":[]}"#;
    assert_signed(&seen, "POST /v23.0/102/message_templates", body);
    assert_eq!(submitted.id, "1689");
    let (_, seen) = made!(DONE, |meta, caller| templates::remove(&meta, caller.call(), "102", "1689", "hello"));
    assert_signed(&seen, "DELETE /v23.0/102/message_templates?hsm_id=1689&name=hello", "");
}

fn message(to: Recipient) -> Outgoing {
    let content = Content::Text { body: "Hi".into(), preview: false };
    Outgoing { to, content, reply_to: None, own_id: None, late_answer: false }
}

#[tokio::test]
async fn messages_go_out_and_their_ids_come_back() {
    let answer = r#"{"messaging_product":"whatsapp","contacts":[{"input":"+16505550101","wa_id":"16505550102"}],"messages":[{"id":"wamid.1"}]}"#;
    let to_phone = message(Recipient::Phone("16505550101".into()));
    let whatsapp = Sender { channel: Channel::Whatsapp, id: "106" };
    let (sent, seen) = made!(answer, |meta, caller| send::send(&meta, caller.call(), whatsapp, &to_phone));
    assert!(line(&seen).starts_with("POST /v23.0/106/messages?appsecret_proof="), "{seen:?}");
    assert_eq!(header(&seen, "content-type"), Some("application/json"));
    assert_eq!((sent.message_id.as_deref(), sent.wa_id.as_deref()), (Some("wamid.1"), Some("16505550102")));

    let answer =
        r#"{"contacts":[{"input":"US.1","user_id":"US.1"}],"messages":[{"id":"wamid.2","message_status":"accepted"}]}"#;
    let to_id = message(Recipient::Id("US.1".into()));
    let (sent, _) = made!(answer, |meta, caller| send::send(&meta, caller.call(), whatsapp, &to_id));
    assert_eq!((sent.wa_id, sent.user_id.as_deref(), sent.status.as_deref()), (None, Some("US.1"), Some("accepted")));

    let answer = r#"{"recipient_id":"710","message_id":"m_1"}"#;
    let instagram = Sender { channel: Channel::Instagram, id: "178" };
    let to_id = message(Recipient::Id("710".into()));
    let (sent, seen) = made!(answer, |meta, caller| send::send(&meta, caller.instagram(), instagram, &to_id));
    assert_eq!((line(&seen), sent.message_id.as_deref()), ("POST /ig/v23.0/178/messages", Some("m_1")));
    assert_token_and_body(&seen, r#"{"message":{"text":"Hi"},"recipient":{"id":"710"}}"#);

    let (_, seen) = made!(DONE, |meta, caller| send::mark_read(&meta, caller.call(), whatsapp, "", "wamid.IN"));
    let body = r#"{"message_id":"wamid.IN","messaging_product":"whatsapp","status":"read"}"#;
    assert_signed(&seen, "POST /v23.0/106/messages", body);
    let messenger = Sender { channel: Channel::Messenger, id: "201" };
    let (_, seen) = made!(r#"{"recipient_id":"710"}"#, |meta, caller| send::show_typing(
        &meta,
        caller.call(),
        messenger,
        "710",
        ""
    ));
    assert_signed(&seen, "POST /v23.0/201/messages", r#"{"recipient":{"id":"710"},"sender_action":"typing_on"}"#);
}
