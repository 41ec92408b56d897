//! The form in which Meta sends webhooks: compact JSON in ASCII, signed over its very bytes.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// A body as Meta sends it: without spaces, other letters than ASCII as `\u` with lower-case digits, and `/` as `\/`.
pub fn body(value: &Value) -> String {
    let mut wire = String::new();
    // Outside of texts JSON has neither slashes nor other letters, so every one of them may be escaped.
    for c in value.to_string().chars() {
        match c {
            '/' => wire.push_str("\\/"),
            c if c.is_ascii() => wire.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(wire, "\\u{unit:04x}");
                }
            }
        }
    }
    wire
}

/// The value of `X-Hub-Signature-256`.
pub fn signature(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", keyed_digest(secret, body))
}

/// The `appsecret_proof` of a token.
pub fn proof(secret: &str, token: &str) -> String {
    keyed_digest(secret, token.as_bytes())
}

fn keyed_digest(secret: &str, bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length fits");
    mac.update(bytes);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bodies_and_signatures_are_those_of_the_published_vectors() {
        for (value, wire, signed) in [
            (json!({"object": "page", "entry": []}), r#"{"entry":[],"object":"page"}"#, None),
            (
                json!({"t": "ä😀 a/b"}),
                r#"{"t":"\u00e4\ud83d\ude00 a\/b"}"#,
                Some("sha256=dd1703fc4a9d28be2503093ee5729b7fecaeceaa6b8e9b0178364c0d686105a6"),
            ),
        ] {
            assert_eq!(body(&value), wire);
            assert_eq!(serde_json::from_str::<Value>(wire).unwrap(), value);
            if let Some(signed) = signed {
                assert_eq!(signature("test-app-secret", wire.as_bytes()), signed);
            }
        }
        let proof = proof("test-app-secret", "EAAEXAMPLEPAGETOKENA");
        assert_eq!(proof, "15223210b559a8de9db6bef0b09dbcb0d064601a6ef6d7fabec180ebaa5229ff");
        let published = r#"{"object":"page","entry":[]}"#;
        assert_eq!(
            signature("test-app-secret", published.as_bytes()),
            "sha256=1a82db3abc2fa71a3fffecfedef579a8468a44850cd8a83a0c56974faff81689"
        );
    }
}
