//! How is a delivery signed? As Standard Webhooks says: `v1,` and the base64 of an HMAC with SHA-256 over id, time and
//! body, one for each secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The value of `webhook-signature`. `None` if a secret cannot be read.
pub fn header(secrets: &[SecretString], id: &str, at: i64, body: &str) -> Option<String> {
    let signed = secrets.iter().map(|secret| sign(secret, id, at, body)).collect::<Option<Vec<_>>>()?;
    Some(signed.join(" "))
}

fn sign(secret: &SecretString, id: &str, at: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.expose_secret().strip_prefix("whsec_")?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_standard_webhooks() {
        // The vector of the specification's libraries.
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let (id, at, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        let one = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(header(std::slice::from_ref(&secret), id, at, body).as_deref(), Some(one));
        let both = [SecretString::from("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), secret];
        let header = header(&both, id, at, body).unwrap();
        assert_eq!(header.split(' ').count(), 2);
        assert!(header.ends_with(one) && header.starts_with("v1,"));
    }

    #[test]
    fn everything_that_is_sent_is_signed() {
        let secret = [SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];
        let sound = header(&secret, "a", 1, "b");
        for other in [header(&secret, "x", 1, "b"), header(&secret, "a", 2, "b"), header(&secret, "a", 1, "x")] {
            assert_ne!(other, sound);
        }
        assert_eq!(header(&[SecretString::from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")], "a", 1, "b"), None);
    }
}
