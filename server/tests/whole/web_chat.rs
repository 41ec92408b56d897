//! Does web chat work from the web site to the inbox and back? Only on the sites that the business named, each message once,
//! and no visitor reads the conversation of another.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::BusinessId;
use domain::identity::Role;
use domain::messaging::{MessageStatus, Sender};
use domain::page::ListQuery;
use domain::web_chat::{BEGINNINGS, LONGEST_MESSAGE, MESSAGES};
use serde_json::{Value, json};
use store::messaging::{list, thread};
use store::tenant::{Scope, TenantTx};
use uuid::Uuid;

use crate::helpers::{Answer, Tenant, TestApp};

/// What a business and one of its visitors have.
struct Chat {
    app: TestApp,
    tenant: Tenant,
    cookie: String,
    key: String,
}

impl Chat {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let user = app.person(Role::BusinessOwner, &tenant).await;
        let cookie = app.sign_in(user).await;
        let mut chat = Self { app, tenant, cookie, key: String::new() };
        let saved = chat.save(true, "https://www.example.com https://shop.example.com/x", "Hello <b>you</b>").await;
        assert!(saved.status.is_success() || saved.status.is_redirection(), "{} {}", saved.status, saved.body);
        chat.key = store::webchat::get(&mut chat.tx().await).await.unwrap().unwrap().key;
        chat
    }

    async fn tx(&self) -> TenantTx {
        tx(&self.app, self.tenant.business).await
    }

    async fn save(&self, is_on: bool, origins: &str, greeting: &str) -> Answer {
        let business = self.tenant.business.to_string();
        let mut fields = vec![("business", business.as_str()), ("origins", origins), ("greeting", greeting)];
        fields.extend(is_on.then_some(("is_on", "on")));
        let form = serde_urlencoded::to_string(fields).unwrap();
        self.app.submit("save_web_chat", &form, Some(&self.cookie)).await
    }

    async fn ask(&self, key: &str, body: &Value) -> Answer {
        let request = Request::post(format!("/chat/{key}/exchange"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-forwarded-for", "203.0.113.7")
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-dest", "empty");
        self.app.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// What a visitor sees after a visit.
    async fn visit(&self, visitor: &str, said: &[(Uuid, &str)], seen: bool) -> Vec<Value> {
        let said: Vec<_> = said.iter().map(|(id, text)| json!({ "id": id, "text": text })).collect();
        let body =
            json!({ "visitor": visitor, "said": said, "seen": seen, "name": "Ana Diaz", "email": "ana@example.com" });
        let answer = self.ask(&self.key, &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        answer["lines"].as_array().unwrap().clone()
    }

    /// The statuses of our messages in the only conversation.
    async fn statuses(&self) -> Vec<(Sender, MessageStatus)> {
        let mut tx = self.tx().await;
        let all = sole(&mut tx).await;
        let read = thread::thread(&mut tx, all, None, 50).await.unwrap();
        read.messages.iter().map(|message| (message.sender, message.status)).collect()
    }
}

async fn tx(app: &TestApp, business: BusinessId) -> TenantTx {
    TenantTx::begin(&app.db, Scope::Business { user: None, business }).await.unwrap()
}

fn secret(of: &str) -> String {
    of.repeat(32)
}

/// The only conversation of the business.
async fn sole(tx: &mut TenantTx) -> domain::ConversationId {
    let all = list::list(tx, &ListQuery::default(), None).await.unwrap();
    assert_eq!(all.rows.len(), 1, "{:?}", all.rows);
    all.rows[0].id
}

#[tokio::test]
async fn only_the_sites_of_the_business_show_the_page_and_nothing_in_it_is_markup() {
    let chat = Chat::new().await;
    let page = chat.app.browse(&format!("/chat/{}", chat.key), None).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.ends_with("frame-ancestors https://www.example.com https://shop.example.com"), "{policy}");
    assert!(!policy.contains("unsafe") && policy.starts_with("default-src 'none'"), "{policy}");
    assert!(page.body.contains("Hello &lt;b&gt;you&lt;/b&gt;") && !page.body.contains("<b>you"), "{}", page.body);
    assert!(page.headers.get(header::SET_COOKIE).is_none(), "a visitor gets no session");
    let script = chat.app.get(&format!("/chat/{}.js", chat.key), None).await;
    assert!(script.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/javascript"));
    assert_eq!(script.headers["cross-origin-resource-policy"], "cross-origin");
    for (file, kind) in [("frame.js", "text/javascript"), ("frame.css", "text/css")] {
        let answer = chat.app.get(&format!("/chat/{file}"), None).await;
        assert!(answer.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with(kind), "{file}");
    }
    for key in ["0123456789abcdef01234567", "x", "%00", &chat.key.to_uppercase()] {
        let answer = chat.app.browse(&format!("/chat/{key}"), None).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{key}");
    }
}

#[tokio::test]
async fn a_visitor_writes_once_and_is_answered_and_the_business_sees_how_far_it_came() {
    let chat = Chat::new().await;
    let (ana, other) = (secret("0a"), secret("0b"));
    assert!(chat.visit(&ana, &[], true).await.is_empty(), "looking stores nothing");
    let (first, second) = (Uuid::now_v7(), Uuid::now_v7());
    for _ in 0..2 {
        let lines = chat.visit(&ana, &[(first, "Are you open?"), (second, "<i>On Saturday</i>")], true).await;
        let texts: Vec<_> = lines.iter().map(|line| line["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["Are you open?", "<i>On Saturday</i>"]);
        assert_eq!((&lines[0]["id"], &lines[0]["from"]), (&json!(first), &json!("visitor")));
    }
    let mut tx = chat.tx().await;
    let conversation = sole(&mut tx).await;
    let line = list::line(&mut tx, conversation).await.unwrap();
    assert_eq!((line.contact_name.as_str(), line.unread), ("Ana Diaz", 2));
    drop(tx);
    let form = [
        ("business", chat.tenant.business.to_string()),
        ("conversation", conversation.to_string()),
        ("key", Uuid::now_v7().to_string()),
        ("text", "Yes, until noon.".to_owned()),
    ];
    let form = serde_urlencoded::to_string(form).unwrap();
    let sent = chat.app.submit("reply_to_customer", &form, Some(&chat.cookie)).await;
    assert!(sent.status.is_success() || sent.status.is_redirection(), "{} {}", sent.status, sent.body);
    let ours = |status| vec![(Sender::Person, status)];
    let now = async || {
        let all = chat.statuses().await;
        all.into_iter().filter(|(sender, _)| *sender == Sender::Person).collect::<Vec<_>>()
    };
    assert_eq!(now().await, ours(MessageStatus::Sent));
    assert!(chat.visit(&other, &[], true).await.is_empty(), "another browser sees nothing of it");
    assert_eq!(now().await, ours(MessageStatus::Sent));
    for (seen, status) in [
        (false, MessageStatus::Delivered),
        (false, MessageStatus::Delivered),
        (true, MessageStatus::Read),
        (false, MessageStatus::Read),
    ] {
        let lines = chat.visit(&ana, &[], seen).await;
        assert_eq!((&lines[2]["from"], &lines[2]["text"]), (&json!("business"), &json!("Yes, until noon.")));
        assert_eq!(now().await, ours(status));
    }
}

#[tokio::test]
async fn the_same_id_of_two_visitors_hides_neither_message() {
    let chat = Chat::new().await;
    let id = Uuid::now_v7();
    for (visitor, text) in [(secret("0a"), "I am Ana"), (secret("0b"), "I am Ben")] {
        let lines = chat.visit(&visitor, &[(id, text)], true).await;
        assert_eq!((lines.len(), &lines[0]["text"]), (1, &json!(text)));
    }
}

#[tokio::test]
async fn a_known_state_is_not_sent_again() {
    let chat = Chat::new().await;
    let said = json!([{ "id": Uuid::now_v7(), "text": "Hello" }]);
    let first = chat.ask(&chat.key, &json!({ "visitor": secret("0a"), "said": said })).await;
    let first: Value = serde_json::from_str(&first.body).unwrap();
    let again = chat.ask(&chat.key, &json!({ "visitor": secret("0a"), "version": first["version"] })).await;
    let again: Value = serde_json::from_str(&again.body).unwrap();
    assert_eq!((&again["version"], again.get("lines")), (&first["version"], None));
}

#[tokio::test]
async fn what_is_wrong_or_too_much_is_refused_and_stores_nothing() {
    let chat = Chat::new().await;
    let before = chat.app.written().await;
    let message = |text: &str| json!([{ "id": Uuid::now_v7(), "text": text }]);
    for (what, body, status) in [
        ("no secret", json!({ "said": message("x") }), 422),
        ("no text", json!({ "visitor": secret("0a"), "said": message(" ") }), 422),
        ("too long", json!({ "visitor": secret("0a"), "said": message(&"x".repeat(LONGEST_MESSAGE + 1)) }), 422),
        ("no id", json!({ "visitor": secret("0a"), "said": [{ "text": "x" }] }), 400),
    ] {
        let answer = chat.ask(&chat.key, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.body);
    }
    let form = Request::post(format!("/chat/{}/exchange", chat.key)).header(header::CONTENT_TYPE, "text/plain");
    let body = json!({ "visitor": secret("0a"), "said": message("x") }).to_string();
    let answer = chat.app.send(form.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "what another site can send without asking");
    assert_eq!(chat.app.written().await, before);
    for _ in 0..MESSAGES.visitor {
        chat.visit(&secret("0c"), &[(Uuid::now_v7(), "x")], false).await;
    }
    let answer = chat.ask(&chat.key, &json!({ "visitor": secret("0c"), "said": message("x") })).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.body);
    assert!(answer.headers.contains_key(header::RETRY_AFTER));
    chat.visit(&secret("0c"), &[], false).await;
}

#[tokio::test]
async fn one_stranger_neither_closes_the_web_chat_nor_fills_the_inbox() {
    let chat = Chat::new().await;
    let many: Vec<_> = (0..MESSAGES.business).map(|_| json!({ "id": Uuid::now_v7(), "text": "x" })).collect();
    let flood = chat.ask(&chat.key, &json!({ "visitor": secret("ff"), "said": many })).await;
    assert_eq!(flood.status, StatusCode::BAD_REQUEST, "{}", flood.body);
    let hello = || [(Uuid::now_v7(), "Hello")];
    for visitor in 0..BEGINNINGS.address {
        chat.visit(&secret(&format!("{visitor:02x}")), &hello(), false).await;
    }
    let before = chat.app.written().await;
    let said = json!([{ "id": Uuid::now_v7(), "text": "Hello" }]);
    let next = chat.ask(&chat.key, &json!({ "visitor": secret("fe"), "said": said })).await;
    assert_eq!(next.status, StatusCode::TOO_MANY_REQUESTS, "{}", next.body);
    assert!(next.headers.contains_key(header::RETRY_AFTER));
    assert_eq!(chat.app.written().await, before);
    chat.visit(&secret("fe"), &[], false).await;
    assert_eq!(chat.visit(&secret("00"), &hello(), false).await.len(), 2, "whoever is known goes on");
}

#[tokio::test]
async fn the_web_chats_of_an_agency_that_is_gone_are_closed() {
    for end in ["update agencies set deleted_at = now()", "update agencies set status = 'paused'"] {
        let chat = Chat::new().await;
        chat.app.base.execute(end).await;
        let answer = chat.ask(&chat.key, &json!({ "visitor": secret("0a") })).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{end}");
        assert_eq!(chat.app.browse(&format!("/chat/{}", chat.key), None).await.status, StatusCode::NOT_FOUND, "{end}");
    }
}

#[tokio::test]
async fn a_web_chat_that_is_off_is_not_there_and_keeps_its_key() {
    let chat = Chat::new().await;
    let id = Uuid::now_v7();
    chat.visit(&secret("0a"), &[(id, "Hello")], true).await;
    let off = chat.save(false, "", "").await;
    assert!(off.status.is_success() || off.status.is_redirection(), "{} {}", off.status, off.body);
    let gone = chat.ask(&chat.key, &json!({ "visitor": secret("0a") })).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert_eq!(chat.app.browse(&format!("/chat/{}", chat.key), None).await.status, StatusCode::NOT_FOUND);
    for (origins, fits) in [("", false), ("nowhere", false), ("example.com", true)] {
        let saved = chat.save(true, origins, "").await;
        assert_eq!(saved.status.is_success() || saved.status.is_redirection(), fits, "{origins}: {}", saved.body);
    }
    assert_eq!(chat.visit(&secret("0a"), &[], true).await.len(), 1, "the same key leads to the same conversation");
}
