//! What does a plain HTTP caller read after a call? The result, that a person is asked, or why there is none.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Timelike;
use domain::ToolApprovalId;
use operations::Refusal;
use operations::tools::polling::Polled;
use operations::tools::{Called, ToolError};
use serde_json::{Value, json};

use crate::http::problem;

/// Seconds after which a caller asks again whether a person has decided.
const POLL_AFTER: u64 = 15;
/// Seconds of a day.
const DAY: u32 = 86_400;

/// The answer to a call.
pub fn of(outcome: Result<Called, ToolError>) -> Response {
    match outcome {
        Ok(called) => Json(result(called)).into_response(),
        Err(error) => refused(error),
    }
}

/// The answer to the question what became of a call that waited for a person.
pub fn of_poll(outcome: Result<Polled, ToolError>) -> Response {
    match outcome {
        Ok(Polled::Waiting { expires }) => Json(json!({ "status": "waiting", "expires": expires })).into_response(),
        Ok(Polled::Ran { called, .. }) => {
            let mut body = result(called);
            body["status"] = Value::from("done");
            Json(body).into_response()
        }
        Ok(Polled::Ended { state, reason }) => Json(json!({ "status": state.key(), "reason": reason })).into_response(),
        Err(error) => refused(error),
    }
}

fn result(called: Called) -> Value {
    json!({ "result": called.result, "call": called.log, "dry_run": called.dry_run })
}

fn refused(error: ToolError) -> Response {
    match error {
        ToolError::Unknown => problem::answer(
            StatusCode::NOT_FOUND,
            "No such tool",
            "There is no tool of this name. GET /tools lists those that this token may use.",
        ),
        ToolError::Invalid(errors) => problem::with_errors(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Arguments need mending",
            "The arguments do not fit the tool's schema. Nothing was done.",
            errors,
        ),
        ToolError::Refused(refusal) => problem::refused(refusal),
        ToolError::Denied(why) => problem::answer(StatusCode::FORBIDDEN, "Not allowed by the policy", &why),
        ToolError::Waiting(id) => waiting(id),
        ToolError::Budget(why) => {
            let today = web::clock::now().num_seconds_from_midnight();
            // Whoever waits a moment, as after too many calls, waits in vain.
            let code = Refusal::DailyLimit(String::new()).code();
            let answer = problem::coded(StatusCode::TOO_MANY_REQUESTS, "Budget used up", &why, code);
            later(answer, u64::from(DAY - today))
        }
        ToolError::RateLimited { after } => {
            let wait = after.as_secs() + 1;
            let detail = format!("Too many calls in a short time. Call again in {wait} s.");
            later(problem::answer(StatusCode::TOO_MANY_REQUESTS, "Too many calls", &detail), wait)
        }
        ToolError::Upstream(why) => {
            problem::answer(StatusCode::BAD_GATEWAY, "Failed elsewhere", &outbound::redact(&why))
        }
        ToolError::TimedOut => problem::answer(
            StatusCode::GATEWAY_TIMEOUT,
            "No answer in time",
            "The tool did not answer in time. It may still have done its work: look before you call it again.",
        ),
    }
}

/// 202 with the address at which the caller asks what became of the call.
fn waiting(id: ToolApprovalId) -> Response {
    let address = format!("/tools/approvals/{id}");
    let body = json!({
        "status": "waiting",
        "approval": id,
        "poll": address,
        "detail": "A person of the client is asked first. POST to the address in `poll` until they decided: it then runs \
                   exactly what they were shown.",
    });
    let mut answer = (StatusCode::ACCEPTED, Json(body)).into_response();
    if let Ok(value) = HeaderValue::from_str(&address) {
        answer.headers_mut().insert(header::LOCATION, value);
    }
    later(answer, POLL_AFTER)
}

fn later(mut answer: Response, seconds: u64) -> Response {
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::field::FieldError;
    use uuid::Uuid;

    use super::*;
    use crate::http::problem::Problem;

    #[test]
    fn every_outcome_has_the_status_that_fits_and_says_when_to_come_again() {
        let invalid = vec![FieldError::new("/email", "This argument is missing.")];
        for (error, status, waits) in [
            (ToolError::Unknown, 404, false),
            (ToolError::Invalid(invalid), 422, false),
            (ToolError::Refused(Refusal::NotFound), 404, false),
            (ToolError::Refused(Refusal::State("It is closed.".to_owned())), 409, false),
            (ToolError::Denied("The policy forbids it.".to_owned()), 403, false),
            (ToolError::Waiting(Uuid::nil().into()), 202, true),
            (ToolError::Budget("500 calls were made today.".to_owned()), 429, true),
            (ToolError::RateLimited { after: Duration::from_secs(3) }, 429, true),
            (ToolError::Upstream("HighLevel is away.".to_owned()), 502, false),
            (ToolError::TimedOut, 504, false),
        ] {
            let said = error.to_string();
            let answer = of(Err(error));
            assert_eq!(answer.status().as_u16(), status, "{said}");
            assert_eq!(answer.headers().contains_key(header::RETRY_AFTER), waits, "{said}");
        }
        for (error, code) in [
            (ToolError::Budget("500 calls were made today.".to_owned()), "daily_limit"),
            (ToolError::RateLimited { after: Duration::from_secs(3) }, "rate_limited"),
        ] {
            let answer = of(Err(error));
            assert_eq!(answer.extensions().get::<Problem>().map(|problem| problem.code), Some(code));
        }
        let called = Called { result: json!({ "rows": [] }), log: Uuid::nil().into(), dry_run: false };
        assert_eq!(of(Ok(called)).status(), StatusCode::OK);
    }
}
