//! How is a phone number verified, registered with its PIN, and released? Each step may be repeated alone.

use serde_json::json;

use crate::client::{Call, Meta, Parts, Result, json as body};
use crate::error::Error;
use crate::ops::{DEREGISTER, Op, REGISTER, REQUEST_CODE, SET_PIN, VERIFY_CODE};

/// How a verification code reaches the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeMethod {
    /// A text message.
    Sms,
    /// A call.
    Voice,
}

/// Registers a number with its six-digit PIN. The first registration sets the PIN; later ones must repeat it. A number
/// that stays in use in the phone's own app is never registered.
///
/// # Errors
/// `Kind::Registration` if Meta refuses it, `Kind::Invalid` if the PIN is not six digits.
pub async fn register(meta: &Meta, call: Call<'_>, number: &str, pin: &str) -> Result<()> {
    check_pin(&REGISTER, pin)?;
    let value = json!({"messaging_product": "whatsapp", "pin": pin});
    meta.act(&REGISTER, call, Parts { ids: &[number], body: body(&REGISTER, &value)?, ..Parts::default() }).await
}

/// Ends the registration of a number.
///
/// # Errors
/// As of any call.
pub async fn deregister(meta: &Meta, call: Call<'_>, number: &str) -> Result<()> {
    let value = json!({"messaging_product": "whatsapp"});
    meta.act(&DEREGISTER, call, Parts { ids: &[number], body: body(&DEREGISTER, &value)?, ..Parts::default() }).await
}

/// Changes the PIN.
///
/// # Errors
/// As of any call, `Kind::Invalid` if the PIN is not six digits.
pub async fn set_pin(meta: &Meta, call: Call<'_>, number: &str, pin: &str) -> Result<()> {
    check_pin(&SET_PIN, pin)?;
    let parts = Parts { ids: &[number], body: body(&SET_PIN, &json!({"pin": pin}))?, ..Parts::default() };
    meta.act(&SET_PIN, call, parts).await
}

/// Has a verification code sent to the number. `language` is a locale such as `en_US`.
///
/// # Errors
/// As of any call.
pub async fn request_code(meta: &Meta, call: Call<'_>, number: &str, method: CodeMethod, language: &str) -> Result<()> {
    let method = match method {
        CodeMethod::Sms => "SMS",
        CodeMethod::Voice => "VOICE",
    };
    let value = json!({"code_method": method, "language": language});
    let parts = Parts { ids: &[number], body: body(&REQUEST_CODE, &value)?, ..Parts::default() };
    meta.act(&REQUEST_CODE, call, parts).await
}

/// Verifies the number with the code that it received.
///
/// # Errors
/// As of any call.
pub async fn verify_code(meta: &Meta, call: Call<'_>, number: &str, code: &str) -> Result<()> {
    let parts = Parts { ids: &[number], body: body(&VERIFY_CODE, &json!({"code": code}))?, ..Parts::default() };
    meta.act(&VERIFY_CODE, call, parts).await
}

fn check_pin(op: &'static Op, pin: &str) -> Result<()> {
    let fits = pin.len() == 6 && pin.bytes().all(|digit| digit.is_ascii_digit());
    if fits { Ok(()) } else { Err(Error::unfit(op, "the PIN must have exactly six digits")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_exactly_six_digits() {
        assert!(check_pin(&REGISTER, "012345").is_ok());
        for pin in ["", "12345", "1234567", "12345a", "12 456", "１２３４５６"] {
            assert!(check_pin(&REGISTER, pin).is_err(), "{pin}");
        }
    }
}
