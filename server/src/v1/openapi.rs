//! What can a program ask for: the OpenAPI description of everything under `/api/v1`.

use axum::Json;
use serde_json::{Value, json};

/// `GET /api/openapi.json`.
pub async fn describe() -> Json<Value> {
    Json(description())
}

fn description() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Slipway API",
            "version": "1",
            "description": "Provision client businesses and read lists. Errors are application/problem+json."
        },
        "security": [{ "bearer": [] }],
        "paths": {
            "/api/v1/provisioning/jobs": {
                "get": operation("List jobs, newest first", "provisioning", list_parameters(), None, "200"),
                "post": operation("Start a job", "provisioning", json!([idempotency()]), Some(reference("NewJob")), "202")
            },
            "/api/v1/provisioning/jobs/{id}": {
                "get": operation("Read a job with steps, attempts and effects", "provisioning", json!([id()]), None, "200")
            },
            "/api/v1/provisioning/jobs/{id}/retry": {
                "post": operation("End a wait, or start a failed job again at its failed step", "provisioning", json!([id()]), None, "202")
            },
            "/api/v1/provisioning/jobs/{id}/resume": {
                "post": operation("Go on with changed input, an answer or a skipped step", "provisioning", json!([id()]), Some(reference("Resume")), "202")
            },
            "/api/v1/provisioning/jobs/{id}/cancel": {
                "post": operation("Stop after the current call and undo what can be undone", "provisioning", json!([id()]), None, "202")
            },
            "/api/v1/provisioning/jobs/{id}/undo": {
                "post": operation("Take back what a stopped job created", "provisioning", json!([id()]), None, "202")
            },
            "/api/v1/provisioning/jobs/{id}/events": {
                "get": operation("Follow a job (server-sent events, resumable with Last-Event-ID)", "provisioning", json!([id()]), None, "200")
            },
            "/api/v1/snapshots": { "get": operation("List snapshots", "snapshots", list_parameters(), None, "200") },
            "/api/v1/businesses": { "get": operation("List businesses", "businesses", list_parameters(), None, "200") }
        },
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer", "description": "A token that begins with slw_" } },
            "schemas": { "NewJob": new_job(), "Resume": resume(), "Problem": problem() }
        }
    })
}

fn operation(summary: &str, scope: &str, parameters: Value, body: Option<Value>, good: &str) -> Value {
    let failed = json!({ "description": "What went wrong", "content": { "application/problem+json": { "schema": reference("Problem") } } });
    let mut operation = json!({
        "summary": summary,
        "description": format!("Needs the scope `{scope}`."),
        "parameters": parameters,
        "responses": { good: { "description": "Done" }, "default": failed }
    });
    if let Some(schema) = body {
        operation["requestBody"] = json!({ "content": { "application/json": { "schema": schema } } });
    }
    operation
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
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
    let client: serde_json::Map<String, Value> = client.iter().map(|name| ((*name).to_owned(), text.clone())).collect();
    json!({
        "type": "object", "additionalProperties": false, "required": ["client"],
        "properties": {
            "client": { "type": "object", "additionalProperties": false, "required": ["name", "country", "timezone"], "properties": client,
                        "description": "Also one of email and phone." },
            "snapshot_id": { "type": ["string", "null"], "format": "uuid" },
            "users": { "type": "array", "items": { "type": "object", "additionalProperties": false,
                "required": ["first_name", "last_name", "email", "role"],
                "properties": { "first_name": text, "last_name": text, "email": text, "role": { "enum": ["admin", "user"] } } } },
            "custom_values": { "type": "object", "additionalProperties": text },
            "tags": { "type": "array", "items": text },
            "invite_owner": { "type": "boolean" }
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

fn problem() -> Value {
    json!({
        "type": "object",
        "properties": {
            "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" },
            "detail": { "type": "string" }, "instance": { "type": "string" },
            "errors": { "type": "array", "items": { "type": "object",
                "properties": { "pointer": { "type": "string" }, "detail": { "type": "string" } } } }
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
        let routes = crate::routes::ROUTES
            .iter()
            .filter(|path| path.starts_with("/api/v1/"))
            .map(|path| (*path).to_owned())
            .collect();
        assert_eq!(paths, routes);
    }
}
