//! Outgoing webhooks: a page and the API run the same operations, a secret is shown once and then signs, a delivery can
//! be followed and sent again, and nobody points one into a closed network or at another agency's events.

use axum::http::{Method, StatusCode};
use domain::field::FieldError;
use domain::identity::Role;
use domain::webhooks::{Format, NewWebhook};
use serde_json::{Value, json};

use crate::happy_paths::World as Happy;
use crate::helpers::{Answer, Tenant, TestApp};
use crate::secret_leaks::dump;
use crate::secret_scanner::{Canary, found};

const ENDPOINTS: &str = "/api/v1/webhook-endpoints";
const DELIVERIES: &str = "/api/v1/webhook-deliveries";

/// An agency with its owner, and a token of its own.
struct World {
    app: TestApp,
    tenant: Tenant,
    owner: String,
    token: String,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
        let token = app.token(&tenant, &["webhooks"]).await;
        Self { app, tenant, owner, token }
    }

    async fn api(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        self.app.api(&self.token, method, path, body.to_string()).await
    }

    async fn form(&self, operation: &str, fields: &[(&str, &str)]) -> Answer {
        self.app.submit_in(self.tenant.agency, operation, fields, &self.owner).await
    }

    fn page(&self) -> String {
        format!("/a/{}/webhooks", self.tenant.agency)
    }

    async fn shown(&self, query: &str) -> String {
        self.app.browse(&format!("{}{query}", self.page()), Some(&self.owner)).await.body
    }

    /// Adds an endpoint by the API and returns its id and secret.
    async fn add(&self, body: &Value) -> (String, Value) {
        let (status, made) = self.api(Method::POST, ENDPOINTS, body).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        (made["webhook"]["id"].as_str().unwrap().to_owned(), made["secret"].clone())
    }
}

fn sound() -> Value {
    json!({ "url": "https://example.com/hooks", "events": ["job.failed", "client.created"] })
}

/// A form that succeeds, for an endpoint or a delivery that exists.
pub async fn form_of(world: &Happy, operation: &str) -> Option<String> {
    if !operation.contains("webhook") || operation == "create_webhook" {
        return None;
    }
    let new: NewWebhook = serde_json::from_value(sound()).unwrap();
    let mut tx = world.agency().await;
    let (webhook, _) = store::webhooks::add(&mut tx, &world.app.vault, &new).await.unwrap();
    let test = store::webhooks::add_test(&mut tx, webhook.id, Format::Json, "https://slipway.test").await.unwrap();
    tx.commit().await.unwrap();
    world.app.base.execute("update webhook_deliveries set state = 'failed', finished_at = now()").await;
    let id = if operation == "replay_webhook_delivery" { test.id.to_string() } else { webhook.id.to_string() };
    let url = "%2Furl=https%3A%2F%2Fexample.com%2Fother&%2Fevents%2Fjob.failed=on";
    Some(format!("agency={}&id={id}&active=false&{url}", world.tenant.agency))
}

#[tokio::test]
async fn a_form_and_a_body_make_the_same_webhook_and_show_its_secret_once() {
    let world = World::new().await;
    let fields = [
        ("/url", "https://example.com/hooks"),
        ("/format", "json"),
        ("/description", " Our  CRM "),
        ("/events/job.failed", "on"),
        ("/events/client.created", "on"),
    ];
    let page = world.page();
    let form: Vec<_> = fields.iter().copied().chain([("agency", &page[3..39])]).collect();
    world.app.post("create_webhook", &serde_urlencoded::to_string(form).unwrap(), &page, &world.owner).await;
    let first = world.shown("").await;
    assert!(first.contains("whsec_") && first.contains("Our CRM"), "the secret is shown");
    assert!(!world.shown("").await.contains("whsec_"), "and not again");
    let (_, list) = world.api(Method::GET, ENDPOINTS, &Value::Null).await;
    let mut by_page = list["rows"][0].clone();
    let mut body = sound();
    body["description"] = json!("Our CRM");
    let (id, secret) = world.add(&body).await;
    assert!(secret.as_str().unwrap().starts_with("whsec_"), "{secret}");
    let (_, mut by_api) = world.api(Method::GET, &format!("{ENDPOINTS}/{id}"), &Value::Null).await;
    assert!(!by_api.to_string().contains("whsec_"));
    for webhook in [&mut by_page, &mut by_api] {
        for own in ["id", "created_at", "updated_at"] {
            assert!(webhook[own].take().is_string(), "{own}");
        }
    }
    assert_eq!(by_page, by_api);
}

