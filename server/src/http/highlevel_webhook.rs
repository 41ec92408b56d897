//! What becomes of a request with which HighLevel delivers an event? Its signature is checked over the bytes as they came,
//! then that it is for our app and not old; what may need something of us is stored together with the work that does it, and only
//! then it is answered.
//! HighLevel sends again what is answered with 429 and nothing else (HighLevel API, webhook retries).

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use ghl::{legacy_signature, signature};

use super::pages::Shared;
use super::problem;
use super::refusals::Refused;
use crate::boot::config::Highlevel;

/// Where HighLevel delivers events.
pub const PATH: &str = "/api/webhooks/ghl";

/// Largest body, in bytes.
pub const LARGEST: usize = 1024 * 1024;

/// How old an event may be. HighLevel repeats for about 70 minutes what was answered with 429, with the same body.
const OLDEST: TimeDelta = TimeDelta::minutes(90);

/// How far HighLevel's clock may be ahead of ours.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// `POST /api/webhooks/ghl`: stores a signed event. 200 says that it is committed, also if it came before, or that it needs
/// nothing of us: such events are many, and they name the customers of strangers.
pub async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let ours = &shared.server.config.ghl;
    if !is_signed(ours, &headers, &body) {
        return refused("unsigned", "The signature is missing, or HighLevel did not make it. Nothing was stored.");
    }
    let Some(event) = ghl::webhook::read(&body) else {
        metrics::counter!("inbound_bodies_total", "outcome" => "unreadable").increment(1);
        tracing::warn!(event = "highlevel.unreadable", bytes = body.len(), "a signed body of HighLevel is no event");
        return problem::answer(
            StatusCode::BAD_REQUEST,
            "No event",
            "An event is a JSON object with appId, webhookId and timestamp. Nothing was stored.",
        );
    };
    if ours.app_id.is_empty() || event.app != ours.app_id {
        return refused("foreign", "This event is for another app. Nothing was stored.");
    }
    if !is_fresh(event.at, web::clock::now()) {
        return refused("stale", "The timestamp of this event is too old, or lies ahead. Nothing was stored.");
    }
    if !event.is_needed() {
        metrics::counter!("inbound_bodies_total", "outcome" => "not_needed").increment(1);
        return StatusCode::OK.into_response();
    }
    let turn = event.turn().map(str::to_owned);
    match shared.server.highlevel_inbound.store(body, turn).await {
        Ok(()) => {
            metrics::counter!("inbound_bodies_total", "outcome" => "stored").increment(1);
            StatusCode::OK.into_response()
        }
        Err(why) => {
            metrics::counter!("inbound_bodies_total", "outcome" => "not_stored").increment(1);
            tracing::warn!(
                event = "highlevel.not_stored",
                ?why,
                "an event of HighLevel was not stored; it comes again"
            );
            busy()
        }
    }
}

/// Whether HighLevel signed the body. Where there is the present signature, the older one counts for nothing.
fn is_signed(ours: &Highlevel, headers: &HeaderMap, body: &[u8]) -> bool {
    let given = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (given(signature::HEADER), given(legacy_signature::HEADER)) {
        (Some(header), _) => ours.webhook_keys.verify(body, header),
        (None, Some(header)) => ours.legacy_signatures && legacy_signature::verify(body, header),
        (None, None) => false,
    }
}

fn is_fresh(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - at <= OLDEST && at - now <= AHEAD
}

/// The answer to what HighLevel did not sign for us just now.
fn refused(outcome: &'static str, detail: &str) -> Response {
    metrics::counter!("inbound_bodies_total", "outcome" => outcome).increment(1);
    tracing::warn!(event = "highlevel.refused", outcome, "a body in the name of HighLevel was refused");
    let mut answer = problem::answer(StatusCode::UNAUTHORIZED, "Not accepted", detail);
    answer.extensions_mut().insert(Refused("highlevel.unsigned"));
    answer
}

/// Answers 429 instead of any fault of ours, or of the way to us, after which the event would be lost.
pub async fn layer(request: Request, next: Next) -> Response {
    let answer = next.run(request).await;
    if answer.status().is_server_error() || answer.status() == StatusCode::REQUEST_TIMEOUT { busy() } else { answer }
}

fn busy() -> Response {
    let detail = "We can't store this event just now. Send it again.";
    let mut answer = problem::answer(StatusCode::TOO_MANY_REQUESTS, "Busy", detail);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    answer
}

/// The answer to a body that is too large.
#[must_use]
pub fn too_large() -> Response {
    problem::answer(StatusCode::PAYLOAD_TOO_LARGE, "Body too large", "Send at most 1 MiB. Nothing was stored.")
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;
    use crate::boot::config::{Config, Source};

    #[test]
    fn the_older_signature_counts_only_where_it_is_allowed_and_the_present_one_is_absent() {
        let key = simulator::defaults().webhook_public_key;
        let (body, present) = (b"{}", simulator::sign_webhook(b"{}"));
        for legacy in ["false", "true"] {
            let given = [("GHL_WEBHOOK_PUBLIC_KEYS", key.as_str()), ("GHL_WEBHOOK_LEGACY", legacy)];
            let ours = Config::read(&Source::given(&given)).unwrap().ghl;
            assert_eq!(ours.legacy_signatures, legacy == "true");
            for (header, older, signed) in [
                (Some(present.as_str()), None, true),
                (Some(present.as_str()), Some("N/A"), true),
                (Some("N/A"), Some("N/A"), false),
                (Some(""), None, false),
                (None, Some(present.as_str()), false),
                (None, None, false),
            ] {
                let mut headers = HeaderMap::new();
                for (name, value) in [(signature::HEADER, header), (legacy_signature::HEADER, older)] {
                    if let Some(value) = value {
                        headers.insert(name, HeaderValue::from_str(value).unwrap());
                    }
                }
                assert_eq!(is_signed(&ours, &headers, body), signed, "{header:?} {older:?}");
            }
        }
    }

    #[tokio::test]
    async fn whatever_is_no_fault_of_the_event_lets_it_come_again() {
        for (given, expected) in [
            (StatusCode::INTERNAL_SERVER_ERROR, StatusCode::TOO_MANY_REQUESTS),
            (StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS),
            (StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS),
            (StatusCode::OK, StatusCode::OK),
            (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED),
        ] {
            let app = Router::new().route(PATH, get(move || async move { given })).layer(from_fn(layer));
            let answer = app.oneshot(Request::get(PATH).body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), expected, "{given}");
            assert_eq!(answer.headers().contains_key(header::RETRY_AFTER), given != expected, "{given}");
        }
    }

    #[test]
    fn an_event_is_fresh_for_as_long_as_highlevel_repeats_it() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        for (minutes, fresh) in [(-91, false), (-90, true), (-6, true), (0, true), (5, true), (6, false)] {
            assert_eq!(is_fresh(now + TimeDelta::minutes(minutes), now), fresh, "{minutes}");
        }
    }
}
