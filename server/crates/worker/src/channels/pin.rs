//! Which PIN protects a WhatsApp number? Its first registration sets one, and each later one must give the same. It is
//! derived from the number and the secret of our app, so that none is stored.

use hmac::{Hmac, KeyInit, Mac};
use meta::Meta;
use secrecy::ExposeSecret;
use sha2::Sha256;

/// The six digits of a number.
pub(super) fn of(meta: &Meta, number: &str) -> String {
    let secret = meta.settings().app_secret.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("an HMAC takes a key of any length");
    mac.update(b"whatsapp two-step pin:");
    mac.update(number.as_bytes());
    let digest = mac.finalize().into_bytes();
    let number = digest.iter().take(4).fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
    format!("{:06}", number % 1_000_000)
}
