//! What the audit log records: every change once, with who did it and from where; a sample of the refusals; and of
//! reads only that somebody from the platform looked.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::UserId;
use domain::feature::{self, Audited};
use domain::page::ListQuery;
use serde_json::json;
use store::tenant::PlatformTx;
use uuid::Uuid;

use crate::happy_paths::{FAILED, PENDING, World};
use crate::helpers::{Answer, TestApp};

impl TestApp {
    /// Number of audit log rows for this action by this person with this result.
    pub async fn audited(&self, user: UserId, action: &str, result: &str) -> usize {
        let mut tx = PlatformTx::begin(&self.db, None).await.unwrap();
        let query = ListQuery { q: action.to_owned(), view: result.to_owned(), limit: 100, ..ListQuery::default() };
        let rows = store::audit::list_platform(&mut tx, None, &query).await.unwrap().rows;
        rows.iter().filter(|row| row.action == action && row.actor_id == Some(user.0)).count()
    }

    /// Number of audit log rows for this action on this object.
    pub async fn audited_object(&self, object: &str, action: &str) -> usize {
        let mut tx = PlatformTx::begin(&self.db, None).await.unwrap();
        let query = ListQuery { q: object.to_owned(), limit: 100, ..ListQuery::default() };
        let rows = store::audit::list_platform(&mut tx, None, &query).await.unwrap().rows;
        rows.iter().filter(|row| row.action == action).count()
    }
}

/// The IP address of every request in these tests.
const FROM: &str = "203.0.113.7";

async fn send(app: &TestApp, operation: &str, form: &str, cookie: Option<&str>) -> Answer {
    let request = Request::post(format!("/do/{operation}"))
        .header("sec-fetch-site", "same-origin")
        .header("x-forwarded-for", FROM)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, crate::helpers::form_type(form));
    let request = cookie.iter().fold(request, |request, cookie| request.header(header::COOKIE, *cookie));
    app.send(request.body(Body::from(form.to_owned())).unwrap()).await
}

/// The rows that a request left in the log. The task that mails a reset writes after the answer.
async fn rows(app: &TestApp, answer: &Answer) -> Vec<(String, String, Option<Uuid>, Option<String>, String)> {
    let request = answer.headers["x-request-id"].to_str().unwrap();
    crate::helpers::until("the row", async || Some(app.base.audit_of(request).await).filter(|rows| !rows.is_empty()))
        .await
}

#[tokio::test]
async fn every_operation_leaves_one_audit_row_with_actor_address_and_request() {
    let world = World::new().await;
    for rule in feature::operations() {
        let (operation, Audited::As(left)) = (rule.name, rule.audited) else { continue };
        let case = world.case(operation).await;
        let case = case.unwrap_or_else(|| panic!("{operation} has no line in happy_paths: say how it goes well"));
        let answer = send(&world.app, operation, &case.form, case.cookie.as_deref()).await;
        assert!(
            answer.status.is_success() || answer.status.is_redirection(),
            "{operation}, whose case is in happy_paths, or else its sample: {} {}",
            answer.status,
            answer.body
        );
        let rows = rows(&world.app, &answer).await;
        assert_eq!(rows.iter().filter(|row| row.0 == left).count(), 1, "{operation}: {rows:?}");
        for (action, kind, actor, ip, result) in &rows {
            assert!(feature::audit_name(action).is_some(), "{operation}: no feature lists {action} in `audit`");
            assert_eq!((ip.as_deref(), result.as_str()), (Some(FROM), "ok"), "{operation}: {action}");
            if let Some(who) = case.actor.filter(|_| operation != "accept_invite" || action == left) {
                assert_eq!((kind.as_str(), *actor), ("person", Some(who.0)), "{operation}: {action}");
            }
        }
    }
}

async fn call(app: &TestApp, secret: &str, path: &str, body: &str) -> Answer {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .header("x-forwarded-for", FROM)
        .header(header::CONTENT_TYPE, "application/json");
    app.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn what_a_program_does_is_audited_as_its_token() {
    let world = World::new().await;
    let (app, tenant) = (&world.app, &world.tenant);
    let secret = app.token(tenant, &["provisioning"]).await;
    let token = store::api_tokens::list(&mut world.agency().await).await.unwrap().remove(0).id;
    let jobs = "/api/v1/provisioning/jobs";
    let order =
        json!({ "client": { "name": "T", "email": "t@u.test", "country": "US", "timezone": "America/New_York" } });
    for (what, action, before) in [
        ("", "provisioning.start", PENDING),
        ("retry", "provisioning.retry", FAILED),
        ("cancel", "provisioning.cancel", PENDING),
        ("undo", "provisioning.undo", FAILED),
        ("resume", "provisioning.resume", PENDING),
    ] {
        world.job_is(before).await;
        let (path, body) = match what {
            "" => (jobs.to_owned(), order.to_string()),
            "resume" => {
                world.asks().await;
                (format!("{jobs}/{}/resume", tenant.job), json!({ "input": { "phone": "+13055550100" } }).to_string())
            }
            _ => (format!("{jobs}/{}/{what}", tenant.job), String::new()),
        };
        let answer = call(app, &secret, &path, &body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{what}: {}", answer.body);
        let row = (action.to_owned(), "token".to_owned(), Some(token.0), Some(FROM.to_owned()), "ok".to_owned());
        assert_eq!(rows(app, &answer).await, [row], "{what}");
    }
}
