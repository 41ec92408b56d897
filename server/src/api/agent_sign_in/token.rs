//! How does a program get its token (RFC 6749 sections 4.1.3 and 6)? For a code that a person gave it, or for a refresh token,
//! which is replaced. It may end its token, too (RFC 7009).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::agent_sign_in::{ACCESS_SECONDS, resource};
use operations::tools::sign_in::{self, Denied, Issued, Proof};
use secrecy::ExposeSecret;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::error::Refused;
use super::form::Form;
use crate::api::tools::SCOPE;
use crate::http::pages::Shared;
use crate::http::{problem, refusals};

/// What a program is told whose code or refresh token does not hold.
const GRANT: Refused =
    Refused::new("invalid_grant", "The code or refresh token is unknown, expired, used, or not yours. Sign in again.");
/// What a program is told that asks for something else than the tools it was let into.
const TARGET: Refused =
    Refused::new("invalid_target", "The resource is not the address of the tools that this grant is for.");

/// `POST /oauth/token`.
pub async fn issue(State(shared): State<Shared>, body: Bytes) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(refused) => return refused.into_response(),
    };
    let Ok(business) = resource(form.get("resource"), &shared.server.config.origin()) else {
        return TARGET.into_response();
    };
    let (db, now) = (&shared.app.db, web::clock::now());
    let issued = match form.get("grant_type") {
        "authorization_code" => {
            let Some(challenge) = challenge(form.get("code_verifier")) else {
                let sentence = "Send the code_verifier: 43 to 128 letters, digits and - . _ ~.";
                return Refused::new("invalid_request", sentence).into_response();
            };
            let proof = Proof {
                code: form.get("code"),
                client: form.get("client_id"),
                redirect: form.get("redirect_uri"),
                challenge: &challenge,
                business: business.as_deref(),
            };
            sign_in::redeem(db, &proof, now).await
        }
        "refresh_token" => {
            let (refresh, client) = (form.get("refresh_token"), form.get("client_id"));
            sign_in::renew(db, refresh, (client, business.as_deref()), now).await
        }
        _ => {
            let sentence = "Use authorization_code or refresh_token.";
            return Refused::new("unsupported_grant_type", sentence).into_response();
        }
    };
    match issued {
        Ok(issued) => answer(&issued),
        Err(Denied::Grant) => {
            let mut refused = GRANT.into_response();
            refused.extensions_mut().insert(refusals::Refused("token.refused"));
            refused
        }
        Err(Denied::Target) => TARGET.into_response(),
        Err(Denied::Store(error)) => problem::of(error.into()),
    }
}

fn answer(issued: &Issued) -> Response {
    let body = Json(json!({
        "access_token": issued.access.expose_secret(),
        "token_type": "Bearer",
        "expires_in": ACCESS_SECONDS,
        "refresh_token": issued.refresh.expose_secret(),
        "scope": SCOPE,
    }));
    (StatusCode::OK, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], body).into_response()
}

/// `POST /oauth/revoke`. It answers the same whether or not there was such a token.
pub async fn revoke(State(shared): State<Shared>, body: Bytes) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(refused) => return refused.into_response(),
    };
    match sign_in::revoke(&shared.app.db, form.get("token")).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => problem::of(error.into()),
    }
}

/// The challenge of the kind S256 that belongs to a verifier (RFC 7636). `None` if it is none.
fn challenge(verifier: &str) -> Option<String> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let fits = (43..=128).contains(&verifier.len()) && verifier.bytes().all(is_letter);
    fits.then(|| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::challenge;

    #[test]
    fn a_verifier_has_the_challenge_of_the_standard() {
        // The example of RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier).as_deref(), Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        for bad in [
            "",
            &verifier[1..],
            "x".repeat(129).as_str(),
            "\u{e9}".repeat(30).as_str(),
            format!("{verifier} ").as_str(),
        ] {
            assert_eq!(challenge(bad), None, "{bad}");
        }
    }
}
