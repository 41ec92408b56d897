//! What proves that a call with a Facebook token comes from our servers? A keyed hash of the token (`appsecret_proof`).

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The proof for a call with exactly this token: lower-case hexadecimal HMAC-SHA-256 of the token, keyed with the app
/// secret (Meta, `appsecret_proof`).
#[must_use]
pub fn appsecret_proof(app_secret: &SecretString, token: &SecretString) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(app_secret.expose_secret().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(token.expose_secret().as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_belongs_to_the_token_and_the_secret() {
        let (secret, token) = ("test-app-secret".to_owned().into(), "EAAEXAMPLEPAGETOKENA".to_owned().into());
        let proof = appsecret_proof(&secret, &token);
        assert_eq!(proof, "15223210b559a8de9db6bef0b09dbcb0d064601a6ef6d7fabec180ebaa5229ff");
        assert_ne!(proof, appsecret_proof(&token, &token));
        assert_ne!(proof, appsecret_proof(&secret, &secret));
    }
}
