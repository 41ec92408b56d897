//! The master keys: one wraps new data keys, any number of older ones only open existing data keys. They come from the
//! environment or a file, never from the database or the command line.

use std::fmt;

use domain::AgencyId;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::envelope::{self, AssociatedData, Key};
use crate::{Error, Result};

const KNOWN: &[u8] = b"slipway: this key is the right one";

/// The master keys with their names. The first one wraps new data keys.
#[derive(Clone)]
pub struct Keyring(Vec<(String, Key)>);

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.ids().collect();
        write!(f, "Keyring({names:?}, [redacted])")
    }
}

impl Keyring {
    /// Parses `hex` (named "1") or `name:hex,name:hex`. The first key is the one that wraps. The error says what
    /// is wrong without showing any of the text.
    pub fn parse(text: &SecretString) -> std::result::Result<Self, String> {
        let mut keys: Vec<(String, Key)> = Vec::new();
        for part in text.expose_secret().split(',').map(str::trim) {
            let (name, digits) = part.split_once(':').unwrap_or(("1", part));
            let number = keys.len() + 1;
            if name.is_empty()
                || name.len() > 32
                || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            {
                return Err(format!("the name of key {number} must be 1 to 32 letters, digits, - or _"));
            }
            let bytes = hex::decode(digits)
                .map(zeroize::Zeroizing::new)
                .map_err(|_| format!("key {number} is not hexadecimal"))?;
            let key =
                Key::new(&bytes).ok_or_else(|| format!("key {number} must have 64 hexadecimal digits (32 bytes)"))?;
            if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
                return Err(format!("key {number} is not random"));
            }
            if keys.iter().any(|(other, _)| other == name) {
                return Err(format!("two keys are called \"{name}\""));
            }
            keys.push((name.to_owned(), key));
        }
        Ok(Self(keys))
    }

    pub(super) fn primary(&self) -> &str {
        self.0.first().map_or("", |(name, _)| name)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.ids().any(|name| name == id)
    }

    fn key(&self, id: &str) -> Result<&Key> {
        let found = self.0.iter().find(|(name, _)| name == id);
        found.map(|(_, key)| key).ok_or_else(|| Error::Sealed(format!("ENCRYPTION_KEY lacks the key \"{id}\"")))
    }

    /// Wraps a data key under the first master key.
    pub(super) fn wrap(&self, row: Uuid, agency: Option<AgencyId>, data_key: &Key) -> Result<Vec<u8>> {
        let id = self.primary();
        envelope::seal(self.key(id)?, 0, id, &wrapped(row, agency), data_key.bytes())
    }

    /// Opens a data key that was wrapped by the named master key.
    pub(super) fn unwrap(&self, row: Uuid, agency: Option<AgencyId>, id: &str, sealed: &[u8]) -> Result<Key> {
        // Master keys have names, so the key number in the envelope has no meaning. It must still be 0, so that no
        // byte of it can be changed unnoticed.
        if envelope::key_id(sealed)? != 0 {
            return Err(Error::Sealed("a wrapped data key was changed".into()));
        }
        let bytes = envelope::open(self.key(id)?, id, &wrapped(row, agency), sealed)?;
        Key::new(&bytes).ok_or_else(|| Error::Sealed("a data key has the wrong length".into()))
    }

    pub(super) fn known_value(&self, id: &str) -> Result<Vec<u8>> {
        envelope::seal(self.key(id)?, 0, id, &known(), KNOWN)
    }

    pub(super) fn check_known_value(&self, id: &str, sealed: &[u8]) -> Result<()> {
        envelope::open(self.key(id)?, id, &known(), sealed).map(drop).map_err(|_| {
            Error::Sealed(format!("the key \"{id}\" in ENCRYPTION_KEY is not the one this database was sealed with"))
        })
    }
}

const fn wrapped(row: Uuid, agency: Option<AgencyId>) -> AssociatedData {
    AssociatedData { table: "data_keys", column: "wrapped", row, agency, business: None }
}

const fn known() -> AssociatedData {
    AssociatedData { table: "platform_settings", column: "value", row: Uuid::nil(), agency: None, business: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn both_forms_are_read_and_nothing_is_printed() {
        let one = Keyring::parse(&A.into()).expect("bare");
        assert_eq!(one.primary(), "1");
        let two = Keyring::parse(&format!("new:{A}, 1:{A}").into()).expect("named");
        assert_eq!((two.primary(), two.has("1"), two.has("old")), ("new", true, false));
        assert!(!format!("{two:?}").contains("0011"));
    }

    #[test]
    fn a_bad_ring_says_why() {
        let bad = ["", "xyz", "a:00", &A[2..], &format!("a:{A},a:{A}"), &format!(":{A}"), &"00".repeat(32)];
        for text in bad {
            assert!(Keyring::parse(&text.to_owned().into()).is_err(), "{text}");
        }
    }
}
