//! Is what Meta sends checked, stored before it is answered, and done once, in whatever order and however often it comes?

use std::path::Path;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::work::Queue;
use secrecy::SecretString;
use slipway::http::meta_webhook::{LARGEST, PATH};

use crate::helpers::{Answer, TestApp, master};

/// The secret of the app.
pub const SECRET: &str = "test-app-secret";
const INSTAGRAM_SECRET: &str = "test-ig-secret";
const VERIFY_TOKEN: &str = "test-verify-token";

/// The accounts of the samples, connected to the one business that there is, by the person of the callbacks.
pub const CONNECT: &str = "insert into integrations (agency_id, sub_account_id, type, platform_id, platform_name, waba_id, connected_at, metadata)
    select s.agency_id, s.id, a.type::integration_type, a.id, 'Northwind', a.waba, now(), '{\"person\": \"218471000000001\"}'
    from sub_accounts s, (values ('WHATSAPP', '106540000000001', '102290000000001'), ('FACEBOOK', '201000000000001', null),
                                 ('INSTAGRAM', '17841400000000001', null)) a (type, id, waba)";

/// What a person of the business sees in the end, without what differs from run to run.
const INBOX: &str = "create table test_inbox as
    select m.channel, m.external_id, m.direction, m.sender, m.kind, m.body, m.status, m.error_code, m.reply_to, m.happened_at, m.revoked_at is not null as revoked,
           (select string_agg(r.by_contact || r.emoji, ',' order by r.by_contact) from message_reactions r where r.message_id = m.id) as reactions,
           (select count(*) from message_attachments a where a.message_id = m.id) as files,
           (select count(*) from conversations) as conversations, (select count(*) from contacts) as contacts,
           (select count(*) from early_statuses) as early, (select count(*) from integration_evidence e where e.kind <> 'event') as evidence
    from messages m order by m.external_id nulls last, m.body";

/// The settings of a server with a Meta app.
pub fn settings(master: &str) -> [(&'static str, &str); 10] {
    [
        ("GHL_BASE_URL", "http://127.0.0.1:9"),
        ("GHL_MARKETPLACE_URL", "http://127.0.0.1:9"),
        ("GHL_CLIENT_ID", "app-x"),
        ("ENCRYPTION_KEY", master),
        ("META_APP_ID", "990000000000001"),
        ("META_APP_SECRET", SECRET),
        ("META_WEBHOOK_VERIFY_TOKEN", VERIFY_TOKEN),
        ("META_IG_APP_SECRET", INSTAGRAM_SECRET),
        ("META_GRAPH_URL", "http://127.0.0.1:9"),
        ("META_IG_GRAPH_URL", "http://127.0.0.1:9"),
    ]
}

/// A server with a Meta app.
pub async fn app() -> TestApp {
    TestApp::with(&settings(&master())).await
}

/// The value of the header for a body.
pub fn signature(secret: &str, body: &[u8]) -> String {
    meta::signature::sign(&SecretString::from(secret.to_owned()), body)
}

/// Sends a body as Meta does.
pub async fn post(app: &TestApp, body: Vec<u8>, signature: &str) -> Answer {
    let request = Request::post(PATH)
        .header(header::CONTENT_TYPE, "application/json")
        .header(meta::signature::HEADER, signature)
        .body(Body::from(body));
    app.send(request.unwrap()).await
}

/// The rows of a table, as text.
pub async fn table(app: &TestApp, name: &str) -> Vec<String> {
    let (_, rows) = app.base.contents().await.into_iter().find(|(table, _)| table == name).unwrap();
    rows.lines().map(ToOwned::to_owned).collect()
}

/// Every sample of a webhook, as it would come.
pub fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/crates/meta/src/fixtures");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path));
    let webhooks = named.filter(|(name, _)| ["wa_", "fb_", "ig_"].iter().any(|kind| name.starts_with(kind)));
    let mut found: Vec<_> = webhooks.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect();
    found.sort();
    assert!(found.len() > 60, "{}", found.len());
    found
}

/// A server with one business that has connected everything.
async fn connected() -> TestApp {
    let app = app().await;
    let agency = app.base.agency().await;
    app.base.business(agency).await;
    app.base.execute(CONNECT).await;
    app
}

