//! Finds a secret where it should not be: as it is, and in every encoding that a careless line could give it.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A secret to search for.
pub struct Canary {
    /// Its name.
    pub what: &'static str,
    dresses: Vec<String>,
}

impl Canary {
    /// A secret to search for. A short one would be found by chance.
    pub fn new(what: &'static str, secret: &str) -> Self {
        assert!(secret.len() >= 20, "{what} is too short to be looked for");
        let hex = hex::encode(secret);
        let reversed: String = secret.chars().rev().collect();
        let mut dresses = vec![secret.to_owned(), hex.to_uppercase(), hex, reversed];
        if let Ok(bytes) = hex::decode(secret) {
            // The text is itself hexadecimal, so its bytes are encoded as well.
            dresses.extend(in_base64(&bytes));
        }
        dresses.extend(in_base64(secret.as_bytes()));
        dresses.extend([escaped(secret, false), escaped(secret, true)]);
        Self { what, dresses }
    }

    /// Returns true if a text contains the secret in any encoding.
    pub fn is_in(&self, text: &str) -> bool {
        self.dresses.iter().any(|dress| text.contains(dress.as_str()))
    }
}

/// Base64 of the bytes at each of the three offsets that they may have in a longer text, without the ends that
/// neighbouring bytes change.
fn in_base64(bytes: &[u8]) -> Vec<String> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = engine.encode(&padded);
            let inner = text.get(4..text.len() - 3).unwrap_or_default();
            forms.push(inner.to_owned());
        }
    }
    forms
}

/// URL-encoded: every character except letters and digits as `%XX`, or every byte.
fn escaped(secret: &str, every: bool) -> String {
    let mut text = String::new();
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() && !every {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// A place where secrets could end up, with its whole contents.
pub struct Sink {
    /// Its name.
    pub name: String,
    /// Everything in it.
    pub text: String,
}

impl Sink {
    /// A sink with this text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}

/// Every secret that is in any of these sinks, by name.
pub fn found(canaries: &[Canary], sinks: &[Sink]) -> Vec<String> {
    let mut found = Vec::new();
    for sink in sinks {
        found.extend(
            canaries.iter().filter(|one| one.is_in(&sink.text)).map(|one| format!("{} in {}", one.what, sink.name)),
        );
    }
    found
}

#[test]
fn a_secret_is_found_in_every_dress() {
    let secret = "canary+secret/of 2026 & more";
    let canary = Canary::new("it", secret);
    let dressed = [
        secret.to_owned(),
        hex::encode(secret),
        hex::encode_upper(secret),
        STANDARD_NO_PAD.encode(secret),
        STANDARD_NO_PAD.encode(format!("x{secret}y")),
        URL_SAFE_NO_PAD.encode(format!("user:{secret}")),
        serde_urlencoded::to_string([("a", secret)]).unwrap().replace('+', "%20"),
        secret.chars().rev().collect(),
    ];
    for text in dressed {
        assert!(canary.is_in(&format!("before {text} after")), "{text}");
    }
    assert!(!canary.is_in("canary+secret/of 2025 & more"));
    let key = hex::encode([7_u8; 32]);
    assert!(
        Canary::new("key", &key).is_in(&STANDARD_NO_PAD.encode([7_u8; 40])),
        "bytes of a key that is written in hex"
    );
}