#[tokio::test]
async fn a_page_and_the_api_refuse_a_webhook_in_the_same_words() {
    let world = World::new().await;
    let closed = [
        "http://example.com/hooks",
        "https://localhost/hooks",
        "https://127.0.0.1/hooks",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1:6379/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://printer.local/",
        "https://me:secret@example.com/",
        "ftp://example.com",
        "example.com",
    ];
    for url in closed {
        let page = world.form("create_webhook", &[("/url", url), ("/events/job.failed", "on")]).await;
        let (status, problem) =
            world.api(Method::POST, ENDPOINTS, &json!({ "url": url, "events": ["job.failed"] })).await;
        assert_eq!([page.status, status], [StatusCode::UNPROCESSABLE_ENTITY; 2], "{url}: {} {problem}", page.body);
        let errors: Vec<FieldError> = serde_json::from_value(problem["errors"].clone()).unwrap();
        assert_eq!((errors.len(), errors[0].pointer.as_str()), (1, "/url"), "{url}");
        match serde_json::from_str(&page.body) {
            Ok(web::Error::Invalid(shown)) => assert_eq!(shown, errors, "{url}"),
            other => panic!("{url}: {other:?}"),
        }
    }
    let (status, problem) =
        world.api(Method::POST, ENDPOINTS, &json!({ "url": "https://example.com", "events": [] })).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("/events")));
    let (_, list) = world.api(Method::GET, ENDPOINTS, &Value::Null).await;
    assert_eq!(list["total"], 0, "nothing was added");
}

#[tokio::test]
async fn the_address_of_slack_is_a_secret() {
    let world = World::new().await;
    let url = "https://hooks.slack.com/services/T000/B000/verysecret";
    let body = json!({ "url": url, "format": "slack", "events": ["job.failed"] });
    let (id, secret) = world.add(&body).await;
    assert_eq!(secret, Value::Null, "there is nothing to sign with");
    let path = format!("{ENDPOINTS}/{id}");
    let (_, webhook) = world.api(Method::GET, &path, &Value::Null).await;
    assert_eq!(webhook["url"], "https://hooks.slack.com/\u{2026}");
    let (page, edit) = (world.shown("").await, world.shown(&format!("?edit={id}")).await);
    assert!(!page.contains("verysecret") && !edit.contains("verysecret"));
    // A change may leave the address out, or send back what is shown.
    for url in ["", "https://hooks.slack.com/\u{2026}"] {
        let body = json!({ "url": url, "format": "slack", "events": ["job.failed", "job.finished"] });
        let (status, changed) = world.api(Method::PUT, &path, &body).await;
        assert_eq!((status, &changed["events"][1]), (StatusCode::OK, &json!("job.finished")), "{changed}");
    }
    let (status, _) = world.api(Method::POST, &format!("{path}/secret"), &Value::Null).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (status, problem) = world.api(Method::PUT, &path, &sound()).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("/format")));
}

