//! Does a message say that its client does not wait for a call any more? Over HTTP that is a request of its own, so it names
//! the call to whichever process runs it.

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use operations::tools::cancelling;
use serde_json::Value;
use uuid::Uuid;

use crate::api::tools::caller::Admitted;
use crate::http::pages::Shared;
use crate::http::problem;

/// The largest message in bytes that is looked into: it has an id, and a reason or what a person answered.
const LARGEST: usize = 4096;

/// The message of a request if it is a small one, and the request with it. Bodies arrived whole, so their size is known.
///
/// # Errors
/// The response to send instead if the request ends before its body does.
pub async fn small(request: Request) -> Result<(Request, Option<Bytes>), Response> {
    let length = request.body().size_hint().exact().and_then(|length| usize::try_from(length).ok());
    if length.is_none_or(|length| length > LARGEST) {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, LARGEST).await.map_err(|_| {
        problem::answer(StatusCode::BAD_REQUEST, "Unreadable request", "The request ended before its body did.")
    })?;
    Ok((Request::from_parts(parts, Body::from(bytes.clone())), Some(bytes)))
}

/// Cancels the call of this session that a message names, if it does.
pub async fn heed(shared: &Shared, admitted: &Admitted, session: Option<&str>, message: &[u8]) {
    if let Some(id) = named(message) {
        cancel(shared, admitted, cancelling::name(admitted.caller.token, session, &id)).await;
    }
}

/// The id of the request that a message cancels. `None` if it is another message.
fn named(message: &[u8]) -> Option<Value> {
    let message: Value = serde_json::from_slice(message).ok()?;
    let cancels = message["method"] == "notifications/cancelled" && message.get("id").is_none();
    let id = message["params"].get("requestId").filter(|id| id.is_string() || id.is_i64())?;
    cancels.then(|| id.clone())
}

/// Cancels the call of this name here, or tells the other processes.
async fn cancel(shared: &Shared, admitted: &Admitted, call: Uuid) {
    if shared.server.tool_requests.cancel(call) {
        return;
    }
    if let Err(error) = cancelling::tell(&shared.app.db, &admitted.caller, call).await {
        tracing::warn!(event = "tools.cancel_untold", %error, "other processes did not hear that a call is cancelled; it goes on");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_notice_of_a_cancelled_request_names_one() {
        let message = |method: &str, params: Value| json!({ "jsonrpc": "2.0", "method": method, "params": params });
        let cancels = |params: Value| named(message("notifications/cancelled", params).to_string().as_bytes());
        for id in [json!(7), json!(-1), json!("7"), json!("")] {
            assert_eq!(cancels(json!({ "requestId": id, "reason": "Too slow." })), Some(id));
        }
        for wrong in [json!({}), json!({ "requestId": null }), json!({ "requestId": 1.5 }), json!([7]), json!(7)] {
            assert_eq!(cancels(wrong.clone()), None, "{wrong}");
        }
        let progress = message("notifications/progress", json!({ "requestId": 7 }));
        let mut asked = message("notifications/cancelled", json!({ "requestId": 7 }));
        asked["id"] = json!(1);
        for other in [progress.to_string(), asked.to_string(), "[]".to_owned(), "7".to_owned(), "{".to_owned()] {
            assert_eq!(named(other.as_bytes()), None, "{other}");
        }
    }
}
