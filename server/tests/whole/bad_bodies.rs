//! Bad API bodies, wrong in every place and in every way: the answer is a clear problem that names the place,
//! never an error of ours, and nothing is stored.

use axum::body::Body;
use axum::http::{Request, header};
use domain::feature;
use domain::permission::TOKEN_SCOPES;
use serde_json::{Value, json};

use crate::helpers::{Answer, Tenant, TestApp};

/// Every call of the API that takes a body: its method, its path for this tenant, and a valid body, as its feature
/// declares.
fn calls(tenant: &Tenant) -> Vec<(&'static str, String, Value)> {
    let calls = feature::routes().flat_map(|route| route.calls.iter().map(move |call| (route, call)));
    let with_body = calls.filter_map(|(route, call)| Some((route, call, call.doc.as_ref()?.takes.body()?)));
    with_body
        .map(|(route, call, body)| {
            let path = route.path.replace("{id}", &tenant.job.to_string());
            (call.method.key(), path, sample(body, tenant))
        })
        .collect()
}

/// A valid body of this type.
pub fn sample(body: &str, tenant: &Tenant) -> Value {
    let rule = feature::bodies().find(|one| one.name == body).unwrap();
    serde_json::from_str(&rule.sample.replace("{business}", &tenant.business.to_string())).unwrap()
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
    call(app, "POST", path, token, kind, body).await
}

async fn call(
    app: &TestApp,
    method: &str,
    path: &str,
    token: &str,
    kind: Option<&str>,
    body: impl Into<Body>,
) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let mut request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
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
    // The other routes are controlled by their address alone and read no body.
    for (method, path, _) in calls(&tenant) {
        for (what, kind, body) in &bodies {
            let answer = call(&app, method, &path, &token, *kind, body.clone()).await;
            problem(&answer, &format!("{what} to {method} {path}"));
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
    places(&sample("NewJob", &tenant), "", &mut pointers);
    assert!(pointers.len() > 20, "{pointers:?}");
    for pointer in &pointers {
        for wrong in [json!(-1), json!(7.5), json!([[]]), json!({ "surprise": {} }), json!("\u{0}")] {
            let mut body = sample("NewJob", &tenant);
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
    for (method, path, good) in calls(&tenant) {
        let mut pointers = vec![String::new()];
        places(&good, "", &mut pointers);
        for pointer in pointers.iter().filter(|pointer| *pointer != "/custom_values") {
            let mut body = good.clone();
            let Some(Value::Object(members)) = body.pointer_mut(pointer) else { continue };
            members.insert("surprise".to_owned(), json!(1));
            let answer = call(&app, method, &path, &token, Some("application/json"), body.to_string()).await;
            let problem = problem(&answer, &format!("surprise in {pointer} of {method} {path}"));
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
        let mut body = sample("NewJob", &tenant);
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
