//! How many requests may an agency's or a business's programs send? So many in any minute, whichever token or process serves
//! them; every answer says how many are left.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use store::rate_windows::{self, Limit, Taken};

use super::token::Bearer;
use crate::pages::Shared;
use crate::problem;

/// Requests of one business in any minute.
const OF_A_BUSINESS: u32 = 60;
/// Requests of an agency in any minute: it asks for many clients.
const OF_AN_AGENCY: u32 = 600;
const MINUTE: Duration = Duration::from_secs(60);

/// Counts a request, or refuses it with 429 when the minute is used up.
pub async fn layer(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let Some(bearer) = request.extensions().get::<Bearer>() else {
        return problem::answer(StatusCode::FORBIDDEN, "Not allowed", "This route is closed.");
    };
    let (key, burst) = match bearer.business {
        Some(business) => (format!("api|business|{business}"), OF_A_BUSINESS),
        None => (format!("api|agency|{}", bearer.agency), OF_AN_AGENCY),
    };
    let limit = Limit { burst, interval: MINUTE, daily: i32::MAX.unsigned_abs(), hold: Duration::ZERO };
    let taken = match rate_windows::take(&shared.app.db, &key, 1, 0, &limit).await {
        Ok(taken) => taken,
        Err(error) => return problem::of(error.into()),
    };
    let mut answer = if taken.places.is_empty() { refused(burst, &taken) } else { next.run(request).await };
    describe(answer.headers_mut(), burst, &taken);
    answer
}

fn refused(burst: u32, taken: &Taken) -> Response {
    let wait = seconds(taken.wait);
    let detail =
        format!("{burst} requests were sent in the last minute, all there are. Send this one again in {wait} s.");
    let mut answer = problem::answer(StatusCode::TOO_MANY_REQUESTS, "Too many requests", &detail);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    answer
}

/// The fields of the IETF draft on rate limits (version 3), which clients know best.
fn describe(headers: &mut HeaderMap, burst: u32, taken: &Taken) {
    // A sliding window is whole again a minute after the last request, and has a place again when the oldest leaves it.
    let reset = if taken.places.is_empty() { seconds(taken.wait) } else { MINUTE.as_secs() };
    let fields = [
        ("ratelimit-limit", HeaderValue::from(burst)),
        ("ratelimit-remaining", HeaderValue::from(burst.saturating_sub(taken.used))),
        ("ratelimit-reset", HeaderValue::from(reset)),
    ];
    for (name, value) in fields {
        headers.insert(HeaderName::from_static(name), value);
    }
    if let Ok(policy) = HeaderValue::from_str(&format!("{burst};w={}", MINUTE.as_secs())) {
        headers.insert(HeaderName::from_static("ratelimit-policy"), policy);
    }
}

/// Whole seconds until then, so that asking again after them is not too early.
const fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + 1
}