/// The inbox after these bodies, each of which is done before the next one comes.
async fn inbox_after(bodies: impl IntoIterator<Item = &(String, Vec<u8>)>) -> Vec<String> {
    let app = connected().await;
    for (name, body) in bodies {
        let answer = post(&app, body.clone(), &signature(SECRET, body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.body);
        worker::testing::run_due_in(&app.worker, &[Queue::MessagesIn]).await;
    }
    let open = table(&app, "inbound_items").await.iter().filter(|row| row.contains(",waiting,")).count();
    assert_eq!(open, 0, "every item has ended");
    assert!(table(&app, "work_dead").await.is_empty());
    app.base.execute(INBOX).await;
    let rows = table(&app, "test_inbox").await;
    // Before the row stands the transaction that wrote it.
    rows.iter().map(|row| row.split_once('(').map_or(row.as_str(), |(_, row)| row).to_owned()).collect()
}

#[tokio::test]
async fn every_sample_gives_the_same_inbox_twice_and_shuffled() {
    let samples = samples();
    let once = inbox_after(&samples).await;
    assert!(once.len() > 30, "{}", once.len());
    assert_eq!(inbox_after(samples.iter().flat_map(|sample| [sample, sample])).await, once, "each one twice");
    assert_eq!(inbox_after(samples.iter().chain(&samples)).await, once, "all of them twice");
    assert_eq!(inbox_after(samples.iter().rev()).await, once, "backwards");
    // Steps that share no divisor with the number of samples visit each of them once.
    let step = (7..).find(|step| !samples.len().is_multiple_of(*step) && [7, 11, 13, 17, 19].contains(step)).unwrap();
    let shuffled = (0..samples.len()).map(|at| &samples[at * step % samples.len()]);
    assert_eq!(inbox_after(shuffled).await, once, "shuffled");
}

#[tokio::test]
async fn only_what_meta_signed_is_stored() {
    let app = app().await;
    let body = br#"{"object":"page","entry":[]}"#;
    let sound = signature(SECRET, body);
    for (sent, header) in [
        (&body[..], String::new()),
        (body, sound[7..].to_owned()),
        (body, sound.replace("sha256", "sha1")),
        (body, signature("another secret", body)),
        (body, signature("", body)),
        (br#"{"object":"page", "entry":[]}"#, sound.clone()),
        (b"", sound.clone()),
    ] {
        let answer = post(&app, sent.to_vec(), &header).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{header}");
    }
    assert!(table(&app, "inbound_events").await.is_empty());
    let audit = table(&app, "audit_events").await;
    assert_eq!(audit.iter().filter(|row| row.contains("meta.unsigned")).count(), 1, "once a minute");
    for secret in [SECRET, INSTAGRAM_SECRET] {
        assert_eq!(post(&app, body.to_vec(), &signature(secret, body)).await.status, StatusCode::OK);
    }
    assert_eq!(table(&app, "inbound_events").await.len(), 2);
    assert_eq!(table(&app, "work_ready").await.len(), 2, "each has its work");
}

#[tokio::test]
async fn whatever_is_signed_is_stored_and_nothing_of_it_fails_the_worker() {
    let app = connected().await;
    let bodies: [&[u8]; 7] = [
        b"",
        b"no json",
        b"\xff\xfe",
        b"[]",
        br#"{"object":"page","entry":[{"id":201000000000001,"messaging":[{"sender":{"id":"1\u0000"},"message":{"mid":"m\u0000","text":"\u0000 \ud800"}}]}]}"#,
        br#"{"object":"page","entry":[{"id":"nobody","messaging":[{"sender":{"id":"1"},"recipient":{"id":"nobody"},"message":{"mid":"m","text":"x"}}]}]}"#,
        br#"{"object":"moon","entry":[{"id":"1"}]}"#,
    ];
    for body in bodies {
        assert_eq!(post(&app, body.to_vec(), &signature(SECRET, body)).await.status, StatusCode::OK);
    }
    worker::testing::run_due_in(&app.worker, &[Queue::MessagesIn]).await;
    let events = table(&app, "inbound_events").await;
    assert_eq!(events.iter().filter(|row| row.contains(",received,")).count(), 0, "{events:?}");
    assert!(table(&app, "work_scheduled").await.is_empty() && table(&app, "work_dead").await.is_empty());
    let items = table(&app, "inbound_items").await;
    assert_eq!(items.iter().filter(|row| row.contains(",unroutable,")).count(), 1, "{items:?}");
}

#[tokio::test]
async fn a_body_has_a_limit_that_meta_never_reaches() {
    let app = app().await;
    let most = vec![b' '; LARGEST];
    assert_eq!(post(&app, most.clone(), &signature(SECRET, &most)).await.status, StatusCode::OK);
    let more = vec![b' '; LARGEST + 1];
    let answer = post(&app, more.clone(), &signature(SECRET, &more)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(table(&app, "inbound_events").await.len(), 1);
}

#[tokio::test]
async fn requests_at_once_are_stored_together_and_each_once() {
    let app = app().await;
    let bodies: Vec<Vec<u8>> = (0..24).map(|n| format!("{{\"n\":{n}}}").into_bytes()).collect();
    let sent = bodies.iter().map(|body| async { post(&app, body.clone(), &signature(SECRET, body)).await });
    let answers = futures::future::join_all(sent).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    assert_eq!(table(&app, "inbound_events").await.len(), bodies.len());
    assert_eq!(table(&app, "work_ready").await.len(), bodies.len());
}

#[tokio::test]
async fn what_the_database_does_not_take_is_not_acknowledged() {
    let app = app().await;
    app.base.execute("alter table inbound_events add constraint closed check (false) not valid").await;
    let body = b"{}";
    let answer = post(&app, body.to_vec(), &signature(SECRET, body)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers.contains_key(header::RETRY_AFTER));
    app.base.execute("alter table inbound_events drop constraint closed").await;
    assert_eq!(
        post(&app, body.to_vec(), &signature(SECRET, body)).await.status,
        StatusCode::OK,
        "the next one is taken"
    );
}

#[tokio::test]
async fn the_handshake_repeats_the_challenge_to_whoever_knows_the_token() {
    let app = app().await;
    let ask = async |query: String| app.get(&format!("{PATH}?{query}"), None).await;
    let sound = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VERIFY_TOKEN}");
    let answer = ask(sound.clone()).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "1158201444"));
    assert!(answer.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/plain"));
    for wrong in [
        String::new(),
        sound.replace("subscribe", "unsubscribe"),
        sound.replace(VERIFY_TOKEN, "wrong"),
        sound.replace(VERIFY_TOKEN, ""),
        format!("hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}&hub.challenge={}", "x".repeat(2000)),
    ] {
        assert_eq!(ask(wrong).await.status, StatusCode::FORBIDDEN);
    }
    let without = TestApp::new().await;
    let query = "hub.mode=subscribe&hub.challenge=1&hub.verify_token=";
    assert_eq!(
        without.get(&format!("{PATH}?{query}"), None).await.status,
        StatusCode::FORBIDDEN,
        "no token is nobody's"
    );
}

/// A form with a request about the person who connected everything.
fn signed_request(secret: &str) -> String {
    let payload =
        URL_SAFE_NO_PAD.encode(r#"{"algorithm":"HMAC-SHA256","user_id":"218471000000001","issued_at":1790000000}"#);
    let mac = hex::decode(&signature(secret, payload.as_bytes())[7..]).unwrap();
    format!("signed_request={}.{payload}", URL_SAFE_NO_PAD.encode(mac))
}

async fn call_back(app: &TestApp, path: &str, form: String) -> Answer {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(form)).unwrap()).await
}

