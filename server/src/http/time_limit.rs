//! What does a caller read whose request takes too long? That it took too long, when to try again, and of a write that nobody
//! knows whether it was done.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::timeout;

use super::problem;

/// Time limit of a request after its body has arrived.
pub const USUAL: Duration = Duration::from_secs(30);

/// The path whose writes are done once for each `Idempotency-Key`.
const ONCE: &str = "/api/v1/provisioning/jobs";

/// Gives up a request whose answer has not begun within the limit.
pub async fn layer(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let known = known(&request);
    timeout(limit, next.run(request)).await.unwrap_or_else(|_| late(known))
}

/// What the caller of this request has to know if it takes too long, and whether to send it again does no harm.
fn known(request: &Request) -> (&'static str, bool) {
    let once = request.uri().path() == ONCE && request.headers().contains_key("idempotency-key");
    match *request.method() {
        Method::GET | Method::HEAD => ("The server couldn't respond in time. Try again in a few seconds.", true),
        Method::POST if once => (
            "The server couldn't respond in time, so the outcome is unknown. Send the same request again with the same \
             Idempotency-Key: it runs only once.",
            true,
        ),
        _ => (
            "The server couldn't respond in time, so the outcome is unknown. Check whether it worked before you try again.",
            false,
        ),
    }
}

/// Programs repeat by themselves what says when to try again, so a write that may double does not say it.
fn late((detail, is_repeatable): (&str, bool)) -> Response {
    let mut answer = problem::answer(StatusCode::SERVICE_UNAVAILABLE, "This took too long", detail);
    if is_repeatable {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    answer
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use tower::ServiceExt;

    use super::*;
    use crate::http::problem::Problem;

    /// The answer to a request of this method whose handler never answers.
    async fn given_up(method: Method, path: &str, key: Option<&str>) -> (Response, Problem) {
        let app = Router::new().fallback(pending::<StatusCode>).layer(from_fn_with_state(USUAL, layer));
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let problem = answer.extensions().get::<Problem>().unwrap().clone();
        (answer, problem)
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waited_too_long_reads_when_to_try_again_and_what_is_unknown() {
        for (method, path, key, wanted, unknown) in [
            (Method::GET, ONCE, None, "Try again", false),
            (Method::GET, ONCE, Some("one"), "Try again", false),
            (Method::POST, ONCE, Some("one"), "with the same Idempotency-Key", true),
            (Method::POST, ONCE, None, "Check whether it worked", true),
            (Method::POST, "/api/v1/phone-routes", Some("one"), "Check whether it worked", true),
            (Method::PUT, "/api/v1/todos/1", None, "Check whether it worked", true),
            (Method::DELETE, "/api/v1/phone-routes/1", None, "Check whether it worked", true),
        ] {
            let (answer, problem) = given_up(method.clone(), path, key).await;
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{method} {path}");
            let repeatable = !problem.detail.contains("Check whether");
            assert_eq!(answer.headers().contains_key(header::RETRY_AFTER), repeatable, "{method} {path} {key:?}");
            assert_eq!(problem.code, "unavailable");
            assert!(problem.detail.contains(wanted), "{method} {path} {key:?}: {}", problem.detail);
            assert_eq!(problem.detail.contains("unknown"), unknown, "{method} {path} {key:?}: {}", problem.detail);
        }
    }

    #[tokio::test]
    async fn an_answer_in_time_is_passed_on() {
        let app = Router::new().fallback(|| async { StatusCode::NO_CONTENT }).layer(from_fn_with_state(USUAL, layer));
        let answer = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
        assert!(answer.status() == StatusCode::NO_CONTENT && !answer.headers().contains_key(header::RETRY_AFTER));
    }
}
