//! Normalises e-mail addresses that people type on any keyboard.

use crate::error::{Error, Result};

/// Normalises the email address typed into a field to the form by which accounts are found.
///
/// # Errors
/// When it is not a valid address: an error for the field that says what to write instead.
pub fn email(field: &str, shown: &str) -> Result<String> {
    let email = domain::text::account(shown);
    if !email.is_ascii() {
        let text = "Write the address in plain letters, without accents.";
        return Err(Error::field(field, text));
    }
    if domain::provisioning::is_email(&email) {
        Ok(email)
    } else {
        Err(Error::field(field, "Enter an address like ana@example.com."))
    }
}

#[cfg(test)]
mod tests {
    use super::email;

    #[test]
    fn an_address_is_written_in_plain_letters() {
        for typed in [" Ana@Example.COM ", "\u{ff21}na@\u{ff45}xample.com", "ana\u{200b}@example.com"] {
            assert_eq!(email("email", typed).unwrap(), "ana@example.com");
        }
        for bad in ["an\u{e4}@example.com", "ana@ex\u{e4}mple.com", "ana", ""] {
            assert!(email("email", bad).is_err(), "{bad}");
        }
    }
}
