//! Normalises codes and e-mail addresses that people type on any keyboard.

use crate::error::{Error, Result};

/// Normalises a code to its ASCII digits and letters, in lower case, and drops everything between them. Keyboards
/// for Asian languages and Arabic write digits of their own, which become ASCII digits.
#[must_use]
pub fn code(shown: &str) -> String {
    let plain = domain::text::number(shown);
    plain.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

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
        Err(Error::field(field, "Give an address like ana@example.com."))
    }
}

#[cfg(test)]
mod tests {
    use super::{code, email};

    #[test]
    fn a_code_is_its_digits_and_letters_in_plain_form() {
        for shown in [
            "123456",
            " 123 456 ",
            "\u{ff11}\u{ff12}\u{ff13}\u{ff14}\u{ff15}\u{ff16}",
            "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}",
            "\u{6f1}\u{6f2}\u{6f3}\u{6f4}\u{6f5}\u{6f6}",
            "123\u{200b}-456",
        ] {
            assert_eq!(code(shown), "123456", "{shown:?}");
        }
        assert_eq!(code("ABCD-\u{ff25}FGH"), "abcdefgh");
        assert_eq!(code("\u{1f600}"), "");
    }

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
