//! Who sent a webhook? Meta signs the bytes of each body with the secret of an app
//! (`X-Hub-Signature-256: sha256=…`, Meta, webhooks: validating payloads).

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The name of the header, in the spelling of HTTP/2.
pub const HEADER: &str = "x-hub-signature-256";

/// What the value of the header begins with.
const SCHEME: &str = "sha256=";

/// The index of the secret that signed these bytes. `None` if none did, or if the header is not a signature. The body
/// must be the bytes as they came: Meta signs its own spelling, which another serializer does not repeat.
#[must_use]
pub fn verify(secrets: &[SecretString], body: &[u8], header: &str) -> Option<usize> {
    let mut given = [0; 32];
    hex::decode_to_slice(header.strip_prefix(SCHEME)?, &mut given).ok()?;
    secrets.iter().position(|secret| keyed(secret, body).is_some_and(|mac| mac.verify_slice(&given).is_ok()))
}

/// The value of the header for a body. Empty if the secret is empty: nothing is signed with it.
#[must_use]
pub fn sign(secret: &SecretString, body: &[u8]) -> String {
    keyed(secret, body).map(|mac| format!("{SCHEME}{}", hex::encode(mac.finalize().into_bytes()))).unwrap_or_default()
}

/// The code over these bytes. `None` for an empty secret: everybody knows it.
pub(crate) fn keyed(secret: &SecretString, bytes: &[u8]) -> Option<Hmac<Sha256>> {
    let key = Some(secret.expose_secret().as_bytes()).filter(|key| !key.is_empty())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(bytes);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::webhook::wire_form::wire_form;

    fn secrets(of: &[&str]) -> Vec<SecretString> {
        of.iter().map(|secret| SecretString::from(*secret)).collect()
    }

    /// Bodies and their signatures under `test-app-secret`.
    const VECTORS: [(&str, &str); 2] = [
        (r#"{"object":"page","entry":[]}"#, "sha256=1a82db3abc2fa71a3fffecfedef579a8468a44850cd8a83a0c56974faff81689"),
        (
            r#"{"t":"\u00e4\ud83d\ude00 a\/b"}"#,
            "sha256=dd1703fc4a9d28be2503093ee5729b7fecaeceaa6b8e9b0178364c0d686105a6",
        ),
    ];

    #[test]
    fn every_secret_is_tried_and_the_one_that_signed_is_named() {
        let all = secrets(&["", "another", "test-app-secret"]);
        for (body, header) in VECTORS {
            assert_eq!(sign(&all[2], body.as_bytes()), header);
            assert_eq!(verify(&all, body.as_bytes(), header), Some(2));
            assert_eq!(verify(&all[..2], body.as_bytes(), header), None);
            assert_eq!(verify(&[], body.as_bytes(), header), None);
        }
        assert_eq!(
            verify(&all, r#"{"t":"ä😀 a/b"}"#.as_bytes(), VECTORS[1].1),
            None,
            "another spelling is another body"
        );
    }

    #[test]
    fn every_sample_verifies_as_it_lies_and_in_metas_own_spelling() {
        let list: Value = serde_json::from_str(include_str!("fixtures/signatures.json")).unwrap();
        let secret = secrets(&[list["app_secret"].as_str().unwrap()]);
        let files = list["files"].as_array().unwrap();
        assert!(files.len() > 70, "{}", files.len());
        for file in files {
            let name = file["file"].as_str().unwrap();
            let body = std::fs::read(format!("{}/src/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            let wire = wire_form(std::str::from_utf8(&body).unwrap());
            assert_eq!(verify(&secret, &body, file["x_hub_signature_256"].as_str().unwrap()), Some(0), "{name}");
            assert_eq!(
                verify(&secret, wire.as_bytes(), file["wire_form_signature"].as_str().unwrap()),
                Some(0),
                "{name}"
            );
        }
    }

    #[test]
    fn a_header_that_is_no_signature_is_refused() {
        let all = secrets(&["test-app-secret"]);
        let (body, sound) = VECTORS[0];
        for header in [
            "",
            "sha256=",
            "sha256",
            &sound[7..],
            &sound[..sound.len() - 1],
            &format!("{sound}0"),
            &format!(" {sound}"),
            &format!("{sound} "),
            &sound.replace("sha256", "sha1"),
            &sound.replace("sha256", "SHA256"),
            &format!("{sound},{sound}"),
            "sha256=zz82db3abc2fa71a3fffecfedef579a8468a44850cd8a83a0c56974faff81689",
            "sha256=ä",
        ] {
            assert_eq!(verify(&all, body.as_bytes(), header), None, "{header}");
        }
    }

    #[test]
    fn every_bit_counts() {
        let all = secrets(&["test-app-secret"]);
        let (body, sound) = VECTORS[0];
        for at in 0..body.len() * 8 {
            let mut other = body.as_bytes().to_vec();
            other[at / 8] ^= 1 << (at % 8);
            assert_eq!(verify(&all, &other, sound), None, "bit {at}");
        }
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let empty = secrets(&[""]);
        let forged = {
            let mut mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
            mac.update(b"{}");
            format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
        };
        assert_eq!(verify(&empty, b"{}", &forged), None);
        assert_eq!(sign(&empty[0], b"{}"), "");
    }
}