#[tokio::test]
async fn a_consent_that_was_taken_back_needs_a_new_one() {
    let app = connected().await;
    for form in [String::new(), signed_request("another"), "signed_request=.".to_owned()] {
        assert_eq!(call_back(&app, "/api/meta/deauthorize", form).await.status, StatusCode::UNAUTHORIZED);
    }
    for _ in 0..2 {
        let answer = call_back(&app, "/api/meta/deauthorize", signed_request(SECRET)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    let audit = table(&app, "audit_events").await;
    assert_eq!(audit.iter().filter(|row| row.contains("integration.needs_reauth")).count(), 3, "each channel once");
    assert_eq!(audit.iter().filter(|row| row.contains("meta.deauthorized")).count(), 2);
}

#[tokio::test]
async fn a_deletion_is_done_and_can_be_looked_up() {
    let app = connected().await;
    let path = "/api/meta/data-deletion";
    assert_eq!(call_back(&app, path, signed_request("another")).await.status, StatusCode::UNAUTHORIZED);
    let answer = call_back(&app, path, signed_request(SECRET)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let said: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let (url, code) = (said["url"].as_str().unwrap(), said["confirmation_code"].as_str().unwrap());
    assert!(!table(&app, "integrations").await.join(" ").contains("218471000000001"), "nothing is left of the person");
    let at = url.find(path).unwrap();
    let status = app.get(&url[at..], None).await;
    assert_eq!(status.status, StatusCode::OK);
    assert!(status.body.contains(code) && status.body.contains("deleted"), "{}", status.body);
    for unknown in [path.to_owned(), format!("{path}?code="), format!("{path}?code={}1", &code[..code.len() - 1])] {
        let other = app.get(&unknown, None).await.status;
        assert!(other == StatusCode::NOT_FOUND || unknown.ends_with(code), "{unknown}");
    }
}