#[tokio::test]
async fn no_secret_of_a_webhook_is_stored_or_shown_twice() {
    let world = World::new().await;
    let url = "https://hooks.slack.com/services/T00000000/B00000000/canary0123456789abcdef";
    let (json, slack) = (
        [("/url", "https://example.com/x"), ("/format", "json"), ("/events/job.failed", "on")],
        [("secret_url", url), ("/format", "slack"), ("/events/job.failed", "on")],
    );
    world.form("create_webhook", &json).await;
    // Until the page is read, the secret waits in the session's row, where nobody else can read it.
    let unread = dump(&world.app).await;
    let page = world.shown("").await;
    let start = page.find("whsec_").unwrap();
    let secret: String =
        page[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || "_+/=".contains(*c)).collect();
    assert_eq!(secret.len(), "whsec_".len() + 44, "{secret}");
    for fields in
        [&slack[..], &[("secret_url", "https://hooks.slack.com/canary0123456789abcdef"), ("/format", "slack")]]
    {
        world.form("create_webhook", fields).await;
    }
    let canaries =
        [Canary::new("the signing secret", &secret), Canary::new("the address of Slack", "canary0123456789abcdef")];
    for sinks in [unread, dump(&world.app).await] {
        assert_eq!(found(&canaries, &sinks), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_test_is_followed_in_the_log_and_sent_again() {
    let world = World::new().await;
    let (id, _) = world.add(&sound()).await;
    let test = format!("{ENDPOINTS}/{id}/test");
    let (status, sent) = world.api(Method::POST, &test, &Value::Null).await;
    assert_eq!((status, &sent["state"], &sent["event"]), (StatusCode::ACCEPTED, &json!("waiting"), &json!("test")));
    assert_eq!(world.api(Method::POST, &test, &Value::Null).await.0, StatusCode::CONFLICT, "one at a time");
    let delivery = sent["id"].as_str().unwrap();
    let replay = format!("{DELIVERIES}/{delivery}/replay");
    assert_eq!(world.api(Method::POST, &replay, &Value::Null).await.0, StatusCode::CONFLICT, "it is on its way");
    world
        .app
        .base
        .execute("update webhook_deliveries set state = 'failed', finished_at = now(), trouble = 'timed_out'")
        .await;
    let (_, detail) = world.api(Method::GET, &format!("{DELIVERIES}/{delivery}"), &Value::Null).await;
    assert_eq!((&detail["delivery"]["trouble"], &detail["tries"]), (&json!("timed_out"), &json!([])));
    let body: Value = serde_json::from_str(detail["body"].as_str().unwrap()).unwrap();
    assert_eq!((&body["type"], &body["data"]["agency_id"]), (&json!("test"), &json!(world.tenant.agency)));
    let page = world.shown(&format!("?delivery={delivery}")).await;
    assert!(page.contains("No answer in 10 seconds") && page.contains("Send again"), "{page}");
    assert!(
        world.shown("?view=failed").await.contains(delivery)
            && !world.shown("?view=delivered").await.contains(delivery)
    );
    let (status, again) = world.api(Method::POST, &replay, &Value::Null).await;
    assert_eq!((status, &again["event_id"]), (StatusCode::ACCEPTED, &sent["event_id"]), "under the same id");
    // What is off gets nothing, whoever asks.
    world.form("set_webhook_active", &[("id", &id), ("active", "false")]).await;
    assert_eq!(world.api(Method::POST, &test, &Value::Null).await.0, StatusCode::CONFLICT);
    assert!(world.shown("").await.contains("Turn on"));
    let (status, _) = world.api(Method::DELETE, &format!("{ENDPOINTS}/{id}"), &Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (_, list) = world.api(Method::GET, DELIVERIES, &Value::Null).await;
    assert_eq!(list["total"], 0, "the log goes with it");
}

#[tokio::test]
async fn another_agency_sees_and_changes_nothing() {
    let world = World::new().await;
    let (id, _) = world.add(&sound()).await;
    let (_, sent) = world.api(Method::POST, &format!("{ENDPOINTS}/{id}/test"), &Value::Null).await;
    let delivery = sent["id"].as_str().unwrap().to_owned();
    let other = world.app.tenant().await;
    let owner = world.app.sign_in(world.app.person(Role::AgencyOwner, &other).await).await;
    let theirs = World { token: world.app.token(&other, &["webhooks"]).await, tenant: other, owner, app: world.app };
    for (method, path, body) in [
        (Method::GET, format!("{ENDPOINTS}/{id}"), Value::Null),
        (Method::PUT, format!("{ENDPOINTS}/{id}"), sound()),
        (Method::DELETE, format!("{ENDPOINTS}/{id}"), Value::Null),
        (Method::POST, format!("{ENDPOINTS}/{id}/secret"), Value::Null),
        (Method::POST, format!("{ENDPOINTS}/{id}/test"), Value::Null),
        (Method::GET, format!("{DELIVERIES}/{delivery}"), Value::Null),
        (Method::POST, format!("{DELIVERIES}/{delivery}/replay"), Value::Null),
    ] {
        let (status, answer) = theirs.api(method.clone(), &path, &body).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{method} {path}: {answer}");
    }
    for list in [ENDPOINTS, DELIVERIES] {
        assert_eq!(theirs.api(Method::GET, list, &Value::Null).await.1["total"], 0, "{list}");
    }
    for operation in ["remove_webhook", "rotate_webhook_secret", "test_webhook", "set_webhook_active"] {
        let answer = theirs.form(operation, &[("id", &id), ("active", "false")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{operation}: {}", answer.body);
    }
    assert!(!theirs.shown(&format!("?delivery={delivery}&webhook={id}")).await.contains("example.com/hooks"));
}

#[tokio::test]
async fn there_are_only_so_many_webhooks() {
    let world = World::new().await;
    for _ in 0..domain::webhooks::MOST_ENDPOINTS {
        world.add(&sound()).await;
    }
    let (status, problem) = world.api(Method::POST, ENDPOINTS, &sound()).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
}
