//! Bad API bodies, wrong in every place and in every way: the answer is a clear problem that names the place,
//! never an error of ours, and nothing is stored.

use axum::body::Body;
use axum::http::{Request, header};
use domain::permission::{Needs, POLICY, TOKEN_SCOPES};
use serde_json::{Value, json};

use crate::helpers::{Answer, Tenant, TestApp};

/// The routes for tokens: the path for this tenant and the path of the rule.
fn routes(tenant: &Tenant) -> Vec<(String, &'static str)> {
    let of_tokens = POLICY.iter().filter(|rule| matches!(rule.needs, Needs::Token(_)));
    of_tokens.map(|rule| (rule.path.replace("{id}", &tenant.job.to_string()), rule.path)).collect()
}

/// An order that fills every field.
pub fn order() -> Value {
    json!({
        "client": {
            "name": "Bad Input Dental", "email": "o@bad.example", "phone": "+13055550100", "first_name": "Ana",
            "last_name": "Lee", "website": "https://bad.example", "address": "4 Fleet St", "city": "Miami", "state": "FL",
            "postal_code": "33101", "country": "US", "timezone": "America/New_York"
        },
        "snapshot_id": null,
        "users": [{"first_name": "Ana", "last_name": "Lee", "email": "ana@bad.example", "role": "admin"}],
        "custom_values": {"Booking link": "https://bad.example"},
        "tags": ["vip"],
        "invite_owner": true
    })
}

/// Collects the pointers of every place in a value, except the whole value.
pub fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| {
            let pointer = format!("{at}/{name}");
            found.push(pointer.clone());
            places(inner, &pointer, found);
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, inner)| {
            let pointer = format!("{at}/{n}");
            found.push(pointer.clone());
            places(inner, &pointer, found);
        }),
        _ => {}
    }
}

async fn send(app: &TestApp, path: &str, token: &str, kind: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    if let Some(kind) = kind {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    app.send(request.body(body.into()).unwrap()).await
}

/// Asserts that the answer is a problem as defined by RFC 9457, with everything that a person needs to continue.
/// Returns it.
fn problem(answer: &Answer, what: &str) -> Value {
    let status = answer.status.as_u16();
    assert!((400..500).contains(&status), "{what}: {status} {}", answer.body);
    let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(kind.starts_with("application/problem+json"), "{what}: {status} {kind} {}", answer.body);
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["status"], status, "{what}");
    for member in ["title", "detail", "instance"] {
        assert!(problem[member].as_str().is_some_and(|text| text.len() > 3), "{what} lacks {member}: {}", answer.body);
    }
    problem
}

#[tokio::test]
async fn a_body_whose_every_part_may_be_left_out_may_be_left_out_itself() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &["provisioning"]).await;
    let resume = format!("/api/v1/provisioning/jobs/{}/resume", tenant.job);
    let bare = send(&app, &resume, &token, None, "").await;
    let problem = problem(&bare, "a bare resume");
    assert_eq!(problem["title"], "Not in this state", "it was read, and the job that has not begun is not resumed");
}

