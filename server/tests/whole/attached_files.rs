//! Does the form of an answer with files send each of them once, and nothing of what the channel does not take?

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::identity::Role;
use domain::messaging::Direction;
use domain::messaging::view::MessageView;
use meta::media::sign_link;
use secrecy::SecretString;
use store::messaging::{scheduled, thread};
use uuid::Uuid;

use crate::conversations::{self, Inbox};
use crate::helpers::{Answer, Tenant, TestApp};
use crate::meta_webhook;

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR of an answer";

/// In two hours by the clock of UTC, as a browser writes it: the same for every form, so that one that is sent twice is the same.
static WHEN: LazyLock<String> =
    LazyLock::new(|| (chrono::Utc::now() + chrono::TimeDelta::hours(2)).format("%Y-%m-%dT%H:%M").to_string());

/// A person's form.
struct Form<'a> {
    app: &'a TestApp,
    cookie: &'a str,
    business: String,
    conversation: String,
}

impl Form<'_> {
    async fn send(&self, operation: &str, key: &str, text: &str, files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        let place = [("business", self.business.as_str()), ("conversation", &self.conversation)];
        let fields = place.into_iter().chain([("key", key), ("text", text), ("when", WHEN.as_str())]);
        for (name, value) in fields {
            let part = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.bytes());
        }
        for (name, content) in files {
            let part = format!("--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n");
            body.extend(part.bytes());
            body.extend(*content);
            body.extend(b"\r\n");
        }
        body.extend(b"--x--\r\n");
        let request = Request::post(format!("/do/{operation}"))
            .header(header::COOKIE, self.cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body));
        self.app.send(request.unwrap()).await
    }
}

/// Our messages, in their order.
async fn ours(inbox: &Inbox) -> Vec<MessageView> {
    let thread = thread::thread(&mut inbox.tx().await, inbox.conversation, None, 100).await.unwrap();
    thread.messages.into_iter().filter(|message| message.direction == Direction::Out).collect()
}

async fn world(app: &TestApp) -> (Tenant, Inbox, String) {
    let tenant = app.tenant().await;
    let user = app.person(Role::BusinessOwner, &tenant).await;
    let inbox = Inbox::new(app, &tenant, user).await;
    let cookie = app.sign_in(user).await;
    (tenant, inbox, cookie)
}

#[tokio::test]
async fn each_file_is_a_message_after_the_text_and_the_same_form_sends_once() {
    let app = TestApp::new().await;
    let (tenant, inbox, cookie) = world(&app).await;
    let (business, conversation) = (tenant.business.to_string(), inbox.conversation.to_string());
    let form = Form { app: &app, cookie: &cookie, business, conversation };
    let files: &[(&str, &[u8])] = &[("../tooth.png", PICTURE), ("prices.txt", b"A cleaning costs $80.")];
    let key = Uuid::now_v7().to_string();
    for _ in 0..2 {
        let answer = form.send("reply_to_customer", &key, "Here they are", files).await;
        assert!(answer.status.is_success() || answer.status.is_redirection(), "{}", answer.body);
    }
    let sent = ours(&inbox).await;
    let kinds: Vec<_> = sent.iter().map(|message| (message.kind.as_str(), message.body.as_str())).collect();
    assert_eq!(kinds, [("text", "Here they are"), ("image", ""), ("document", "")]);
    assert_eq!(sent[1].attachments[0].name, "tooth.png");
    assert_eq!(sent[2].attachments[0].mime.as_deref(), Some("text/plain"));
    let address = format!("/b/{}/media/{}", tenant.business, sent[1].attachments[0].id);
    assert_eq!(app.get(&address, Some(&cookie)).await.status, StatusCode::OK, "it lies where the others lie");
    let alone = form.send("reply_to_customer", &Uuid::now_v7().to_string(), "", &files[..1]).await;
    assert!(alone.status.is_success() || alone.status.is_redirection(), "{}", alone.body);
    assert_eq!(ours(&inbox).await.len(), 4, "a picture needs no text");
}

