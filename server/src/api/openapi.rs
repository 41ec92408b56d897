//! Builds the OpenAPI description of all routes under `/api` and `/tools`: what the features say of their routes
//! (`domain::feature`), with the schemas of the types (`schemas`), an example of each answer (`examples`), and what each tool
//! says of itself.

use std::sync::LazyLock;

use axum::Json;
use domain::feature::{self, Answers, ApiDoc, Method, Takes};
use domain::permission::Needs;
use operations::Refusal;
use serde_json::{Map, Value, json};

use super::examples;
use super::jobs::LONGEST_KEY;
use super::problems;
use super::schemas::{self, reference};
use super::tenant_credentials;
use crate::http::problem;
use crate::http::problem_kinds::when;

/// The description, which never changes while the program runs.
static DESCRIPTION: LazyLock<Value> = LazyLock::new(description);

/// The description, which the reference for people shows as well.
#[must_use]
pub fn document() -> &'static Value {
    &DESCRIPTION
}

/// `GET /api/openapi.json`.
pub async fn describe() -> Json<&'static Value> {
    Json(&DESCRIPTION)
}

fn description() -> Value {
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Slipway API",
            "version": "1",
            "description": "Provision client businesses, manage them and read what happened. Errors are application/problem+json."
        },
        "security": [{ "bearer": [] }],
        "paths": paths(),
        "components": {
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "An API token, which starts with slw_" }
            },
            "schemas": schemas::all()
        }
    });
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        problems::add_components(components);
    }
    examples::add(&mut document);
    document
}

fn paths() -> Map<String, Value> {
    let of_tokens = feature::routes().filter_map(|route| match route.needs {
        Needs::Token(scope) if route.path.starts_with("/api/") => Some((route, scope)),
        _ => None,
    });
    let described = of_tokens.map(|(route, scope)| {
        let calls = route.calls.iter().filter_map(|call| {
            let doc = call.doc.as_ref()?;
            Some((call.method.key().to_ascii_lowercase(), operation((route.path, call.method), scope, doc)))
        });
        (route.path.to_owned(), Value::Object(calls.collect()))
    });
    let mut all: Map<String, Value> = described.chain(super::tools::described::paths()).collect();
    let hand_over = all.get_mut(tenant_credentials::PATH).and_then(|path| path.get_mut("post"));
    if let Some(responses) = hand_over.and_then(|call| call.get_mut("responses")).and_then(Value::as_object_mut) {
        tenant_credentials::describe(responses);
    }
    all
}

fn operation((path, method): (&str, Method), scope: &str, doc: &ApiDoc) -> Value {
    let mut responses = Map::new();
    for (status, meaning) in refusals(path, doc) {
        let refused = problems::answer(status, &meaning, &codes(status, method, doc.takes));
        responses.insert(status.to_owned(), refused);
    }
    let (status, answer) = success(doc.answers);
    responses.insert(status.to_string(), answer);
    let mut operation = json!({
        "summary": doc.summary,
        "description": format!("Requires the scope `{scope}`."),
        "parameters": parameters(path, doc.takes),
        "responses": responses
    });
    if let Some(body) = doc.takes.body() {
        let content = json!({ "application/json": { "schema": reference(body), "example": example(body) } });
        operation["requestBody"] = json!({ "content": content });
    }
    operation
}

/// A valid body of this type: the sample of its feature, with an id in the place of a test's.
fn example(body: &str) -> Value {
    let sample = feature::bodies().find(|one| one.name == body).map(|one| one.sample).unwrap_or_default();
    serde_json::from_str(&sample.replace("{business}", examples::ID)).unwrap_or_default()
}

/// The variable parts of a path: ids.
fn variables(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn parameters(path: &str, takes: Takes) -> Vec<Value> {
    let id = json!({ "type": "string", "format": "uuid" });
    let id = |name| json!({ "name": name, "in": "path", "required": true, "schema": id });
    let mut parameters: Vec<Value> = variables(path).map(id).collect();
    match takes {
        Takes::ListQuery => parameters.extend(schemas::list_query()),
        Takes::BodyOnce(_) => parameters.push(json!({
            "name": "Idempotency-Key", "in": "header",
            "schema": { "type": "string", "minLength": 1, "maxLength": LONGEST_KEY },
            "description": "Makes the request safe to retry: the same key with the same body returns the first response. The same \
                            key with a different body returns 422."
        })),
        Takes::Nothing | Takes::Body(_) => {}
    }
    parameters
}

fn success(answers: Answers) -> (u16, Value) {
    match answers {
        Answers::Json(status, name) => {
            let schema = json!({ "application/json": { "schema": reference(name) } });
            (status, json!({ "description": "Success", "content": schema }))
        }
        Answers::Nothing => (204, json!({ "description": "Success, with no content" })),
        Answers::Events => {
            let meaning = "A stream of server-sent events; send Last-Event-ID to pick up where you left off";
            (200, json!({ "description": meaning, "content": { "text/event-stream": {} } }))
        }
    }
}

/// The error responses that a call may give.
fn refusals(path: &str, doc: &ApiDoc) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("401", when(401)),
        ("403", when(403)),
        ("429", when(429)),
        ("503", when(503)),
        ("default", "Any other error"),
    ];
    let has_body = doc.takes.body().is_some();
    if has_body || doc.takes == Takes::ListQuery {
        all.push(("400", when(400)));
    }
    if has_body {
        all.push(("413", when(413)));
        all.push(("415", when(415)));
    }
    match doc.takes {
        Takes::Body(_) => all.push(("422", when(422))),
        Takes::BodyOnce(_) => {
            all.push(("422", "Some fields are invalid, or the Idempotency-Key was already used with a different body"));
        }
        Takes::Nothing | Takes::ListQuery => {}
    }
    if !doc.conflict.is_empty() {
        all.push(("409", doc.conflict));
    }
    let mut all: Vec<(&str, String)> = all.into_iter().map(|(status, text)| (status, text.to_owned())).collect();
    if variables(path).next().is_some() {
        all.push(("404", format!("The agency has no {} with this ID", doc.object)));
    }
    all
}