#[tokio::test]
async fn whatever_is_wrong_with_a_body_is_said_and_nothing_is_written() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &TOKEN_SCOPES).await;
    let before = app.written().await;
    let json = Some("application/json");
    let large = format!(r#"{{"client":{{"name":"{}"}}}}"#, "x".repeat(300 * 1024));
    let deep = format!(r#"{{"client":{{"name":{}"#, "[".repeat(100_000));
    let closed = format!(r#"{{"custom_values":{{"x":{}1{}}}}}"#, r#"{"a":"#.repeat(20_000), "}".repeat(20_000));
    let bodies: [(&str, Option<&str>, Vec<u8>); 16] = [
        ("half a body", json, b"{".to_vec()),
        ("text after the end", json, b"{} {}".to_vec()),
        ("a list", json, b"[]".to_vec()),
        ("a number", json, b"7".to_vec()),
        ("nothing at all, said aloud", json, b"null".to_vec()),
        ("a text", json, br#""client""#.to_vec()),
        ("a comma too many", json, br#"{"client":{},}"#.to_vec()),
        ("half a surrogate pair", json, br#"{"client":{"name":"\ud800"}}"#.to_vec()),
        ("bytes that are no text", json, b"{\"client\":{\"name\":\"\xff\xfe\"}}".to_vec()),
        ("a byte of zero", json, b"{\"client\":\0}".to_vec()),
        ("a member twice", json, br#"{"client":{"name":"a","name":"b"}}"#.to_vec()),
        ("300 KiB", json, large.into_bytes()),
        ("very deep and never closed", json, deep.into_bytes()),
        ("very deep", json, closed.into_bytes()),
        ("a form", Some("application/x-www-form-urlencoded"), b"client=x".to_vec()),
        ("no kind", None, b"{}".to_vec()),
    ];
    for (path, rule) in routes(&tenant) {
        // The other routes are controlled by their address alone and read no body.
        let takes_body = ["jobs", "resume"].iter().any(|end| rule.ends_with(end));
        for (what, kind, body) in bodies.iter().filter(|_| takes_body) {
            problem(&send(&app, &path, &token, *kind, body.clone()).await, &format!("{what} to {rule}"));
        }
    }
    assert_eq!(app.written().await, before, "nothing was written");
}

#[tokio::test]
async fn a_wrong_kind_of_value_is_named_wherever_it_stands() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &TOKEN_SCOPES).await;
    let before = app.written().await;
    let mut pointers = Vec::new();
    places(&order(), "", &mut pointers);
    assert!(pointers.len() > 20, "{pointers:?}");
    for pointer in &pointers {
        for wrong in [json!(-1), json!(7.5), json!([[]]), json!({ "surprise": {} }), json!("\u{0}")] {
            let mut body = order();
            let place = body.pointer_mut(pointer).unwrap();
            // A text in the place of a text, or an object in the place of an object, has the right type.
            if std::mem::discriminant(place) == std::mem::discriminant(&wrong) {
                continue;
            }
            *place = wrong.clone();
            let what = format!("{wrong} at {pointer}");
            let answer =
                send(&app, "/api/v1/provisioning/jobs", &token, Some("application/json"), body.to_string()).await;
            let problem = problem(&answer, &what);
            let named: Vec<&str> = problem["errors"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|error| error["pointer"].as_str())
                .collect();
            assert!(
                named.iter().any(|name| name.starts_with(pointer.as_str())),
                "{what} names {named:?}: {}",
                answer.body
            );
        }
    }
    assert_eq!(app.written().await, before, "nothing was written");
}

#[tokio::test]
async fn an_unknown_member_is_named_wherever_it_stands() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &TOKEN_SCOPES).await;
    let before = app.written().await;
    let resume = json!({ "input": { "name": "X" }, "answer": { "choice": "adopt", "value": "L1" }, "skip": false });
    let job = format!("/api/v1/provisioning/jobs/{}/resume", tenant.job);
    for (path, good) in [("/api/v1/provisioning/jobs", order()), (job.as_str(), resume)] {
        let mut pointers = vec![String::new()];
        places(&good, "", &mut pointers);
        for pointer in pointers.iter().filter(|pointer| *pointer != "/custom_values") {
            let mut body = good.clone();
            let Some(Value::Object(members)) = body.pointer_mut(pointer) else { continue };
            members.insert("surprise".to_owned(), json!(1));
            let answer = send(&app, path, &token, Some("application/json"), body.to_string()).await;
            let problem = problem(&answer, &format!("surprise in {pointer} of {path}"));
            assert!(problem["errors"].to_string().contains("surprise"), "{pointer}: {}", answer.body);
        }
    }
    assert_eq!(app.written().await, before, "nothing was written");
}

#[tokio::test]
async fn text_that_is_strange_but_lawful_is_kept_as_it_is() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let token = app.token(&tenant, &TOKEN_SCOPES).await;
    for name in ["Ünï \"quoted\" <b>", "'; drop table users; --", "日本語 🦷", "{{7*7}} ${x} %s"] {
        let mut body = order();
        body["client"]["name"] = json!(name);
        body["create_anyway"] = json!(true);
        let answer = send(&app, "/api/v1/provisioning/jobs", &token, Some("application/json"), body.to_string()).await;
        assert_eq!(answer.status.as_u16(), 202, "{name}: {}", answer.body);
        let id = serde_json::from_str::<Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned();
        let request = Request::get(format!("/api/v1/provisioning/jobs/{id}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        let kept: Value = serde_json::from_str(&answer.body).unwrap();
        assert!(kept.to_string().contains(&json!(name).to_string()), "{name}: {kept}");
    }
}
