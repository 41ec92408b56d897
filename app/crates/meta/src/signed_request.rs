//! Which person is a callback of Meta about? The callbacks for a removed app and for the deletion of data carry a
//! `signed_request`: a signature and a payload, both in base64url (Meta, data deletion callback).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::Mac;
use secrecy::SecretString;
use serde_json::Value;

use crate::signature::keyed;
use crate::webhook::field;

/// The only algorithm that is accepted.
const ALGORITHM: &str = "HMAC-SHA256";
/// The longest text that is looked at, in bytes; Meta sends about 200.
const LONGEST: usize = 8192;

/// What a signed request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    /// The index of the secret that signed it.
    pub secret: usize,
    /// The id of the person for this app.
    pub user_id: String,
    /// When it was made.
    pub issued_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub expires: Option<DateTime<Utc>>,
}

/// Why a signed request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is none, or names nobody.
    #[error("This is not a signed request.")]
    Malformed,
    /// No configured secret signed it.
    #[error("The signed request has another signature.")]
    Signature,
    /// It names another algorithm than the one that Meta uses.
    #[error("The signed request names another algorithm.")]
    Algorithm,
}

/// Reads a signed request once one of the secrets turns out to have signed it. The signature covers the payload as it
/// is spelled, so nothing of it is read before.
///
/// # Errors
/// [`Refused`].
pub fn open(secrets: &[SecretString], text: &str) -> Result<SignedRequest, Refused> {
    if text.len() > LONGEST {
        return Err(Refused::Malformed);
    }
    let (signature, payload) = text.split_once('.').ok_or(Refused::Malformed)?;
    let given = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refused::Malformed)?;
    let signed = |secret| keyed(secret, payload.as_bytes()).is_some_and(|mac| mac.verify_slice(&given).is_ok());
    let secret = secrets.iter().position(signed).ok_or(Refused::Signature)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| Refused::Malformed)?;
    let said: Value = serde_json::from_slice(&bytes).map_err(|_| Refused::Malformed)?;
    if !said["algorithm"].as_str().is_some_and(|algorithm| algorithm.eq_ignore_ascii_case(ALGORITHM)) {
        return Err(Refused::Algorithm);
    }
    let user_id = field::id(&said["user_id"]).ok_or(Refused::Malformed)?;
    let (issued_at, expires) = (field::time(&said["issued_at"]), field::time(&said["expires"]));
    Ok(SignedRequest { secret, user_id, issued_at, expires })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(of: &[&str]) -> Vec<SecretString> {
        of.iter().map(|secret| SecretString::from(*secret)).collect()
    }

    fn sample() -> Value {
        serde_json::from_str(include_str!("fixtures/cb_signed_request.json")).unwrap()
    }

    /// A request over this payload, signed with `test-app-secret`.
    fn request(payload: &str) -> String {
        let payload = URL_SAFE_NO_PAD.encode(payload);
        let mac = keyed(&SecretString::from("test-app-secret"), payload.as_bytes()).unwrap();
        format!("{}.{payload}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn the_published_sample_opens() {
        let sample = sample();
        let opened = open(&secrets(&["other", "test-app-secret"]), sample["signed_request"].as_str().unwrap()).unwrap();
        assert_eq!(opened.secret, 1);
        assert_eq!(opened.user_id, "218471000000001");
        assert_eq!(opened.issued_at, DateTime::from_timestamp(1_790_000_000, 0));
        assert_eq!(opened.expires, DateTime::from_timestamp(1_790_003_600, 0));
    }

    #[test]
    fn ids_and_times_are_read_in_every_dress() {
        let ours = secrets(&["test-app-secret"]);
        for payload in [
            r#"{"algorithm":"hmac-sha256","user_id":12,"issued_at":"1790000000"}"#,
            r#"{"algorithm":"HMAC-SHA256","user_id":"12","issued_at":1790000000,"expires":0}"#,
        ] {
            let opened = open(&ours, &request(payload)).unwrap();
            assert_eq!((opened.user_id.as_str(), opened.expires), ("12", None));
            assert_eq!(opened.issued_at, DateTime::from_timestamp(1_790_000_000, 0));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let ours = secrets(&["test-app-secret"]);
        let sample = sample();
        let sound = sample["signed_request"].as_str().unwrap();
        let (signature, payload) = sound.split_once('.').unwrap();
        let other = URL_SAFE_NO_PAD.encode(br#"{"algorithm":"HMAC-SHA256","user_id":"1"}"#);
        for (text, why) in [
            (String::new(), Refused::Malformed),
            (".".to_owned(), Refused::Signature),
            (signature.to_owned(), Refused::Malformed),
            (format!("{signature}=.{payload}"), Refused::Malformed),
            (format!("!!.{payload}"), Refused::Malformed),
            (format!("{signature}.{payload}="), Refused::Signature),
            (format!("{signature}.{other}"), Refused::Signature),
            (format!(".{payload}"), Refused::Signature),
            (format!("{sound}{}", "A".repeat(LONGEST)), Refused::Malformed),
            (request(r#"{"algorithm":"none","user_id":"1"}"#), Refused::Algorithm),
            (request(r#"{"user_id":"1"}"#), Refused::Algorithm),
            (request(r#"{"algorithm":"HMAC-SHA256"}"#), Refused::Malformed),
            (request("[]"), Refused::Algorithm),
            (request("no"), Refused::Malformed),
        ] {
            assert_eq!(open(&ours, &text), Err(why), "{text}");
        }
        assert_eq!(open(&secrets(&["", "another"]), sound), Err(Refused::Signature));
        assert_eq!(open(&[], sound), Err(Refused::Signature));
    }
}
