//! What happens when a person takes back their consent at Meta, or asks for the deletion of their data? Meta tells both by a
//! signed request (Meta, deauthorize and data deletion callbacks).

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use meta::signed_request::{self, SignedRequest};
use secrecy::SecretString;
use serde_json::json;
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use super::meta_webhook::unsigned;
use super::pages::Shared;
use super::problem;

/// Digits of the proof in a confirmation code.
const PROOF: usize = 24;

/// `POST /api/meta/deauthorize`: the connections of the person need a new consent.
pub async fn deauthorize(State(shared): State<Shared>, body: Bytes) -> Response {
    let Some(asked) = opened(&shared, &body) else { return unsigned() };
    match operations::meta_callbacks::deauthorized(&shared.app.db, &asked.user_id).await {
        Ok(ended) => {
            tracing::info!(event = "meta.deauthorized", ended, "a person took back the consent at Meta");
            Json(json!({ "success": true })).into_response()
        }
        Err(refusal) => problem::refused(refusal),
    }
}

/// `POST /api/meta/data-deletion`: forgets the person, and answers where the state of the deletion is shown.
pub async fn delete_data(State(shared): State<Shared>, body: Bytes) -> Response {
    let Some(asked) = opened(&shared, &body) else { return unsigned() };
    let secrets = shared.server.config.meta.secrets();
    let Some(code) = secrets.first().map(|secret| code(secret, Utc::now().timestamp(), &asked.user_id)) else {
        return unsigned();
    };
    match operations::meta_callbacks::deletion_asked(&shared.app.db, &asked.user_id, &code).await {
        Ok(forgotten) => {
            tracing::info!(
                event = "meta.deletion_asked",
                forgotten,
                code,
                "a person asked Meta to have their data deleted"
            );
            let url = format!("{}/api/meta/data-deletion?code={code}", shared.server.config.origin());
            Json(json!({ "url": url, "confirmation_code": code })).into_response()
        }
        Err(refusal) => problem::refused(refusal),
    }
}

/// `GET /api/meta/data-deletion?code=…`: what became of a deletion. Nothing is left of the person, so the code proves itself.
pub async fn deletion_status(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let code = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code").map(|(_, code)| code);
    let code = code.filter(|code| is_ours(&shared.server.config.meta.secrets(), code));
    let Some(code) = code else {
        return problem::answer(StatusCode::NOT_FOUND, "Not found", "There is no deletion with this code.");
    };
    let detail = "The id under which Meta knew you was deleted here when the request arrived.";
    Json(json!({ "confirmation_code": code, "status": "deleted", "detail": detail })).into_response()
}

/// The signed request in a form. `None` if Meta did not sign it.
fn opened(shared: &Shared, body: &[u8]) -> Option<SignedRequest> {
    let (_, text) = form_urlencoded::parse(body).find(|(name, _)| name == "signed_request")?;
    let opened = signed_request::open(&shared.server.config.meta.secrets(), &text);
    opened.inspect_err(|why| tracing::warn!(event = "meta.unsigned", %why, "a callback of Meta was refused")).ok()
}

/// A confirmation code that only we can make: a time, a blurred name of the person and a proof of both.
fn code(secret: &SecretString, at: i64, person: &str) -> String {
    let blurred = proof(secret, &format!("person {person}"));
    let said = format!("{at:x}-{}", &blurred[..8.min(blurred.len())]);
    format!("{said}-{}", proof(secret, &said))
}

fn proof(secret: &SecretString, text: &str) -> String {
    let signature = meta::signature::sign(secret, format!("data deletion {text}").as_bytes());
    signature.trim_start_matches("sha256=").chars().take(PROOF).collect()
}

fn is_ours(secrets: &[SecretString], code: &str) -> bool {
    let Some((said, given)) = code.rsplit_once('-') else { return false };
    let is_proof = |secret| bool::from(proof(secret, said).as_bytes().ct_eq(given.as_bytes()));
    given.len() == PROOF && secrets.iter().any(is_proof)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_of_ours_is_known_and_it_names_nobody() {
        let secrets = [SecretString::from("one".to_owned()), SecretString::from("two".to_owned())];
        let made = code(&secrets[1], 1_790_000_000, "218471000000001");
        assert!(is_ours(&secrets, &made) && !made.contains("218471000000001"));
        assert!(!is_ours(&secrets[..1], &made) && !is_ours(&[], &made));
        for at in 0..made.len() {
            let mut other = made.clone();
            let letter = if &made[at..=at] == "0" { "1" } else { "0" };
            other.replace_range(at..=at, letter);
            assert!(!is_ours(&secrets, &other), "{other}");
        }
        assert!(!is_ours(&secrets, "") && !is_ours(&secrets, "-"));
    }
}
