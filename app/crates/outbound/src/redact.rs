//! Removes secrets and personal addresses from a text before it is logged or stored in an error. It masks too much
//! rather than too little, so a text that must stay exact does not belong in a log.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// Patterns and their replacements. The order matters: rules for long secrets come before rules for the shapes
/// inside them. A secret may directly follow the last letter of an escape such as `%22` or `\n`, so no rule for a
/// secret relies on a word boundary alone.
static RULES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let rule = |pattern, with| (Regex::new(pattern).expect("the pattern is constant and tested"), with);
    vec![
        rule(r"(?i)(bearer|basic)(\s|%(?:25)*20|\+)+[A-Za-z0-9._~+/=%-]{4,}", "$1 [redacted]"),
        // A JWT: three parts of base64url, the first of which begins with `{"`.
        rule(r"(\b|%(?:25)*[0-9A-Fa-f]{2}|\\[nrt])eyJ[A-Za-z0-9_-]{6,}(\.[A-Za-z0-9_-]*){0,2}", "$1[token]"),
        rule(r"(?i)pit-[0-9a-f-]{8,}", "[token]"),
        rule(r"slw_[A-Za-z0-9_-]{6,}", "[token]"),
        rule(r"whsec_[A-Za-z0-9+/=_-]{6,}", "[token]"),
        // Meta's tokens: of Facebook Login, of Instagram Login and of the older Instagram API. Ids of messages hold the
        // same letters in their middle.
        rule(r"(\b|%(?:25)*[0-9A-Fa-f]{2}|\\[nrt])(?:EAA|IGAA|IGQ)[A-Za-z0-9_-]{20,}", "$1[token]"),
        // A field, recognized by its name. Its quotes and its separator may be escaped. A value without plain
        // quotes ends where the field must end.
        rule(
            r#"(?i)((?:\b|%(?:25)*[0-9a-f]{2}|\\[nrt])(?:access_?token|refresh_?token|client_?secret|app_?secret|api_?key|auth_?token|password|passwd|secret|code|state|code_verifier)(?:\\*"|%(?:25)*22)?(?:\s|%(?:25)*20|\+)*(?:=|:|%(?:25)*3[ad])(?:\s|%(?:25)*20|\+)*)("(?:[^"\\]|\\.)*"|\\+"[^"]*"?|[^\s&,;}"']+)"#,
            "$1[redacted]",
        ),
        rule(r"(?i)(://[^/\s:@]*:)[^/\s@]+@", "$1[redacted]@"),
        rule(r"(?i)[A-Z0-9._+-](?:[A-Z0-9._+-]|%2B)*(?:@|%40)[A-Z0-9-]+(?:\.[A-Z0-9-]+)+", "[email]"),
        rule(r"(?:\+|%2B)[0-9](?:[ ().-]{0,2}[0-9]){7,14}\b", "[phone]"),
        rule(r"\(?\b[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}\b", "[phone]"),
    ]
});

