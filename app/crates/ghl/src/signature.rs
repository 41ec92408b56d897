//! Did HighLevel send a webhook? It signs the bytes of each body with Ed25519 (`X-GHL-Signature: BASE64`, HighLevel API,
//! webhook signatures).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

/// The name of the header, in the spelling of HTTP/2.
pub const HEADER: &str = "x-ghl-signature";

/// HighLevel's own key, as it is published (HighLevel API, webhook signatures).
pub const PUBLISHED: &str = "MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=";

/// The start of an Ed25519 SubjectPublicKeyInfo in DER; the 32 bytes of the key follow it (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The keys of which one must have signed a body. More than one while HighLevel changes its key.
#[derive(Clone, Debug)]
pub struct Keys(Vec<VerifyingKey>);

impl Keys {
    /// Reads keys that are separated by commas, each as PEM, or as Base64 or hex of its 44 bytes with or its 32 bytes without
    /// their header. `None` if one is no key, or a weak one, with which anybody could sign.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        text.split(',').map(key).collect::<Option<_>>().map(Self)
    }

    /// HighLevel's own key alone.
    ///
    /// # Panics
    /// Never: the published key is one.
    #[must_use]
    pub fn published() -> Self {
        Self::read(PUBLISHED).expect("the published key is a key")
    }

    /// Whether one of the keys signed these bytes. False for a header that is not a signature. The body must be the bytes as
    /// they came: another serializer spells them differently.
    #[must_use]
    pub fn verify(&self, body: &[u8], header: &str) -> bool {
        let bytes = STANDARD.decode(header).ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        let Some(signature) = bytes.map(|bytes| Signature::from_bytes(&bytes)) else { return false };
        self.0.iter().any(|key| key.verify_strict(body, &signature).is_ok())
    }

    /// Whether a key is in both.
    #[must_use]
    pub fn shares(&self, other: &Self) -> bool {
        self.0.iter().any(|key| other.0.contains(key))
    }
}

fn key(text: &str) -> Option<VerifyingKey> {
    let bare = text.replace("-----BEGIN PUBLIC KEY-----", "").replace("-----END PUBLIC KEY-----", "");
    let bare: String = bare.chars().filter(|letter| !letter.is_whitespace()).collect();
    let ways = [STANDARD.decode(&bare).ok(), hex::decode(&bare).ok()];
    let raw = ways.into_iter().flatten().find_map(|bytes| {
        let raw = bytes.strip_prefix(&SPKI).unwrap_or(&bytes);
        <[u8; 32]>::try_from(raw).ok()
    })?;
    VerifyingKey::from_bytes(&raw).ok().filter(|key| !key.is_weak())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key for tests, whose signatures nobody trusts.
    const KEY: &str = "MCowBQYDK2VwAyEAE+QGTXQiJarS2htNZHnPE6vD2s7JuwHIcUJLeRq7he0=";
    const BODY: &str = r#"{"type":"INSTALL","appId":"app_TEST0001","versionId":"app_TEST0001","installType":"Location","locationId":"loc_TEST0001","companyId":"cmp_TEST0001","timestamp":"2026-01-01T00:00:00.000Z","webhookId":"00000000-0000-4000-8000-000000000001"}"#;
    const SIGNED: &str = "R74I6HNyuBKzmNQuC5ic5gfCknpdiJLOIZNVnDrkCJvqzZS80zbBK235GOS1NX6aSIUYsB/XcVaZ8QM4mc0UCA==";

    #[test]
    fn one_of_the_keys_must_have_signed() {
        let both = Keys::read(&format!("{PUBLISHED},{KEY}")).unwrap();
        assert!(both.verify(BODY.as_bytes(), SIGNED));
        assert!(Keys::read(KEY).unwrap().verify(BODY.as_bytes(), SIGNED));
        assert!(!Keys::published().verify(BODY.as_bytes(), SIGNED));
        assert!(both.shares(&Keys::read(KEY).unwrap()));
        assert!(!Keys::published().shares(&Keys::read(KEY).unwrap()));
    }

    #[test]
    fn every_bit_counts() {
        let keys = Keys::read(KEY).unwrap();
        for at in 0..BODY.len() * 8 {
            let mut other = BODY.as_bytes().to_vec();
            other[at / 8] ^= 1 << (at % 8);
            assert!(!keys.verify(&other, SIGNED), "bit {at} of the body");
        }
        let signature = STANDARD.decode(SIGNED).unwrap();
        for at in 0..signature.len() * 8 {
            let mut other = signature.clone();
            other[at / 8] ^= 1 << (at % 8);
            assert!(!keys.verify(BODY.as_bytes(), &STANDARD.encode(other)), "bit {at} of the signature");
        }
    }

    #[test]
    fn a_header_that_is_no_signature_is_refused() {
        let keys = Keys::read(KEY).unwrap();
        let long = STANDARD.encode([0; 65]);
        for header in
            ["", "N/A", &SIGNED[..SIGNED.len() - 2], &format!(" {SIGNED}"), &format!("{SIGNED},{SIGNED}"), &long, "ä"]
        {
            assert!(!keys.verify(BODY.as_bytes(), header), "{header}");
        }
    }

    #[test]
    fn a_key_is_read_in_each_of_its_spellings() {
        let raw = STANDARD.decode(PUBLISHED).unwrap()[12..].to_vec();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{PUBLISHED}\n-----END PUBLIC KEY-----\n");
        for text in [PUBLISHED.to_owned(), pem, STANDARD.encode(&raw), hex::encode(&raw)] {
            assert!(Keys::read(&text).is_some_and(|keys| keys.shares(&Keys::published())), "{text}");
        }
        // The last one is a point of small order, for which a signature of everything is known.
        let weak = hex::encode([0; 32]);
        for text in ["", ",", "no key", &PUBLISHED[..20], &format!("{PUBLISHED},"), &weak] {
            assert!(Keys::read(text).is_none(), "{text}");
        }
    }
}