/// The values that `code` of a problem may have with this status. Empty if it has the one of its status.
fn codes(status: &str, method: Method, takes: Takes) -> Vec<&'static str> {
    match (status, takes) {
        ("422", Takes::BodyOnce(_)) => vec![Refusal::Invalid(Vec::new()).code(), Refusal::KeyReused.code()],
        // Nothing but a stored order that cannot be read is in the way of a read.
        ("409", _) if method == Method::Get => vec![problem::ORDER_UNREADABLE],
        ("409", Takes::BodyOnce(_)) => {
            vec![Refusal::Duplicate(Vec::new()).code(), Refusal::State(String::new()).code()]
        }
        ("409", _) => vec![Refusal::State(String::new()).code()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every `$ref` in a value.
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|inner| references(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
            _ => {}
        }
    }

    #[test]
    fn every_type_that_is_named_is_described() {
        let description = description();
        let mut named = BTreeSet::new();
        references(&description, &mut named);
        assert!(named.len() > 20, "{named:?}");
        for reference in named {
            let found = description.pointer(reference.trim_start_matches('#'));
            assert!(found.is_some(), "{reference}: server/src/api/schemas.rs does not list this type");
        }
    }

    #[test]
    fn a_sample_is_a_body_of_its_type() {
        let schemas = schemas::all();
        for body in feature::bodies() {
            let (example, schema) = (example(body.name), &schemas[body.name]);
            let members = example.as_object().unwrap_or_else(|| panic!("{}: the sample is not an object", body.name));
            let known = schema["properties"].as_object().unwrap();
            assert!(members.keys().all(|name| known.contains_key(name)), "{}: {example}", body.name);
            for needed in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                assert!(members.contains_key(needed), "{}: the sample lacks {needed}", body.name);
            }
        }
        let order: domain::provisioning::NewJob = serde_json::from_value(example("NewJob")).unwrap();
        order.check().unwrap();
    }

    #[test]
    fn a_call_answers_what_it_always_answered() {
        let paths = paths();
        let statuses = |path: &str, method: &str| -> Vec<String> {
            paths[path][method]["responses"].as_object().unwrap().keys().cloned().collect()
        };
        let jobs = "/api/v1/provisioning/jobs";
        assert_eq!(statuses(jobs, "get"), ["200", "400", "401", "403", "429", "503", "default"]);
        assert_eq!(
            statuses(jobs, "post"),
            ["202", "400", "401", "403", "409", "413", "415", "422", "429", "503", "default"]
        );
        let one = format!("{jobs}/{{id}}");
        assert_eq!(statuses(&one, "get"), ["200", "401", "403", "404", "409", "429", "503", "default"]);
        assert_eq!(
            statuses(&format!("{one}/retry"), "post"),
            ["202", "401", "403", "404", "409", "429", "503", "default"]
        );
        assert_eq!(
            statuses(&format!("{one}/resume"), "post"),
            ["202", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503", "default"]
        );
        let resume = format!("{one}/resume");
        assert_eq!(paths[&resume]["post"]["requestBody"]["content"]["application/json"]["schema"], reference("Resume"));
        assert_eq!(
            paths[&format!("{one}/events")]["get"]["responses"]["200"]["content"],
            json!({ "text/event-stream": {} })
        );
        assert_eq!(
            statuses(tenant_credentials::PATH, "post"),
            ["200", "201", "400", "401", "403", "404", "409", "413", "429", "502", "503", "default"]
        );
        let stored = &paths[tenant_credentials::PATH]["post"]["responses"];
        assert_eq!(stored["200"]["content"], stored["201"]["content"]);
        let refused = &paths[jobs]["post"]["responses"];
        assert_eq!(
            (&refused["409"]["x-codes"], &refused["401"]["x-codes"]),
            (&json!(["duplicate", "state"]), &json!(["unauthorized"]))
        );
        assert_eq!(refused["422"]["x-codes"], json!(["invalid", "key_reused"]));
        assert_eq!(paths[&one]["get"]["responses"]["409"]["x-codes"], json!(["order_unreadable"]));
        let parameters = paths[jobs]["post"]["parameters"].as_array().unwrap();
        assert_eq!(parameters[0]["name"], "Idempotency-Key");
        assert_eq!(parameters[0]["schema"]["maxLength"], 255);
    }
}
