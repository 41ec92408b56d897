//! Defines the response schemas that the OpenAPI description refers to.

use domain::integration::State;
use domain::provisioning::{EffectState, JobStatus, Operation, Step};
use serde_json::{Map, Value, json};

/// Members of an object: name and schema.
type Members = Vec<(&'static str, Value)>;

/// Returns every schema of a response, with its name.
pub fn answers() -> Vec<(&'static str, Value)> {
    let mut job = job_row();
    job.extend(job_more());
    vec![
        ("Problem", problem()),
        ("Started", object(vec![("id", id())])),
        ("Steered", object(vec![("status", status())])),
        ("Job", object(job)),
        ("Jobs", page("JobRow")),
        ("JobRow", object(job_row())),
        ("Step", step()),
        ("Effect", effect()),
        ("Question", question()),
        ("Waiting", object(vec![("reason", text()), ("until", time()), ("is_retry", flag())])),
        (
            "Typical",
            object(vec![("p50", maybe(json!({ "type": "number" }))), ("p90", maybe(json!({ "type": "number" })))]),
        ),
        ("Snapshots", page("Snapshot")),
        ("Snapshot", snapshot()),
        ("Businesses", page("Business")),
        ("Business", business()),
    ]
}

/// Returns a reference to a schema by its name.
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn whole() -> Value {
    json!({ "type": "integer" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn id() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// This schema, or null.
fn maybe(of: Value) -> Value {
    json!({ "anyOf": [of, { "type": "null" }] })
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn status() -> Value {
    json!({ "enum": JobStatus::ALL })
}

fn step_name() -> Value {
    json!({ "enum": Step::ALL })
}

/// An object schema. A response carries every member, even if it is null.
fn object(members: Members) -> Value {
    let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = members.into_iter().map(|(name, of)| (name.to_owned(), of)).collect();
    json!({ "type": "object", "required": names, "properties": properties })
}

/// Schema of one page of a list.
fn page(of: &str) -> Value {
    object(vec![("rows", list(reference(of))), ("next", maybe(text())), ("total", maybe(whole()))])
}

fn job_row() -> Members {
    let dot = object(vec![("step", step_name()), ("status", maybe(text()))]);
    let snapshot = object(vec![("id", id()), ("name", text())]);
    vec![
        ("id", id()),
        ("number", whole()),
        ("status", status()),
        ("cancelling", flag()),
        ("client_name", text()),
        ("client_email", maybe(text())),
        ("business", maybe(id())),
        ("location_id", maybe(text())),
        ("snapshot", maybe(snapshot)),
        ("requested_by", maybe(id())),
        ("requested_by_name", maybe(text())),
        ("dots", list(dot)),
        ("current_step", maybe(step_name())),
        ("waiting", maybe(reference("Waiting"))),
        ("retry_count", whole()),
        ("max_retries", whole()),
        ("error", maybe(text())),
        ("created_at", time()),
        ("started_at", maybe(time())),
        ("finished_at", maybe(time())),
        ("updated_at", time()),
    ]
}

/// The members that a single job has beyond those of its row in the list.
fn job_more() -> Members {
    let failure = vec![
        ("step", maybe(step_name())),
        ("what", text()),
        ("effect", text()),
        ("actions", list(text())),
        ("undoing", flag()),
    ];
    let todo = object(vec![("what", text()), ("why", text())]);
    let extra =
        vec![("job", id()), ("number", whole()), ("client_name", text()), ("location", text()), ("seen_at", time())];
    vec![
        ("order", reference("NewJob")),
        ("steps", list(reference("Step"))),
        ("effects", list(reference("Effect"))),
        ("question", maybe(reference("Question"))),
        ("failure", maybe(object(failure))),
        ("summary", maybe(object(vec![("done", list(text())), ("todo", list(todo))]))),
        ("extra", list(object(extra))),
        ("typical", reference("Typical")),
        ("deeds", list(json!({ "enum": Operation::ALL }))),
    ]
}

fn step() -> Value {
    let attempt = vec![
        ("attempt", whole()),
        ("outcome", maybe(text())),
        ("error_class", maybe(text())),
        ("error_detail", maybe(text())),
        ("input", json!({})),
        ("started_at", time()),
        ("finished_at", maybe(time())),
    ];
    object(vec![
        ("step", step_name()),
        ("status", maybe(text())),
        ("input", json!({})),
        ("output", json!({})),
        ("waiting", maybe(reference("Waiting"))),
        ("started_at", maybe(time())),
        ("finished_at", maybe(time())),
        ("attempts", list(object(attempt))),
        ("typical", reference("Typical")),
    ])
}

fn effect() -> Value {
    object(vec![
        ("id", id()),
        ("kind", text()),
        ("step", maybe(step_name())),
        ("marker", text()),
        ("state", json!({ "enum": EffectState::ALL })),
        ("provider_ref", maybe(text())),
        ("sent_at", maybe(time())),
        ("decided_at", maybe(time())),
    ])
}

fn question() -> Value {
    let choice = vec![
        ("key", text()),
        ("label", text()),
        ("consequence", text()),
        ("needs", maybe(text())),
        ("value", maybe(text())),
    ];
    object(vec![
        ("step", step_name()),
        ("kind", text()),
        ("what", text()),
        ("effect", text()),
        ("ask", text()),
        ("choices", list(object(choice))),
        ("fields", list(field())),
    ])
}

fn snapshot() -> Value {
    object(vec![
        ("id", id()),
        ("ghl_snapshot_id", text()),
        ("name", text()),
        ("niche", maybe(text())),
        ("description", maybe(text())),
        ("is_active", flag()),
        ("kind", maybe(text())),
        ("last_seen_at", maybe(time())),
        ("created_at", time()),
    ])
}

fn business() -> Value {
    object(vec![
        ("id", id()),
        ("agency", id()),
        ("agency_name", maybe(text())),
        ("name", text()),
        ("slug", text()),
        ("status", text()),
        ("ghl_location_id", maybe(text())),
        ("email", maybe(text())),
        ("phone", maybe(text())),
        ("city", maybe(text())),
        ("country", maybe(text())),
        ("highlevel", json!({ "enum": State::ALL })),
        ("created_at", time()),
        ("deleted_at", maybe(time())),
    ])
}

/// Schema of a field that was refused.
fn field() -> Value {
    object(vec![("pointer", text()), ("detail", text())])
}

/// `code` is present where the status alone does not name the refusal, `errors` where fields were refused, `duplicates`
/// where something resembles the order; none of them is required.
fn problem() -> Value {
    let mut problem = object(vec![
        ("type", text()),
        ("title", text()),
        ("status", whole()),
        ("detail", text()),
        ("instance", text()),
    ]);
    problem["properties"]["code"] = text();
    problem["properties"]["errors"] = list(field());
    problem["properties"]["duplicates"] =
        list(object(vec![("job", maybe(id())), ("business", maybe(id())), ("name", text()), ("same", list(text()))]));
    problem
}
