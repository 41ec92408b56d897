//! How do secrets leave an installation in a text and come into another one? Sealed as stored secrets are, but under a key of
//! their own, which whoever runs both carries apart from the text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::envelope::{self, AssociatedData, Key};
use crate::{Error, Result};

/// What a bundle begins with. The number is that of its format.
const BEGIN: &str = "slipway-bundle-1:";
const LABEL: &str = "bundle";
const PLACE: AssociatedData =
    AssociatedData { table: "bundle", column: "text", row: Uuid::nil(), agency: None, business: None };

/// Seals a value as a text of one line. The key has 64 hexadecimal digits; `Sealed` says what is wrong with it.
pub fn seal(key: &SecretString, plain: Vec<u8>) -> Result<String> {
    let plain = Zeroizing::new(plain);
    let sealed = envelope::seal(&parse(key)?, 0, LABEL, &PLACE, &plain)?;
    Ok(format!("{BEGIN}{}", STANDARD.encode(sealed)))
}

/// Looks whether a key can seal anything, before what is to be sealed is read. `Sealed` says what is wrong with it.
pub fn check(key: &SecretString) -> Result<()> {
    parse(key).map(drop)
}

/// Opens such a text. `Sealed` if it is none, was changed, or was sealed with another key.
pub fn open(key: &SecretString, text: &str) -> Result<Zeroizing<Vec<u8>>> {
    let key = parse(key)?;
    let inner = text.trim().strip_prefix(BEGIN).ok_or_else(|| Error::Sealed("this is no bundle".into()))?;
    let sealed = STANDARD.decode(inner).map_err(|_| Error::Sealed("the bundle is not whole".into()))?;
    if envelope::key_id(&sealed)? != 0 {
        return Err(Error::Sealed("the bundle was changed".into()));
    }
    envelope::open(&key, LABEL, &PLACE, &sealed)
}

fn parse(key: &SecretString) -> Result<Key> {
    let bytes = hex::decode(key.expose_secret().trim()).map(Zeroizing::new).unwrap_or_default();
    let is_random = bytes.iter().any(|byte| Some(byte) != bytes.first());
    let key = Key::new(&bytes).filter(|_| is_random);
    key.ok_or_else(|| Error::Sealed("its key must have 64 random hexadecimal digits".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    const B: &str = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn a_bundle_opens_whole_and_with_its_key_alone() {
        let text = seal(&A.into(), b"a token".to_vec()).unwrap();
        assert!(!text.contains("token") && !text.contains('\n'));
        assert_ne!(text, seal(&A.into(), b"a token".to_vec()).unwrap(), "two bundles share no nonce");
        assert_eq!(open(&A.into(), &format!("{text}\n")).unwrap().as_slice(), b"a token");
        assert!(open(&B.into(), &text).is_err() && check(&B.into()).is_ok());
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(open(&A.into(), &changed).is_err(), "{at}: {changed}");
        }
        for end in 0..text.len() {
            assert!(open(&A.into(), &text[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_key_that_anybody_guesses_is_refused() {
        for key in ["", "hush", &A[2..], &"00".repeat(32), &"ab".repeat(32)] {
            assert!(matches!(seal(&key.to_owned().into(), Vec::new()), Err(Error::Sealed(_))), "{key}");
            assert!(matches!(check(&key.to_owned().into()), Err(Error::Sealed(_))), "{key}");
        }
    }
}
