//! What becomes of a request with which Meta delivers events? Its signature is checked over the bytes as they came, they
//! are stored together with the work that reads them, and only then it is answered (Meta, webhooks).

mod intake;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use url::form_urlencoded;

pub use self::intake::{Intake, NotStored};
use super::pages::Shared;
use super::problem;
use super::refusals::Refused;

/// Where Meta delivers events.
pub const PATH: &str = "/api/webhooks/meta";

/// Largest body, in bytes. Meta sends at most 3 MB (Meta, webhooks).
pub const LARGEST: usize = 4 * 1024 * 1024;

/// Longest challenge that is repeated, in bytes; Meta's has about ten.
const LONGEST_CHALLENGE: usize = 512;

/// `GET /api/webhooks/meta`: Meta asks whether this address is ours and gets its challenge back.
pub async fn verify(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let given = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let (token, challenge) = (given("hub.verify_token"), given("hub.challenge"));
    let is_ours = is_token(&shared.server.config.meta.verify_token, &token);
    if given("hub.mode") != "subscribe" || !is_ours || challenge.len() > LONGEST_CHALLENGE {
        tracing::warn!(event = "meta.not_verified", "somebody asked for the webhooks of Meta without their token");
        return problem::answer(StatusCode::FORBIDDEN, "Not verified", "This is not the token of these webhooks.");
    }
    tracing::info!(event = "meta.verified", "Meta verified the address of the webhooks");
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], challenge).into_response()
}

/// Whether a token is the configured one. An empty one is nobody's.
fn is_token(ours: &SecretString, given: &str) -> bool {
    let ours = ours.expose_secret();
    !ours.is_empty() && bool::from(ours.as_bytes().ct_eq(given.as_bytes()))
}

/// `POST /api/webhooks/meta`: stores a signed body. 200 says that it is committed; after anything else Meta sends it again.
pub async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let header = headers.get(meta::signature::HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let secrets = shared.server.config.meta.secrets();
    if meta::signature::verify(&secrets, &body, header).is_none() {
        metrics::counter!("inbound_bodies_total", "outcome" => "unsigned").increment(1);
        tracing::warn!(
            event = "meta.unsigned",
            bytes = body.len(),
            "a body in the name of Meta had no valid signature"
        );
        return unsigned();
    }
    let (bytes, account) = (body.len(), meta::webhook::account(&body));
    match shared.server.inbound.store(body, account).await {
        Ok(()) => {
            metrics::counter!("inbound_bodies_total", "outcome" => "stored").increment(1);
            StatusCode::OK.into_response()
        }
        Err(why) => {
            metrics::counter!("inbound_bodies_total", "outcome" => "not_stored").increment(1);
            tracing::warn!(event = "meta.not_stored", bytes, ?why, "a body of Meta was not stored; it comes again");
            problem::of(web::Error::Unavailable)
        }
    }
}

/// The answer to what Meta did not sign.
pub(super) fn unsigned() -> Response {
    let mut answer = problem::answer(
        StatusCode::UNAUTHORIZED,
        "Not signed",
        "The signature is missing, or the secret of our app did not make it. Nothing was stored.",
    );
    answer.extensions_mut().insert(Refused("meta.unsigned"));
    answer
}

/// The answer to a body that is too large.
#[must_use]
pub fn too_large() -> Response {
    problem::answer(StatusCode::PAYLOAD_TOO_LARGE, "Body too large", "Send at most 4 MiB. Nothing was stored.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_knows_an_empty_token() {
        let token = |text: &str| SecretString::from(text.to_owned());
        assert!(is_token(&token("right"), "right"));
        for (ours, given) in [("", ""), ("right", ""), ("", "right"), ("right", "righ"), ("right", "rights")] {
            assert!(!is_token(&token(ours), given), "{ours:?} {given:?}");
        }
    }
}