/// Returns `text` with bearer tokens, private integration tokens, JWTs, our own API tokens, secret fields, e-mail
/// addresses and phone numbers masked.
pub fn redact(text: &str) -> String {
    let mut clean = Cow::Borrowed(text);
    for (pattern, with) in RULES.iter() {
        if let Cow::Owned(masked) = pattern.replace_all(&clean, *with) {
            clean = Cow::Owned(masked);
        }
    }
    clean.into_owned()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use rand::rngs::StdRng;
    use rand::seq::IndexedRandom;
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// What may stand next to a secret. This includes letters and digits, because nothing guarantees a space.
    const AROUND: &[char; 18] =
        &['a', 'Z', '7', 'é', '日', ' ', '\n', '\t', '"', '\'', ':', ',', ';', '/', '&', '{', '<', '\\'];
    const TOKEN: &[u8; 66] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-~";

    fn around(rng: &mut StdRng) -> String {
        let length = rng.random_range(0..40);
        (0..length).filter_map(|_| AROUND.choose(rng)).collect()
    }

    fn letters(rng: &mut StdRng, from: &[u8], length: usize) -> String {
        (0..length).filter_map(|_| from.choose(rng).map(|byte| char::from(*byte))).collect()
    }

    fn percent(text: &str) -> String {
        text.bytes().fold(String::new(), |mut dress, byte| {
            let _ = match byte {
                b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                    write!(dress, "{}", char::from(byte))
                }
                _ => write!(dress, "%{byte:02X}"),
            };
            dress
        })
    }

    /// The text in each form in which it may reach a log: plain, form-encoded, percent-encoded twice,
    /// percent-encoded once, as a JSON string, and as a JSON string inside a JSON string.
    fn encodings(text: &str) -> [String; 6] {
        let json = |text: &str| serde_json::Value::from(text).to_string();
        let address = percent(text);
        [text.to_owned(), address.replace("%20", "+"), percent(&address), address, json(text), json(&json(text))]
    }

    #[test]
    fn bearer_and_private_tokens_are_masked_at_any_place_in_any_dress() {
        for seed in 0..300 {
            let rng = &mut StdRng::seed_from_u64(seed);
            let word = ["Bearer", "bearer", "BEARER"].choose(rng).copied().unwrap_or_default();
            let length = rng.random_range(16..80);
            let token = letters(rng, TOKEN, length);
            let parts = [8, 4, 4, 4, 12].map(|length| letters(rng, b"0123456789abcdef", length));
            let private = format!("pit-{}", parts.join("-"));
            let texts = [
                (format!("{}{word} {token}{}", around(rng), around(rng)), &token[token.len() - 8..]),
                (format!("{}{private}{}", around(rng), around(rng)), parts[4].as_str()),
            ];
            for (text, secret) in texts {
                for dress in encodings(&text) {
                    let clean = redact(&dress);
                    assert!(!clean.contains(secret), "{seed}: {dress} → {clean}");
                }
            }
        }
    }

    #[test]
    fn tokens_of_meta_are_masked_after_a_space_in_any_dress() {
        for seed in 0..200 {
            let rng = &mut StdRng::seed_from_u64(seed);
            let start = ["EAA", "EAAG", "IGAA", "IGQVJ"].choose(rng).copied().unwrap_or_default();
            let length = rng.random_range(40..200);
            let token = format!("{start}{}", letters(rng, &TOKEN[..62], length));
            let text = format!("{} {token}{}", around(rng), around(rng));
            for dress in encodings(&text) {
                let clean = redact(&dress);
                assert!(!clean.contains(&token[token.len() - 8..]), "{seed}: {dress} → {clean}");
            }
        }
    }

    #[test]
    fn the_fields_of_secrets_are_masked_in_any_dress() {
        for seed in 0..200 {
            let rng = &mut StdRng::seed_from_u64(seed);
            let names = ["access_token", "refresh_token", "client_secret", "password", "code"];
            let name = names.choose(rng).copied().unwrap_or_default();
            let value = letters(rng, &TOKEN[..62], 24);
            let json = serde_json::json!({ "scope": "x", name: value, "expires_in": 1 });
            for text in [json.to_string(), format!("{json:#}"), format!("scope=x&{name}={value}&expires_in=1")] {
                for dress in encodings(&text) {
                    let clean = redact(&dress);
                    assert!(!clean.contains(&value[16..]), "{seed}: {dress} → {clean}");
                }
            }
        }
    }

    #[test]
    fn what_an_escape_precedes_is_masked_as_well() {
        let known = ["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "slw_9fKq2Lx0Vb7", "EAAabcdefghij0123456789xyz"];
        for secret in known.into_iter().chain(["IGAAabcdefghij0123456789xyz", "IGQVJabcdefghij0123456789xyz"]) {
            for before in ["%22", "%2522", "%3D", "\\n", "\\t", "\"", "="] {
                let clean = redact(&format!("head{before}{secret}"));
                assert_eq!(clean, format!("head{before}[token]"));
            }
        }
    }

    #[test]
    fn secrets_are_masked_in_every_dress() {
        let cases = [
            ("Authorization: Bearer abc.DEF-123", "abc.DEF"),
            ("authorization=bearer%20abcdef123456", "abcdef"),
            ("token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln failed", "eyJ"),
            ("used pit-0b9c2f4e-1111-4222-8333-444455556666 here", "0b9c2f4e"),
            ("slw_9fKq2Lx0Vb7 refused", "9fKq2Lx0Vb7"),
            (r#"{"access_token":"opaque-value","refresh_token": "other"}"#, "opaque-value"),
            (r#"{"access_token":"opaque","refresh_token": "oth\"er-value"}"#, "er-value"),
            ("client_id=65f-abc&client_secret=11111111-2222&grant_type=x", "11111111"),
            ("GET /callback?code=7676cjcbdc6t76cdcb&state=zzz", "7676cjcb"),
            (r#""password":"Str0ng-Passw0rd!""#, "Str0ng"),
            ("refreshToken: abcdef", "abcdef"),
            ("postgres://slipway:hunter2@localhost/db", "hunter2"),
            ("mail to john.deo+x@example.com now", "deo"),
            ("email=john.deo%40example.com&x=1", "deo"),
            ("call +1 410-039-9400 back", "039"),
            ("call +14100399400", "4100"),
            ("call (410) 039-9400", "039"),
        ];
        for (text, secret) in cases {
            let clean = redact(text);
            assert!(!clean.contains(secret), "{text} → {clean}");
            assert_ne!(clean, text);
        }
    }

    #[test]
    fn what_helps_to_understand_stays() {
        for text in [
            "POST /locations/ answered 422 in 2026-01-05T10:00:00+00:00",
            "location ve9EPM428h8vShlRW1KT of company UAXssdawIWAWD",
            "job 018f3a5e-7c1b-7def-8123-456789abcdef waits 10000 ms",
            "property X should not exist",
            "The token is not authorized for this scope.",
            "trace 8cf33664-9f4f-4392-adf6-71b8bed2592a",
        ] {
            assert_eq!(redact(text), text);
        }
        assert_eq!(redact("client_secret=abc&grant_type=code"), "client_secret=[redacted]&grant_type=code");
    }
}
