//! One-time secrets: 256 random bits in a link, of which only the hash is stored.

use sha2::{Digest, Sha256};

/// A secret that is shown once and stored as its hash.
pub struct Secret(String);

impl Default for Secret {
    fn default() -> Self {
        Self::new()
    }
}

impl Secret {
    /// Creates a random secret.
    #[must_use]
    pub fn new() -> Self {
        Self(hex::encode(rand::random::<[u8; 32]>()))
    }

    /// The text for the link.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The hash that is stored.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

/// The hash of a secret that somebody presents, to compare with the stored one.
#[must_use]
pub fn hash(shown: &str) -> [u8; 32] {
    Sha256::digest(shown.as_bytes()).into()
}