#[tokio::test]
async fn a_file_waits_with_a_scheduled_answer_and_goes_with_it() {
    let app = TestApp::new().await;
    let (tenant, inbox, cookie) = world(&app).await;
    let (business, conversation) = (tenant.business.to_string(), inbox.conversation.to_string());
    let form = Form { app: &app, cookie: &cookie, business: business.clone(), conversation };
    let key = Uuid::now_v7().to_string();
    for _ in 0..2 {
        let answer = form.send("schedule_message", &key, "", &[("../tooth.png", PICTURE)]).await;
        assert!(answer.status.is_success() || answer.status.is_redirection(), "{}", answer.body);
    }
    assert!(ours(&inbox).await.is_empty(), "nothing is sent before its time");
    let waiting = scheduled::list(&mut inbox.tx().await, Some(inbox.conversation)).await.unwrap();
    let [one] = &waiting[..] else { panic!("{waiting:?}") };
    assert_eq!((one.body.as_str(), &one.files[..]), ("", &["tooth.png".to_owned()][..]));
    let page = app.browse(&format!("/b/{business}/scheduled"), Some(&cookie)).await.body;
    assert!(page.contains("tooth.png"), "{page}");
    let fields = [("business", business.clone()), ("scheduled", one.id.to_string())];
    let fields = serde_urlencoded::to_string(fields).unwrap();
    let done = app.submit("send_scheduled_now", &fields, Some(&cookie)).await;
    assert!(done.status.is_success() || done.status.is_redirection(), "{}", done.body);
    let sent = ours(&inbox).await;
    let [message] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((message.kind.as_str(), message.attachments[0].name.as_str()), ("image", "tooth.png"));
    let address = format!("/b/{business}/media/{}", message.attachments[0].id);
    assert_eq!(app.get(&address, Some(&cookie)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_does_not_go_leaves_nothing() {
    let app = TestApp::new().await;
    let (tenant, inbox, cookie) = world(&app).await;
    let (business, conversation) = (tenant.business.to_string(), inbox.conversation.to_string());
    let form = Form { app: &app, cookie: &cookie, business, conversation };
    let program: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0";
    let good: (&str, &[u8]) = ("tooth.png", PICTURE);
    for (operation, text, files) in [
        ("reply_to_customer", "Run this", &[good, ("run.png", program)][..]),
        ("reply_to_customer", "", &[]),
        ("reply_to_customer", "", &[good; 6]),
        ("schedule_message", "", &[]),
        ("schedule_message", "Run this", &[("run.png", program)]),
        ("add_conversation_note", "For the team", &[good]),
    ] {
        let answer = form.send(operation, &Uuid::now_v7().to_string(), text, files).await;
        assert!(answer.status.is_client_error(), "{operation} {text}: {} {}", answer.status, answer.body);
        assert!(ours(&inbox).await.is_empty(), "{operation} {text}");
    }
    let anonymous = Form { cookie: "", ..form };
    let answer = anonymous.send("reply_to_customer", "1", "x", &[good]).await;
    assert!(answer.status.is_client_error() || answer.status.is_redirection(), "{}", answer.status);
    let arriving = conversations::data(&app.mails).join("media").join(store::messaging::disk::ARRIVING);
    let left = std::fs::read_dir(arriving).map_or(0, Iterator::count);
    assert_eq!(left, 0, "what was refused does not stay on the disk");
}

#[tokio::test]
async fn instagram_fetches_a_file_by_a_signature_and_nobody_without_one() {
    let app = meta_webhook::app().await;
    let (tenant, inbox, cookie) = world(&app).await;
    let (business, conversation) = (tenant.business.to_string(), inbox.conversation.to_string());
    let form = Form { app: &app, cookie: &cookie, business: business.clone(), conversation };
    let sent = form.send("reply_to_customer", &Uuid::now_v7().to_string(), "", &[("tooth.png", PICTURE)]).await;
    assert!(sent.status.is_success() || sent.status.is_redirection(), "{}", sent.body);
    let file = ours(&inbox).await[0].attachments[0].id.to_string();
    let until = chrono::Utc::now().timestamp() + 60;
    let settings = meta_webhook::settings("");
    let secret = settings.iter().find(|(name, _)| *name == "META_APP_SECRET").unwrap().1;
    let signature = sign_link(&SecretString::from(secret.to_owned()), &business, &file, until).unwrap();
    let path = format!("/api/meta/files/{business}/{file}");
    let address = format!("{path}?until={until}&signature={signature}");
    let answer = app.get(&address, None).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "image/png");
    for wrong in [
        path.clone(),
        format!("{path}?until={}&signature={signature}", until + 1),
        format!("{path}?until={until}&signature=00"),
        address.replace(&business, &Uuid::now_v7().to_string()),
        address.replace(&file, &Uuid::now_v7().to_string()),
    ] {
        assert_eq!(app.get(&wrong, None).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}
