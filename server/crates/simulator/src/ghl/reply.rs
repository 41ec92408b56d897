//! The answers of HighLevel. Refusals use HighLevel's exact words where they are known (HighLevel API §1.1):
//! callers tell refusals apart by message, because the status alone is unreliable.

use serde_json::{Value, json};

use crate::ids::new_uuid;

/// Status and body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Body.
    pub body: Value,
}

/// The result of a handler. Both sides are answers; only `Ok` changes the world.
pub type Outcome = Result<Answer, Answer>;

fn answer(status: u16, body: Value) -> Answer {
    Answer { status, body }
}

/// 200 with a trace id.
pub fn ok(body: Value) -> Outcome {
    Ok(answer(200, traced(body)))
}

/// 201 with a trace id.
pub fn created(body: Value) -> Outcome {
    Ok(answer(201, traced(body)))
}

/// 200 with the body unchanged: OAuth answers carry no trace id.
pub fn plain(body: Value) -> Outcome {
    Ok(answer(200, body))
}

fn traced(mut body: Value) -> Value {
    if let Value::Object(fields) = &mut body {
        fields.insert("traceId".into(), Value::from(new_uuid()));
    }
    body
}

/// 400 with a message.
pub fn bad(message: impl Into<String>) -> Answer {
    answer(400, json!({"statusCode": 400, "message": message.into(), "error": "Bad Request"}))
}

/// 400 in the form that OAuth defines.
pub fn invalid_grant(description: &str) -> Answer {
    answer(400, json!({"error": "invalid_grant", "error_description": description}))
}

/// 401 of the token endpoint for unknown app credentials.
pub fn invalid_client() -> Answer {
    answer(401, json!({"error": "invalid_client", "error_description": "Invalid client credentials!"}))
}

/// 401 with a message.
pub fn unauthorised(message: &str) -> Answer {
    answer(401, json!({"statusCode": 401, "message": message, "error": "Unauthorized"}))
}

/// 401 without an `error` property, for a missing or unknown version and for an unknown token.
pub fn version(message: &str) -> Answer {
    answer(401, json!({"statusCode": 401, "message": message}))
}

/// 400 for a path that version v3 does not have.
pub fn not_in_v3(path: &str) -> Answer {
    bad(format!(
        "Endpoint {path} not available in API version v3. This endpoint was removed in version v3. Please use a version before v3."
    ))
}

/// 401 for a plan that is too low. Its form differs from all other refusals.
pub fn plan_too_low() -> Answer {
    let message = "You do not have access to this feature! Please contact the admin!";
    answer(401, json!({"status": 401, "message": message, "name": "HttpException", "traceId": new_uuid()}))
}

/// 403 for a record that belongs to another tenant or does not exist.
pub fn forbidden(what: &str) -> Answer {
    answer(403, json!({"statusCode": 403, "message": format!("The token does not have access to this {what}.")}))
}

/// 404 for an unknown route.
pub fn no_route(method: &str, path: &str) -> Answer {
    answer(404, json!({"message": format!("Cannot {method} {path}"), "error": "Not Found", "statusCode": 404}))
}

/// 422 that lists every mistake.
pub fn unprocessable(mistakes: Vec<String>) -> Answer {
    answer(422, json!({"statusCode": 422, "message": mistakes, "error": "Unprocessable Entity", "traceId": new_uuid()}))
}

/// 429 for a call that exceeds a rate limit.
pub fn too_many() -> Answer {
    answer(429, json!({"statusCode": 429, "message": "Too Many Requests"}))
}
