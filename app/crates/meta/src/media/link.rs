//! From where does Instagram fetch a file of ours? From a public address that we signed and that ends soon, because it takes no
//! uploads (Meta, Instagram: media must be fetchable without a login for at least ten minutes).

use hmac::Mac;
use secrecy::SecretString;

use crate::signature::keyed;

/// How long an address works, in seconds.
pub const LIVES: i64 = 3600;

/// What is signed. No body of a webhook begins so.
fn text(business: &str, file: &str, until: i64) -> String {
    format!("file {business} {file} {until}")
}

/// The signature of an address, in lower-case hexadecimal. `until` is in seconds of the epoch. `None` without a secret.
#[must_use]
pub fn sign_link(secret: &SecretString, business: &str, file: &str, until: i64) -> Option<String> {
    let mac = keyed(secret, text(business, file, until).as_bytes())?;
    Some(hex::encode(mac.finalize().into_bytes()))
}

/// Whether we signed this address and it works at `now`, in seconds of the epoch.
#[must_use]
pub fn is_link(secret: &SecretString, (business, file): (&str, &str), until: i64, signature: &str, now: i64) -> bool {
    let mut given = [0; 32];
    let is_hex = hex::decode_to_slice(signature, &mut given).is_ok();
    let mac = keyed(secret, text(business, file, until).as_bytes());
    is_hex && now <= until && mac.is_some_and(|mac| mac.verify_slice(&given).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_works_for_its_file_and_its_time_alone() {
        let (secret, other) = (SecretString::from("secret"), SecretString::from("other"));
        let signature = sign_link(&secret, "b", "f", 100).unwrap();
        assert!(is_link(&secret, ("b", "f"), 100, &signature, 100));
        for (secret, file, until, given, now) in [
            (&secret, ("b", "f"), 100, signature.as_str(), 101),
            (&secret, ("b", "f"), 101, &signature, 100),
            (&secret, ("b", "g"), 100, &signature, 100),
            (&secret, ("c", "f"), 100, &signature, 100),
            (&other, ("b", "f"), 100, &signature, 100),
            (&secret, ("b", "f"), 100, "", 100),
            (&secret, ("b", "f"), 100, "zz", 100),
        ] {
            assert!(!is_link(secret, file, until, given, now), "{file:?} {until} {given} {now}");
        }
        assert!(sign_link(&SecretString::from(""), "b", "f", 100).is_none(), "everybody knows an empty secret");
    }
}
