//! Creates ids and secrets, and computes the digests that secrets are stored as.

use sha2::{Digest, Sha256};

/// The digest under which a token, a code or a refresh token is stored.
pub fn digest(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789xy";

/// A new id in HighLevel's style: letters and digits, case-sensitive.
pub fn new_id(length: usize) -> String {
    (0..length).map(|_| char::from(ALPHABET[usize::from(rand::random::<u8>() & 63)])).collect()
}

/// A new random UUID.
pub fn new_uuid() -> String {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid().to_string()
}

/// A new authorization code: 40 hexadecimal digits.
pub fn new_code() -> String {
    rand::random::<[u8; 20]>().iter().map(|byte| format!("{byte:02x}")).collect()
}
