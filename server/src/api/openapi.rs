//! Builds the OpenAPI description of all routes under `/api/v1`.

use axum::Json;
use serde_json::{Map, Value, json};

use super::schemas::{self, reference};

/// `GET /api/openapi.json`.
pub async fn describe() -> Json<Value> {
    Json(description())
}

fn description() -> Value {
    let mut schemas: Map<String, Value> =
        schemas::answers().into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    schemas.insert("NewJob".to_owned(), new_job());
    schemas.insert("Resume".to_owned(), resume());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Slipway API",
            "version": "1",
            "description": "Provision client businesses and read lists. Errors are application/problem+json."
        },
        "security": [{ "bearer": [] }],
        "paths": paths(),
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer", "description": "A token that begins with slw_" } },
            "schemas": schemas
        }
    })
}

fn paths() -> Value {
    let events = json!({ "description": "Events until one side ends", "content": { "text/event-stream": {} } });
    let lists = |name: &str, scope: &str| {
        operation(&format!("List {}", name.to_lowercase()), scope, list_parameters(), None, ("200", done(name)))
    };
    let steer = |summary: &str, body: Option<Value>| json!({ "post": operation(summary, "provisioning", json!([id()]), body, ("202", done("Steered"))) });
    json!({
        "/api/v1/provisioning/jobs": {
            "get": operation("List jobs, newest first", "provisioning", list_parameters(), None, ("200", done("Jobs"))),
            "post": operation("Start a job", "provisioning", json!([idempotency()]), Some(reference("NewJob")), ("202", done("Started")))
        },
        "/api/v1/provisioning/jobs/{id}": {
            "get": operation("Read a job with steps, attempts and effects", "provisioning", json!([id()]), None, ("200", done("Job")))
        },
        "/api/v1/provisioning/jobs/{id}/retry": steer("End a wait, or start a failed job again at its failed step", None),
        "/api/v1/provisioning/jobs/{id}/resume": steer("Go on with changed input, an answer or a skipped step", Some(reference("Resume"))),
        "/api/v1/provisioning/jobs/{id}/cancel": steer("Stop after the current call and undo what can be undone", None),
        "/api/v1/provisioning/jobs/{id}/undo": steer("Take back what a stopped job created", None),
        "/api/v1/provisioning/jobs/{id}/events": {
            "get": operation("Follow a job (server-sent events, resumable with Last-Event-ID)", "provisioning", json!([id()]), None, ("200", events))
        },
        "/api/v1/snapshots": { "get": lists("Snapshots", "snapshots") },
        "/api/v1/businesses": { "get": lists("Businesses", "businesses") }
    })
}

/// A successful answer with this schema.
fn done(name: &str) -> Value {
    json!({ "description": "Done", "content": { "application/json": { "schema": reference(name) } } })
}

fn operation(
    summary: &str,
    scope: &str,
    parameters: Value,
    body: Option<Value>,
    (good, answer): (&str, Value),
) -> Value {
    let mut responses = Map::new();
    for (status, meaning) in refusals(&parameters, body.is_some(), good) {
        let schema = json!({ "application/problem+json": { "schema": reference("Problem") } });
        responses.insert(status.to_owned(), json!({ "description": meaning, "content": schema }));
    }
    responses.insert(good.to_owned(), answer);
    let mut operation = json!({
        "summary": summary,
        "description": format!("Needs the scope `{scope}`."),
        "parameters": parameters,
        "responses": responses
    });
    if let Some(schema) = body {
        operation["requestBody"] = json!({ "content": { "application/json": { "schema": schema } } });
    }
    operation
}

/// Returns the error responses that an operation with these parameters may give.
fn refusals(parameters: &Value, has_body: bool, good: &str) -> Vec<(&'static str, &'static str)> {
    let takes = |name: &str| parameters.as_array().into_iter().flatten().any(|one| one["name"] == name);
    let mut all = vec![
        ("401", "No token, or one that is unknown, expired or revoked"),
        ("403", "The token may not do this"),
        (
            "429",
            "The minute's requests are used up; RateLimit-Limit and its like say how many there are, Retry-After when to go on",
        ),
        ("503", "The service is restarting or very busy; Retry-After says when to ask again"),
        ("default", "Anything else that went wrong"),
    ];
    if has_body || takes("limit") {
        all.push(("400", "A part of the query, headers or body could not be read"));
    }
    if takes("id") {
        all.push(("404", "No such job in the agency"));
        if good == "202" {
            all.push(("409", "The state of the job does not allow this now"));
        }
    }
    if has_body {
        all.push(("413", "The body is larger than 256 KiB"));
        all.push(("415", "The body is not application/json"));
        all.push(("422", "Fields need mending, or the Idempotency-Key was sent with another body"));
    }
    all
}

fn id() -> Value {
    json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } })
}

fn idempotency() -> Value {
    json!({ "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "maxLength": 255 },
            "description": "Same key and body: the same job. Same key, other body: 422." })
}

fn list_parameters() -> Value {
    let text = |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "string" } });
    json!([text("q"), text("view"), text("sort"), text("cursor"),
           { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 100 } }])
}

fn new_job() -> Value {
    let text = json!({ "type": "string" });
    let client = [
        "name",
        "email",
        "phone",
        "first_name",
        "last_name",
        "website",
        "address",
        "city",
        "state",
        "postal_code",
        "country",
        "timezone",
    ];
    let client: Map<String, Value> = client.iter().map(|name| ((*name).to_owned(), text.clone())).collect();
    json!({
        "type": "object", "additionalProperties": false, "required": ["client"],
        "properties": {
            "client": { "type": "object", "additionalProperties": false, "required": ["name", "country", "timezone"], "properties": client,
                        "description": "Also one of email and phone." },
            "snapshot_id": { "type": ["string", "null"], "format": "uuid" },
            "users": { "type": "array", "items": { "type": "object", "additionalProperties": false,
                "required": ["first_name", "last_name", "email"],
                "properties": { "first_name": text, "last_name": text, "email": text, "role": { "enum": ["admin", "user"] } } } },
            "custom_values": { "type": "object", "additionalProperties": text },
            "tags": { "type": "array", "items": text },
            "invite_owner": { "type": "boolean" },
            "create_anyway": {
                "type": "boolean",
                "description": "Start the job although a business or job of the agency resembles it; without it such an order is refused with 409 and the code `duplicate`."
            }
        }
    })
}

fn resume() -> Value {
    json!({
        "type": "object", "additionalProperties": false,
        "properties": {
            "input": { "type": "object", "description": "Changed client fields" },
            "answer": { "description": "Answer to the job's question" },
            "skip": { "type": "boolean" }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::description;

    #[test]
    fn every_route_of_the_api_is_described() {
        let paths =
            description()["paths"].as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
        let routes = crate::http::routes::ROUTES
            .iter()
            .filter(|path| path.starts_with("/api/v1/"))
            .map(|path| (*path).to_owned())
            .collect();
        assert_eq!(paths, routes);
    }
}
